"""Images as frames of pixels: chips stitched, gaps closed, whatever the file looks like."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from caldp.adapters.previews.image import frame as frame_module
from caldp.adapters.previews.image import repair
from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.image.frame import open_frame
from caldp.adapters.previews.image.repair import WIDEST_GAP
from caldp.adapters.previews.tools import NothingToDraw
from tests.support.sky import starfield, write_image

HOT, SATURATED, COSMIC_RAY = 16, 256, 8192


SBC = {"DETECTOR": "SBC"}


def pixels_of(path: Path, multiple: int = 1, smoothing: float = 0.0) -> Pixels:
    with open_frame(path, smoothing) as frame:
        blocks = list(frame.blocks(multiple))
        assert sum(len(block) for block in blocks) == frame.shape[0]
        assert all(len(block) % multiple == 0 for block in blocks[:-1])
        return np.concatenate(blocks)


def test_two_chips_make_one_frame_with_chip_1_above(tmp_path: Path) -> None:
    lower, upper = starfield(20, 40, seed=1), starfield(20, 40, seed=2)
    path = write_image(tmp_path / "j.fits", {"SCI": lower}, {"SCI": upper}, CCDCHIP=(2, 1))
    assert np.array_equal(pixels_of(path), np.concatenate([lower, upper]))


def test_chips_are_stitched_by_number_not_by_place_in_the_file(tmp_path: Path) -> None:
    lower, upper = starfield(20, 40, seed=1), starfield(22, 40, seed=2)
    path = write_image(tmp_path / "j.fits", {"SCI": upper}, {"SCI": lower}, CCDCHIP=(1, 2))
    assert np.array_equal(pixels_of(path), np.concatenate([lower, upper]))


def test_a_subarray_is_one_chip(tmp_path: Path) -> None:
    image = starfield(30, 20)
    path = write_image(tmp_path / "j.fits", {"SCI": image, "DQ": np.zeros((30, 20), np.int16)}, CCDCHIP=2)
    assert np.array_equal(pixels_of(path), image)


def test_of_a_ramp_the_last_read_is_drawn_which_comes_first(tmp_path: Path) -> None:
    reads = [starfield(16, 16, seed=seed) for seed in (3, 2, 1)]
    path = write_image(tmp_path / "i.fits", *({"SCI": read} for read in reads), CCDCHIP=1)
    assert np.array_equal(pixels_of(path), reads[0])


def test_an_image_in_the_primary_hdu_is_found(tmp_path: Path) -> None:
    from astropy.io import fits

    image = starfield(16, 16)
    fits.PrimaryHDU(image).writeto(tmp_path / "x.fits")
    assert np.array_equal(pixels_of(tmp_path / "x.fits"), image)


def test_of_a_cube_the_first_plane_is_drawn(tmp_path: Path) -> None:
    cube = np.stack([starfield(16, 16, seed=seed) for seed in (1, 2)])
    assert np.array_equal(pixels_of(write_image(tmp_path / "x.fits", {"SCI": cube})), cube[0])


def test_unsigned_raw_counts_are_read_as_they_are(tmp_path: Path) -> None:
    counts = np.arange(65_000, 65_000 + 256, dtype=np.uint16).reshape(16, 16)
    assert pixels_of(write_image(tmp_path / "j_raw.fits", {"SCI": counts})).tolist() == counts.tolist()


def test_compressed_files_are_read(tmp_path: Path) -> None:
    image = starfield(16, 16)
    assert np.array_equal(pixels_of(write_image(tmp_path / "j_flt.fits.gz", {"SCI": image})), image)


def test_a_file_of_tables_holds_nothing_to_draw(tmp_path: Path) -> None:
    from astropy.io import fits

    table = fits.BinTableHDU.from_columns([fits.Column("MEMNAME", "9A", array=["J8CB01U2Q"])])
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "j_asn.fits")
    with pytest.raises(NothingToDraw, match="no image"):
        pixels_of(tmp_path / "j_asn.fits")


def test_a_hot_pixel_is_repaired_from_its_neighbours(tmp_path: Path) -> None:
    image, flags = np.full((9, 9), 5, np.float32), np.zeros((9, 9), np.int16)
    image[4, 4], flags[4, 4] = 1000, HOT
    assert np.unique(pixels_of(write_image(tmp_path / "j.fits", {"SCI": image, "DQ": flags}))).tolist() == [5]


def test_a_saturated_star_stays_bright(tmp_path: Path) -> None:
    image, flags = np.full((9, 9), 5, np.float32), np.zeros((9, 9), np.int16)
    image[4, 4], flags[4, 4] = 80_000, SATURATED
    assert pixels_of(write_image(tmp_path / "j.fits", {"SCI": image, "DQ": flags}))[4, 4] == 80_000


def test_a_flagged_area_too_wide_to_be_closed_is_shown(tmp_path: Path) -> None:
    image = starfield(60, 60)
    flags = np.zeros((60, 60), np.int16)
    flags[10:40, 10:40] = HOT
    assert np.array_equal(pixels_of(write_image(tmp_path / "j.fits", {"SCI": image, "DQ": flags})), image)


def test_a_cosmic_ray_is_repaired_but_a_star_that_was_taken_for_one_is_not(tmp_path: Path) -> None:
    image, flags = np.full((60, 60), 5, np.float32), np.zeros((60, 60), np.int16)
    ray, star = np.s_[10, 20:40], np.s_[40:48, 20:28]
    for hit in (ray, star):
        image[hit], flags[hit] = 1000, COSMIC_RAY
    pixels = pixels_of(write_image(tmp_path / "i_flt.fits", {"SCI": image, "DQ": flags}))
    assert np.unique(pixels[ray]).tolist() == [5]
    assert np.unique(pixels[star]).tolist() == [1000]


def test_pixels_below_the_good_range_are_repaired(tmp_path: Path) -> None:
    image = np.full((9, 9), 5, np.float32)
    image[3, :] = -6000
    path = write_image(tmp_path / "i_ima.fits", {"SCI": image}, GOODMIN=-105.0, GOODMAX=700.0)
    assert np.unique(pixels_of(path)).tolist() == [5]


def star(flagged: int, *, width: float = 1.2) -> tuple[Pixels, NDArray[np.int16]]:
    """Make a star in noise, whose core of so many pixels is flagged as a cosmic ray."""
    y, x = np.mgrid[:60, :60] - 30
    sky = np.random.default_rng(1).normal(20, 2, (60, 60)) + 5000 * np.exp(-(y**2 + x**2) / (2 * width**2))
    flags = np.zeros((60, 60), np.int16)
    flags[30 - flagged // 2 : 31 + flagged // 2, 30 - flagged // 2 : 31 + flagged // 2] = COSMIC_RAY
    return sky.astype(np.float32), flags


@pytest.mark.parametrize("flagged", [1, 3])
@pytest.mark.parametrize("flag", [COSMIC_RAY, HOT, HOT | SATURATED])
def test_the_core_of_a_star_is_not_dimmed_by_a_wrong_flag(tmp_path: Path, flagged: int, flag: int) -> None:
    image, flags = star(flagged)
    flags[flags > 0] = flag
    pixels = pixels_of(write_image(tmp_path / "j_flt.fits", {"SCI": image, "DQ": flags}))
    assert np.array_equal(pixels, image)


def test_a_cosmic_ray_in_front_of_a_galaxy_is_repaired(tmp_path: Path) -> None:
    y, x = np.mgrid[:60, :60] - 30
    galaxy = (20 + 200 * np.exp(-np.hypot(y, x) / 8)).astype(np.float32)
    image, flags = galaxy.copy(), np.zeros((60, 60), np.int16)
    image[35, 20:34], flags[35, 20:34] = 9000, COSMIC_RAY
    pixels = pixels_of(write_image(tmp_path / "j_flt.fits", {"SCI": image, "DQ": flags}))
    assert np.abs(pixels - galaxy).max() < 20


def test_a_dead_pixel_in_a_star_is_repaired(tmp_path: Path) -> None:
    image, flags = star(1)
    flags[flags > 0], image[30, 30] = 4, 0
    assert pixels_of(write_image(tmp_path / "j_flt.fits", {"SCI": image, "DQ": flags}))[30, 30] > 1000


def test_an_infinite_core_is_brighter_than_all_else(tmp_path: Path) -> None:
    image, flags = star(1, width=12)
    image[20:41, 20:41] = np.inf
    image[5, 5] = np.inf  # alone in the sky it is a defect
    pixels = pixels_of(write_image(tmp_path / "j_flt.fits", {"SCI": image, "DQ": 0 * flags}))
    assert np.isposinf(pixels).sum() == 21 * 21
    assert pixels[5, 5] < 200


@pytest.mark.parametrize(("size", "kind"), [(1e-38, "f4"), (1e40, "f8"), (1e300, "f8"), (1e-300, "f8")])
def test_numbers_of_unusual_sizes_are_brought_to_usual_ones(tmp_path: Path, size: float, kind: str) -> None:
    image = starfield(50, 50).astype(np.float64)
    scaled = (image * size).astype(kind)
    pixels = pixels_of(write_image(tmp_path / "j.fits", {"SCI": scaled}))
    ratio = pixels / image
    assert np.median(ratio) == pytest.approx(ratio[0, 0], rel=0.1)
    assert 0.1 < np.median(pixels) < 10


def test_photons_are_smoothed_and_none_is_lost(tmp_path: Path) -> None:
    image = np.zeros((40, 50), np.float32)
    image[20, 25] = 100
    path = write_image(tmp_path / "j_flt.fits", {"SCI": image, "DQ": 0 * image.astype(np.int16)}, primary=SBC)
    pixels = pixels_of(path, smoothing=1.5)
    assert pixels.sum() == pytest.approx(100, rel=1e-3)
    assert pixels.max() == pixels[20, 25] == pytest.approx(100 / (2 * np.pi * 1.5**2), rel=0.02)
    assert np.array_equal(pixels_of(path), image)


def test_a_sky_of_photons_is_as_bright_at_the_edge_as_elsewhere(tmp_path: Path) -> None:
    weight = np.ones((40, 50), np.float32)
    weight[30:] = 0
    image = 3 * weight
    path = write_image(tmp_path / "j_drz.fits", {"SCI": image, "WHT": weight}, primary=SBC)
    pixels = pixels_of(path, smoothing=1.5)
    assert pixels[:30] == pytest.approx(3)
    assert np.isnan(pixels[30:]).all()


def test_a_ccd_is_not_smoothed(tmp_path: Path) -> None:
    image = starfield(30, 30)
    path = write_image(tmp_path / "j_flt.fits", {"SCI": image}, primary={"DETECTOR": "WFC"})
    assert np.array_equal(pixels_of(path, smoothing=1.5), image)


def test_what_no_exposure_saw_is_blank(tmp_path: Path) -> None:
    image, weight = starfield(50, 50), np.ones((50, 50), np.float32)
    image[:20, :20] = weight[:20, :20] = 0
    pixels = pixels_of(write_image(tmp_path / "j_drz.fits", {"SCI": image, "WHT": weight}))
    assert np.isnan(pixels[:20, :20]).all()
    assert not np.isnan(pixels[20:, :]).any()


def test_what_drizzling_saw_but_gave_no_weight_is_shown_if_it_is_wide(tmp_path: Path) -> None:
    image, weight = starfield(50, 50), np.ones((50, 50), np.float32)
    weight[:20, :20] = 0  # behind the occulting finger of the HRC
    assert np.array_equal(pixels_of(write_image(tmp_path / "j_drz.fits", {"SCI": image, "WHT": weight})), image)


def test_a_hole_in_the_weights_is_closed(tmp_path: Path) -> None:
    image, weight = np.full((30, 30), 2, np.float32), np.ones((30, 30), np.float32)
    image[:, 7:9], weight[:, 7:9] = 0, 0
    assert np.unique(pixels_of(write_image(tmp_path / "j_drz.fits", {"SCI": image, "WHT": weight}))).tolist() == [2]


def test_zeros_of_a_photon_counter_are_data(tmp_path: Path) -> None:
    image = np.zeros((9, 9), np.float32)
    image[4, 4] = 1
    path = write_image(tmp_path / "j_flt.fits", {"SCI": image, "DQ": np.zeros((9, 9), np.int16)})
    assert pixels_of(path).sum() == 1


def test_zeros_of_an_image_that_nothing_describes_are_blank(tmp_path: Path) -> None:
    image = starfield(50, 50)
    image[:20] = 0
    assert np.isnan(pixels_of(write_image(tmp_path / "x.fits", {"SCI": image}))[:20]).all()


def test_infinite_pixels_are_repaired(tmp_path: Path) -> None:
    image = np.full((9, 9), 5, np.float32)
    image[2, 2], image[6, 6] = np.inf, -np.inf
    assert np.unique(pixels_of(write_image(tmp_path / "x.fits", {"SCI": image}))).tolist() == [5]


@pytest.mark.parametrize("multiple", [1, 7])
def test_block_by_block_gives_the_same_as_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, multiple: int
) -> None:
    chips: list[dict[str, NDArray[Any]]] = []
    for seed in (1, 2):
        flags = (np.random.default_rng(seed).uniform(size=(90, 64)) < 0.05).astype(np.int16) * HOT
        flags[40:44, :] = HOT
        chips.append({"SCI": starfield(90, 64, seed), "DQ": flags})
    path = write_image(tmp_path / "j_flt.fits", *chips, primary=SBC, CCDCHIP=(2, 1))
    whole = pixels_of(path, smoothing=1.5)
    monkeypatch.setattr(frame_module, "_HELD_PIXELS", 0)
    monkeypatch.setattr(frame_module, "_BLOCK_PIXELS", 64 * 12)
    monkeypatch.setattr(frame_module, "_BLOCK_ROWS", 1)
    assert np.array_equal(pixels_of(path, multiple, smoothing=1.5), whole)


def close_gaps(pixels: Pixels) -> None:
    """Close the gaps that NaN leaves."""
    repair.close_gaps(pixels, np.flatnonzero(np.isnan(pixels)))


def test_gaps_are_closed_by_a_straight_line() -> None:
    pixels = np.array([[1, np.nan, np.nan, 4, 5]], dtype=np.float32)
    close_gaps(pixels)
    assert pixels.tolist() == [[1, 2, 3, 4, 5]]


def test_a_bad_row_is_closed_from_above_and_below() -> None:
    pixels = np.repeat(np.arange(5, dtype=np.float32)[:, np.newaxis], 40, axis=1)
    expected = pixels.copy()
    pixels[2, :] = np.nan
    close_gaps(pixels)
    assert np.array_equal(pixels, expected)


@pytest.mark.parametrize(("width", "closed"), [(WIDEST_GAP, True), (WIDEST_GAP + 1, False)])
def test_only_narrow_gaps_are_closed(width: int, closed: bool) -> None:
    pixels = np.ones((60, 60), dtype=np.float32)
    pixels[20 : 20 + width, 20 : 20 + width] = np.nan
    close_gaps(pixels)
    assert np.isnan(pixels).any() != closed


def test_the_edge_of_the_image_stays_blank() -> None:
    pixels = np.ones((5, 5), dtype=np.float32)
    pixels[0, 0] = pixels[4, 3:] = np.nan
    close_gaps(pixels)
    assert np.argwhere(np.isnan(pixels)).tolist() == [[0, 0], [4, 3], [4, 4]]
