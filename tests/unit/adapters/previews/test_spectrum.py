"""Spectra as they are read, gathered into bins, and written as a table."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve
from PIL import Image

from caldp.adapters.previews.spectrum.binning import curves_of, shown_samples, wavelength_range
from caldp.adapters.previews.spectrum.ranges import FluxAxis, cut_tips, flagged_stretches, flux_axis, unknown_stretches
from caldp.adapters.previews.spectrum.reading import Panel, Trace, read_spectrum
from caldp.adapters.previews.spectrum.renderer import SpectrumPreviewRenderer
from caldp.adapters.previews.spectrum.table import write_table
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from tests.support.sky import cos_segment, flux_of_a_star, stis_order, write_spectrum

Row = dict[str, Any]


@pytest.fixture
def cos(tmp_path: Path) -> Path:
    rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
    return write_spectrum(tmp_path / "la8q99icq_x1d.fits", rows, OPT_ELEM="G130M", CENWAVE=1291)


def test_segments_of_cos_are_panels_from_the_bluest(cos: Path) -> None:
    spectrum = read_spectrum(cos)
    assert [panel.label for panel in spectrum.panels] == ["FUVB", "FUVA"]
    assert (spectrum.quantity, spectrum.unit) == ("Flux", "erg s⁻¹ cm⁻² Å⁻¹")
    assert spectrum.subtitle == "SIMULATED · COS FUV G130M 1291 · 1000 s"


def test_samples_of_cos_without_weight_are_flagged(cos: Path) -> None:
    (trace,) = read_spectrum(cos).panels[0].traces
    assert np.array_equal(trace.flagged, trace.quality == 0)
    assert 0.1 < trace.flagged.mean() < 0.15


def test_orders_of_stis_share_a_panel(tmp_path: Path) -> None:
    rows = [stis_order(90 - number, 1300 + 30 * number, 1340 + 30 * number) for number in range(4)]
    (panel,) = read_spectrum(write_spectrum(tmp_path / "o_x1d.fits", rows[::-1])).panels
    assert [trace.label for trace in panel.traces] == ["order 90", "order 89", "order 88", "order 87"]


def test_a_hot_pixel_of_stis_does_not_spoil_a_sample(tmp_path: Path) -> None:
    (panel,) = read_spectrum(write_spectrum(tmp_path / "o_sx1.fits", [stis_order(1, 1300, 1450)])).panels
    assert panel.traces[0].flagged.sum() == 20


@pytest.mark.parametrize(
    ("count", "labels"),
    [
        (1, [""]),
        (2, ["exposure 1 of 2", "exposure 2 of 2"]),
        (7, ["exposure 1 of 7", "exposure 4 of 7", "exposure 7 of 7"]),
    ],
)
def test_of_many_exposures_three_are_shown(tmp_path: Path, count: int, labels: list[str]) -> None:
    path = write_spectrum(tmp_path / "o_x1d.fits", *[[stis_order(1, 1300, 1450)]] * count)
    assert [panel.label for panel in read_spectrum(path).panels] == labels


def test_count_rates_are_drawn_where_there_is_no_flux(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1300, 1450)
    row["FLUX"] = 0 * row["FLUX"]
    spectrum = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row]))
    assert spectrum.quantity == "Net count rate"
    assert spectrum.panels[0].traces[0].flux.max() > 0


def test_what_lies_beyond_the_end_of_a_row_is_left_out(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1300, 1450) | {"NELEM": 1000}
    (panel,) = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])).panels
    assert len(panel.traces[0].wavelength) == 1000


def test_segment_b_of_g140l_begins_where_it_sees_something(tmp_path: Path) -> None:
    path = write_spectrum(tmp_path / "l_x1d.fits", [cos_segment("FUVB", 300, 1150)], OPT_ELEM="G140L")
    assert read_spectrum(path).panels[0].traces[0].wavelength[0] > 900


def test_an_exposure_without_wavelengths_is_left_out(tmp_path: Path) -> None:
    order = stis_order(1, 1300, 1450)
    path = write_spectrum(tmp_path / "o_x1d.fits", [order], [order | {"WAVELENGTH": 0 * order["WAVELENGTH"]}])
    assert [panel.label for panel in read_spectrum(path).panels] == ["exposure 1 of 2"]


def test_a_spectrum_of_nothing_but_nan_says_so(tmp_path: Path) -> None:
    order = stis_order(1, 1300, 1450)
    path = write_spectrum(tmp_path / "o_x1d.fits", [order | {"FLUX": np.nan * order["FLUX"]}])
    with pytest.raises(NothingToDraw, match="no sample"):
        read_spectrum(path)


def one_sample(row: Row) -> Row:
    return {name: values[1000] if np.ndim(values) else values for name, values in row.items()} | {"NELEM": 1}


@pytest.mark.parametrize(
    ("change", "keywords"),
    [
        (lambda row: row, {"TARGNAME": "HD $10^{$"}),
        (one_sample, {}),
        (lambda row: row | {"ERROR": -row["ERROR"]}, {}),
        (lambda row: row | {"ERROR": np.nan * row["ERROR"]}, {}),
        (lambda row: row | {"FLUX": 1e-38 * row["FLUX"] / row["FLUX"].max()}, {}),
    ],
    ids=["not mathematics", "one sample", "negative errors", "unknown errors", "faint"],
)
def test_odd_spectra_are_drawn(change: Callable[[Row], Row], keywords: dict[str, str], tmp_path: Path) -> None:
    path = write_spectrum(tmp_path / "l_x1d.fits", [change(cos_segment("FUVA", 1300, 1450))], **keywords)
    request = PreviewRequest(PreviewKind.SPECTRUM, (path,), "l_x1d")
    drawing = SpectrumPreviewRenderer().draw(request, tmp_path)
    assert drawing.files, drawing.reason
    with Image.open(tmp_path / request.full_name) as picture:
        assert len(np.unique(np.asarray(picture.convert("L")))) > 10


def test_errors_that_are_negative_are_not_known(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1300, 1450)
    row["ERROR"] = np.where(np.arange(4000) < 2000, -1.0, row["ERROR"])
    (trace,) = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])).panels[0].traces
    assert len(trace.flux) == 4000
    assert np.array_equal(np.isnan(trace.error), np.arange(4000) < 2000)


def test_one_sample_is_seen_and_its_wavelength_can_be_read(tmp_path: Path) -> None:
    row = one_sample(cos_segment("FUVA", 1300, 1450))
    path = write_spectrum(tmp_path / "l_x1d.fits", [row])
    assert "1337.4" in words_of(path)
    SpectrumPreviewRenderer().draw(single_preview(path), tmp_path)
    with Image.open(tmp_path / "l_x1d.png") as picture:
        inside = np.asarray(picture.convert("RGB"))[120:820, 530:560].astype(int)
    assert (np.abs(inside - (11, 79, 138)).max(axis=-1) < 60).any()  # the line's blue


def test_many_segments_are_shown_by_three(tmp_path: Path) -> None:
    rows = [cos_segment(f"S{number:02}", 1300 + number, 1400 + number) for number in range(60)]
    panels = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", rows)).panels
    assert [panel.label for panel in panels] == ["S00", "S30", "S59"]


def words_of(path: Path) -> list[str]:
    """Return all that is written into a plot, in order."""
    from caldp.adapters.previews.spectrum.plot import full_plot

    return full_plot(read_spectrum(path), "l_x1d").words


_SIGNAL = "S/N of an element (6 samples)"


@pytest.mark.parametrize(
    ("row", "explained"),
    [
        (
            cos_segment("FUVA", 1300, 1450),
            ["flux", "± 1 sigma", "range of elements", "⊕ airglow", "flagged", _SIGNAL],
        ),
        (
            cos_segment("FUVA", 1370, 1450, length=400) | {"DQ_WGT": np.ones(400)},
            ["flux", "± 1 sigma", _SIGNAL],
        ),
        (
            cos_segment("FUVA", 1370, 1450, length=400) | {"DQ_WGT": np.ones(400), "ERROR": np.full(400, np.nan)},
            ["flux"],
        ),
    ],
    ids=["all", "few samples", "no errors"],
)
def test_the_key_explains_what_is_there(row: Row, explained: list[str], tmp_path: Path) -> None:
    words = words_of(write_spectrum(tmp_path / "l_x1d.fits", [row]))
    assert words[words.index("Wavelength (Å)") + 1 :] == explained


def test_labels_of_an_axis_tell_its_wavelengths_apart(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1300.0, 1300.01, length=100)
    words = words_of(write_spectrum(tmp_path / "l_x1d.fits", [row]))
    assert {"1300.002", "1300.004", "1300.006", "1300.008"}.issubset(words)


Flux = np.ndarray[tuple[int], np.dtype[np.float64]]


def panel_of(flux: Flux, flagged: slice | None = None, *, error: Flux | float = 0.1, element: int = 6) -> Panel:
    wavelength = np.linspace(1310, 1350, len(flux))
    flags = np.zeros(len(flux), bool)
    if flagged is not None:
        flags[flagged] = True
    errors = np.broadcast_to(error, len(flux)).astype(float)
    unknown, quality = np.zeros(len(flux), bool), np.ones(len(flux), np.int16)
    return Panel("FUVA", (Trace("FUVA", wavelength, flux, errors, quality, flags, unknown, element),))


def test_many_samples_are_gathered_into_means_with_errors_and_extremes() -> None:
    flux = np.random.default_rng(1).normal(1, 0.1, 16_384)
    (curve,) = curves_of(panel_of(flux), 910)
    assert len(curve.flux) == pytest.approx(910, abs=1)
    assert np.mean(curve.flux) == pytest.approx(1, abs=0.01)
    assert np.std(curve.flux) == pytest.approx(0.1 / np.sqrt(18), rel=0.1)
    assert np.nanmedian(curve.error) == pytest.approx(0.1 / np.sqrt(18), rel=0.05)
    assert np.all((curve.lowest <= curve.flux) & (curve.flux <= curve.highest))
    assert np.std(curve.highest - curve.lowest) < 3 * 0.1 / np.sqrt(6)
    assert np.median(curve.signal_to_noise) == pytest.approx(10 * np.sqrt(6), rel=0.05)


def test_a_narrow_line_is_drawn_to_its_tip() -> None:
    flux, line = np.random.default_rng(1).normal(1e-14, 1e-15, 16_384), slice(8000, 8003)
    flux[line] = 2e-13
    (curve,) = curves_of(panel_of(flux, error=1e-15), 910)
    assert curve.flux.max() == pytest.approx(2e-13, rel=0.02)
    assert len(curve.flux) < 1000  # all else is averaged


def test_a_line_as_wide_as_a_resolution_element_is_drawn_by_elements() -> None:
    noise = np.random.default_rng(1).normal(1, 0.3, 16_384)
    noise[8004:8010] += 1.5  # five sigmas of a resolution element and more, no sample stands out
    (curve,) = curves_of(panel_of(noise, error=0.3), 910)
    assert curve.flux.max() > 2.2
    assert set(curve.count[curve.flux > 2]) == {6}


def test_a_single_wild_sample_is_no_line() -> None:
    flux = np.random.default_rng(1).normal(1, 0.1, 16_384)
    flux[8000] = 20
    (curve,) = curves_of(panel_of(flux), 910)
    assert curve.flux.max() < 20 / 4


def test_samples_with_huge_errors_do_not_raise_the_scatter() -> None:
    random, bad = np.random.default_rng(1), np.arange(16_384) % 8 == 0
    error = np.where(bad, 1e-12, 1e-15)
    (curve,) = curves_of(panel_of(random.normal(1e-14, error), error=error), 910)
    assert np.std(curve.flux) < 3.2e-16
    assert np.median(curve.error) == pytest.approx(1e-15 / np.sqrt(18 * 7 / 8), rel=0.05)


def test_columns_have_no_holes_where_elements_are_wider_than_columns() -> None:
    flux, gap = np.ones(1200), slice(600, 660)
    (curve,) = curves_of(panel_of(flux, gap, element=3), 910)
    known = np.isfinite(curve.highest)
    edges = np.flatnonzero(np.diff(known))
    assert len(edges) == 2  # of the flagged gap, and of nothing else
    assert curve.columns[edges] == pytest.approx([1330, 1332], abs=0.1)


def test_means_of_counts_have_no_bias() -> None:
    """Errors of counts follow the counts: weights by errors would pull the mean of few photons down by a third."""
    counts = np.random.default_rng(1).poisson(2.0, 16_384).astype(float)
    (curve,) = curves_of(panel_of(counts, error=np.sqrt(np.maximum(counts, 1.0))), 910)
    assert np.mean(curve.flux) == pytest.approx(2.0, rel=0.02)


def test_few_samples_are_drawn_as_they_are() -> None:
    flux = np.arange(500.0)
    (curve,) = curves_of(panel_of(flux), 1024)
    assert np.array_equal(curve.flux, flux)
    assert not curve.is_binned


@pytest.mark.parametrize("count", [500, 16_384])
def test_flagged_samples_are_not_drawn(count: int) -> None:
    flux = np.ones(count)
    bad = slice(count // 2, count // 2 + count // 10)
    flux[bad] = 1000
    (curve,) = curves_of(panel_of(flux, bad), 1024)
    assert np.nanmax(curve.highest) == np.nanmax(curve.flux) == 1
    is_inside = (curve.wavelength > 1330.1) & (curve.wavelength < 1333.8)
    assert np.isnan(curve.flux[is_inside]).tolist() == [True]  # the line has a gap


def test_a_spectrum_that_is_flagged_all_over_is_drawn_all_the_same() -> None:
    panel = panel_of(np.ones(500), slice(None))
    assert wavelength_range(panel) == (1310, 1350)
    assert np.all(curves_of(panel, 1024)[0].flux == 1)


@pytest.mark.parametrize("error", [np.nan, 0.0, 1e300])
def test_odd_errors_do_not_matter_to_the_flux(error: float) -> None:
    flux = np.random.default_rng(1).normal(1, 0.1, 16_384)
    (curve,) = curves_of(panel_of(flux, error=error), 910)
    assert np.mean(curve.flux) == pytest.approx(1, abs=0.01)


def test_flags_are_marked_where_they_are() -> None:
    ((begin, length),) = flagged_stretches(panel_of(np.ones(1001), slice(500, 601)), 0.1)
    assert (begin, begin + length) == pytest.approx((1330, 1334))


def test_a_single_flagged_sample_is_wide_enough_to_be_seen() -> None:
    assert flagged_stretches(panel_of(np.ones(1001), slice(500, 501)), 0.25) == [(1330.0, 0.25)]


def axis_of(flux: Flux, *, error: Flux | float = 0.1) -> FluxAxis:
    return flux_axis(curves_of(panel_of(flux, error=error), 910))


def test_the_axis_holds_zero_and_the_spectrum() -> None:
    axis = axis_of(np.random.default_rng(1).normal(5, 0.1, 16_384))
    assert -0.5 < axis.lowest < 0
    assert 5 < axis.highest < 6
    assert axis.linear_below is None


def test_a_line_is_shown_to_its_tip_but_airglow_does_not_squeeze_the_rest() -> None:
    wavelength = np.linspace(1300, 1400, 16_384)
    panel = panel_of(np.ones(16_384))
    (trace,) = panel.traces

    def highest(flux: Flux) -> float:
        changed = evolve(trace, wavelength=wavelength, flux=flux)
        return flux_axis(curves_of(evolve(panel, traces=(changed,)), 910)).highest

    line = 3 * np.exp(-(((wavelength - 1340) / 0.2) ** 2))
    assert highest(1 + line) > 3.9
    airglow = 100 * np.exp(-(((wavelength - 1304) / 0.4) ** 2))
    assert highest(1 + line + airglow) < 6


def test_a_line_that_dwarfs_all_the_rest_is_cut_off_and_its_height_is_told() -> None:
    flux = np.random.default_rng(1).normal(1, 0.1, 16_384)
    flux[8000:8020] = 300
    curves = curves_of(panel_of(flux), 910)
    axis = flux_axis(curves)
    assert axis.highest < 40
    ((wavelength, tip),) = cut_tips(curves, axis.highest)
    assert wavelength == pytest.approx(1310 + 40 * 8010 / 16_384, abs=0.1)
    assert tip == pytest.approx(300, rel=0.02)


def test_more_than_three_decades_have_a_logarithmic_axis() -> None:
    rising = 10 ** np.linspace(0, 4, 16_384)
    axis = axis_of(rising, error=0.01)
    assert axis.linear_below == pytest.approx(1, rel=0.2)
    assert axis.highest > 10_000
    assert axis_of(np.minimum(rising, 900), error=0.01).linear_below is None


def test_fluxes_of_noise_span_no_decades() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 16_384)
    assert axis_of(noise, error=1.0).linear_below is None


def test_samples_that_were_counted_and_have_no_flux_are_of_unknown_sensitivity(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1300, 1450) | {"DQ_WGT": np.ones(4000)}
    row["FLUX"] = np.where(np.arange(4000) >= 3000, 0, row["FLUX"])  # NET is not zero there
    row["FLUX"][10:20] = 0  # few in a row mean few photons
    (panel,) = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])).panels
    ((begin, end),) = unknown_stretches(panel)
    assert (begin, end) == pytest.approx((row["WAVELENGTH"][3000], 1450))
    assert wavelength_range(panel)[1] == 1450
    (shown,) = shown_samples(panel)
    assert shown.tolist() == [True] * 3000 + [False] * 1000


def test_a_made_up_sensitivity_makes_no_flux(tmp_path: Path) -> None:
    """As beyond 2150 Angstrom in G140L: the table of sensitivity ends with a constant that is thousands as great."""
    row = cos_segment("FUVA", 1300, 1450) | {"DQ_WGT": np.ones(4000)}
    sensitivity = 1e14 * np.linspace(1, 0.1, 4000)
    row["NET"] = row["FLUX"] * sensitivity
    sensitivity[3000:3010] *= 10 ** np.linspace(0.5, 4, 10)
    sensitivity[3010:] = 5e17
    with np.errstate(invalid="ignore"):
        row["FLUX"] = row["NET"] / sensitivity
    (panel,) = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])).panels
    ((begin, end),) = unknown_stretches(panel)
    assert begin == pytest.approx(row["WAVELENGTH"][3005], abs=0.2)
    assert end == 1450
    row["NET"], row["FLUX"] = row["NET"][::-1], row["FLUX"][::-1]
    (panel,) = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])).panels
    ((begin, end),) = unknown_stretches(panel)
    assert (begin, end) == pytest.approx((1300, row["WAVELENGTH"][994]), abs=0.3)


def test_a_plot_says_what_is_not_the_star(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1150, 1450, length=16_000)
    row["FLUX"] = np.where(np.arange(16_000) >= 15_000, 0, row["FLUX"])
    path = write_spectrum(tmp_path / "l_x1d.fits", [row], PROPOSID=14933, APERTURE="PSA")
    words = words_of(path)
    for wanted in ("⊕ Ly", "⊕ O I", "mean of 18 samples", "PSA", "proposal 14933"):
        assert wanted in " | ".join(words)
    assert {"S/N", "sensitivity unknown", "S/N of an element (6 samples)"}.issubset(words)


def test_a_logarithmic_plot_and_its_thumbnail_are_drawn(tmp_path: Path) -> None:
    row = cos_segment("FUVA", 1310, 1350)
    row |= {"FLUX": row["FLUX"] * 10 ** np.linspace(0, 4, 4000), "ERROR": 1e-3 * row["ERROR"]}
    path = write_spectrum(tmp_path / "l_x1d.fits", [row])
    assert len(SpectrumPreviewRenderer().draw(single_preview(path), tmp_path).files) == 3


def test_the_table_has_the_archives_columns_and_keywords(cos: Path, tmp_path: Path) -> None:
    table = write_table(read_spectrum(cos), cos.name, tmp_path / "la8q99icq_x1d_prev.fits")
    with fits.open(table) as hdus:
        assert hdus[0].header["ORIGFILE"] == "la8q99icq_x1d.fits"
        columns = [(column.name, column.format, column.unit) for column in hdus[1].columns]
        assert columns == [
            ("wls", "E", "angstrom"),
            ("fls", "D", "erg/s/cm**2/angstrom"),
            ("flerrs", "D", "erg/s/cm**2/angstrom"),
            ("dq_wgts", "I", None),
            ("segment", "4A", None),
            ("masked", "I", None),
        ]
        rows = hdus[1].data
        assert rows["segment"].tolist() == ["FUVB"] * 4000 + ["FUVA"] * 4000
        good = rows["dq_wgts"] > 0
        deviation = (rows["fls"] - flux_of_a_star(rows["wls"].astype(float)))[good] / rows["flerrs"][good]
        assert np.std(deviation) == pytest.approx(1, abs=0.05)
        inside = (rows["wls"] >= 1214) & (rows["wls"] <= 1217)
        assert np.array_equal(rows["masked"] == 1, inside)
        assert hdus[1].header["FUVAYMIN"] < 0 < 4e-14 < hdus[1].header["FUVAYMAX"]


def test_the_table_is_whole_and_written_without_tables_of_astropy(cos: Path, tmp_path: Path) -> None:
    """Their import takes a sixth of a second, longer than all else that is done for a preview."""
    table = tmp_path / "la8q99icq_x1d_prev.fits"
    script = f"""
import sys
from pathlib import Path
from caldp.adapters.previews.spectrum.reading import read_spectrum
from caldp.adapters.previews.spectrum.table import write_table
write_table(read_spectrum(Path({str(cos)!r})), "la8q99icq_x1d.fits", Path({str(table)!r}))
assert "astropy.table" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    with fits.open(table) as hdus:
        hdus.verify("exception")
        rows = hdus[1].data
        again = fits.BinTableHDU.from_columns(hdus[1].columns)
        assert set(again.header.items()) <= set(hdus[1].header.items())
        assert np.array_equal(again.data, rows)
    assert table.stat().st_size % 2880 == 0
