"""Transfer function of fitscut, against its formula in docs/reference/contracts/previews.md; and our own colours."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, sampled_from

from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.image.colour import dark_skies, to_colour
from caldp.adapters.previews.image.stretch import Limits, autoscale, to_grey
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.output.looks import FITSCUT_LOOK, FITSCUT_STRETCH, LOOK
from tests.support.sky import starfield


def limits_of(*blocks: Pixels) -> Limits:
    return autoscale(partial(iter, blocks), FITSCUT_STRETCH)


@given(
    arrays(np.float32, (6, 7), elements=floats(width=32, allow_nan=True, allow_infinity=False)),
    sampled_from([0.0, 1.0, -5.5]),
)
def test_any_image_has_limits_or_a_reason(pixels: Pixels, sky: float) -> None:
    pixels[1:] = sky  # few pixels stand out of many equal ones
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            limits = limits_of(pixels)
        except NothingToDraw:
            assert not pixels[~np.isnan(pixels)].any()
            return
        grey = to_grey(pixels, limits, FITSCUT_STRETCH)
    assert np.isfinite([limits.low, limits.high]).all()
    assert limits.low < limits.high
    assert grey.shape == pixels.shape


def test_limits_leave_out_half_a_per_cent_at_either_end() -> None:
    pixels = np.random.default_rng(1).exponential(1.0, (400, 500)).astype(np.float32)
    limits = limits_of(pixels)
    bin_width = float(pixels.max() - pixels.min()) / 49_999
    assert limits.low == pytest.approx(np.percentile(pixels, 0.5), abs=2 * bin_width)
    assert limits.high == pytest.approx(np.percentile(pixels, 99.5), abs=2 * bin_width)


def test_noise_does_not_fill_the_range() -> None:
    pixels = np.random.default_rng(2).normal(10.0, 1.0, (400, 500)).astype(np.float32)
    limits = limits_of(pixels)
    assert limits.high == pytest.approx(10 + 5 * (10 - limits.low), rel=0.01)


def test_blocks_add_up_to_the_whole() -> None:
    pixels = starfield(100, 90)
    assert limits_of(pixels) == limits_of(pixels[:33], pixels[33:34], pixels[34:])


def test_a_wild_outlier_does_not_squeeze_the_image_into_a_few_bins() -> None:
    pixels = starfield(200, 200)
    expected = limits_of(pixels)
    pixels[17, 23] = 1e12
    limits = limits_of(pixels)
    assert limits.low == pytest.approx(expected.low, rel=0.02)
    assert limits.high == pytest.approx(expected.high, rel=0.02)


def test_blank_pixels_do_not_count() -> None:
    pixels = starfield(100, 100)
    framed = np.full((300, 300), np.nan, dtype=np.float32)
    framed[100:200, 100:200] = pixels
    assert limits_of(framed) == limits_of(pixels)


def test_single_photons_in_the_dark_can_be_seen() -> None:
    pixels = np.zeros((500, 500), dtype=np.float32)
    pixels[::50, ::50] = 1
    pixels[250, 250] = 40
    grey = to_grey(pixels, limits_of(pixels), FITSCUT_STRETCH)
    assert grey[1, 1] == 0
    assert grey[50, 50] > 100
    assert grey[250, 250] == 255


@pytest.mark.parametrize("value", [-7.5, 1e-35, 3e37])
def test_a_constant_image_is_as_grey_as_an_empty_sky(value: float) -> None:
    pixels = np.full((20, 30), value, dtype=np.float32)
    assert np.unique(to_grey(pixels, limits_of(pixels), FITSCUT_STRETCH)).tolist() == [58]


def test_so_is_one_with_a_few_dark_spots() -> None:
    pixels = np.full((100, 100), 5.0, dtype=np.float32)
    pixels[50, 50] = 0
    grey = to_grey(pixels, limits_of(pixels), FITSCUT_STRETCH)
    assert (grey[0, 0], grey[50, 50]) == (58, 0)


@pytest.mark.parametrize(("value", "reason"), [(np.nan, "no pixel has data"), (0.0, "all pixels are zero")])
def test_what_cannot_be_drawn_says_why(value: float, reason: str) -> None:
    with pytest.raises(NothingToDraw, match=reason):
        limits_of(np.full((20, 30), value, dtype=np.float32))


def test_grey_is_the_formula_of_the_contract() -> None:
    values = np.linspace(-3, 12, 10_000, dtype=np.float32).reshape(100, 100)
    low, high = 1.0, 5.0
    t = (values.astype(np.float64) - low) / (high - low)
    expected = np.clip(np.trunc(255 * np.minimum(np.arcsinh(3 * t) / 3, 1) / 0.7), 0, 255)
    grey = to_grey(values, Limits(low, high), FITSCUT_STRETCH)
    assert np.abs(grey - expected).max() <= 1
    assert np.mean(grey != expected) < 0.02


def test_blank_pixels_are_black() -> None:
    assert to_grey(np.array([[np.nan, 3.0]], dtype=np.float32), Limits(1, 2), FITSCUT_STRETCH).tolist() == [[0, 255]]


def test_brightness_does_not_change_a_colour() -> None:
    limits = Limits(0, 1)
    faint = [np.full((1, 1), value, dtype=np.float32) for value in (0.04, 0.06, 0.08)]
    bright = [4 * pixels for pixels in faint]
    ratios = [
        to_colour(channels, [limits] * 3, FITSCUT_LOOK.colour)[0, 0, :3] / channels[2][0, 0]
        for channels in (faint, bright)
    ]
    for dim, light in zip(*(ratio / ratio[0] for ratio in ratios), strict=True):
        assert dim == pytest.approx(light, abs=0.05)


def test_blue_green_and_red_go_where_they_belong() -> None:
    lit, dark = (np.full((1, 1), value, dtype=np.float32) for value in (0.5, 0.0))
    colours = [
        to_colour(channels, [Limits(0, 1)] * 3, FITSCUT_LOOK.colour)[0, 0, :3].tolist()
        for channels in ((dark, dark, lit), (dark, lit, dark), (lit, dark, dark))
    ]
    assert [[value > 0 for value in colour] for colour in colours] == np.eye(3, dtype=bool).tolist()


def test_of_two_images_green_is_the_mean() -> None:
    blue, red = (np.full((1, 1), value, dtype=np.float32) for value in (0.1, 0.3))
    seen = to_colour((blue, red), [Limits(0, 1)] * 2, FITSCUT_LOOK.colour)[0, 0].tolist()
    assert seen[1] == (seen[0] + seen[2]) // 2
    assert seen[0] > seen[1] > seen[2] > 0


def pixel(*values: float) -> list[Pixels]:
    """Return images of one pixel, from blue to red."""
    return [np.full((1, 1), value, dtype=np.float32) for value in values]


def colour_of(*values: float) -> list[int]:
    limits = [Limits(0, 1)] * len(values)
    return [int(level) for level in to_colour(pixel(*values), limits, LOOK.colour)[0, 0, :3]]


def test_a_nucleus_keeps_its_hue_however_bright_it_is() -> None:
    for factor in (1, 10, 40):
        red, green, blue = colour_of(0.1 * factor, 0.2 * factor, 0.4 * factor)
        assert (red / green, green / blue) == pytest.approx((2, 2), rel=0.15)


def test_where_a_filter_has_no_data_the_picture_is_grey() -> None:
    red, green, blue = colour_of(np.nan, 0.2, 0.4)
    assert red == green == blue > 0
    assert colour_of(np.nan, np.nan, np.nan) == [0, 0, 0]
    assert len(set(colour_of(np.nan, 0.2))) == 1


def test_an_infinite_pixel_is_white() -> None:
    assert min(colour_of(np.inf, np.inf, np.inf)) > 250


def test_skies_of_all_channels_are_black_whatever_their_levels() -> None:
    random = np.random.default_rng(1)
    skies = [random.normal(level, noise, (200, 200)).astype(np.float32) for level, noise in ((1, 0.1), (50, 3), (9, 1))]
    limits = [dark_skies(limits_of(sky)) for sky in skies]
    colours = to_colour(skies, limits, LOOK.colour)[..., :3]
    assert np.median(colours, axis=(0, 1)).tolist() == [0, 0, 0]
    means = colours.mean(axis=(0, 1))
    assert means.max() - means.min() < 2
