"""Spectra as they are read, gathered into bins, and written as a table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from caldp.adapters.previews.spectrum.binning import curves_of, flagged_stretches, flux_range, wavelength_range
from caldp.adapters.previews.spectrum.reading import Panel, Trace, read_spectrum
from caldp.adapters.previews.spectrum.renderer import SpectrumPreviewRenderer
from caldp.adapters.previews.spectrum.table import write_table
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.output.previews import PreviewKind, PreviewRequest
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


def test_many_segments_are_shown_by_three(tmp_path: Path) -> None:
    rows = [cos_segment(f"S{number:02}", 1300 + number, 1400 + number) for number in range(60)]
    panels = read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", rows)).panels
    assert [panel.label for panel in panels] == ["S00", "S30", "S59"]


@pytest.mark.parametrize(
    ("row", "explained"),
    [
        (cos_segment("FUVA", 1300, 1450), ["flux", "± 1 sigma", "extremes", "flagged"]),
        (cos_segment("FUVA", 1300, 1450, length=400) | {"DQ_WGT": np.ones(400)}, ["flux", "± 1 sigma"]),
        (
            cos_segment("FUVA", 1300, 1450, length=400) | {"DQ_WGT": np.ones(400), "ERROR": np.full(400, np.nan)},
            ["flux"],
        ),
    ],
    ids=["all", "few samples", "no errors"],
)
def test_the_key_explains_what_is_there(row: Row, explained: list[str], tmp_path: Path) -> None:
    from caldp.adapters.previews.spectrum.plot import full_figure

    figure = full_figure(read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])), "l_x1d")
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()] == explained


def test_axes_have_no_offset(tmp_path: Path) -> None:
    from caldp.adapters.previews.spectrum.plot import full_figure

    row = cos_segment("FUVA", 1300.0, 1300.01, length=100)
    figure = full_figure(read_spectrum(write_spectrum(tmp_path / "l_x1d.fits", [row])), "l_x1d")
    figure.draw_without_rendering()
    assert figure.axes[0].xaxis.get_offset_text().get_text() == ""


def panel_of(flux: np.ndarray[tuple[int], np.dtype[np.float64]], flagged: slice | None = None) -> Panel:
    wavelength = np.linspace(1300, 1400, len(flux))
    flags = np.zeros(len(flux), bool)
    if flagged is not None:
        flags[flagged] = True
    trace = Trace("FUVA", wavelength, flux, np.full(len(flux), 0.1), np.ones(len(flux), np.int16), flags)
    return Panel("FUVA", (trace,))


def test_many_samples_are_gathered_into_means_with_errors_and_extremes() -> None:
    flux = np.random.default_rng(1).normal(1, 0.1, 16_384)
    (curve,) = curves_of(panel_of(flux), 1024)
    assert len(curve.flux) == pytest.approx(1024, abs=1)
    assert np.mean(curve.flux) == pytest.approx(1, abs=0.01)
    assert np.std(curve.flux) == pytest.approx(0.1 / 4, rel=0.1)
    assert np.nanmedian(curve.error) == pytest.approx(0.1 / 4, rel=0.05)
    assert np.all((curve.lowest <= curve.flux) & (curve.flux <= curve.highest))
    assert np.max(curve.highest) == flux.max()


def test_few_samples_are_drawn_as_they_are() -> None:
    flux = np.arange(500.0)
    (curve,) = curves_of(panel_of(flux), 1024)
    assert np.array_equal(curve.flux, flux)


@pytest.mark.parametrize("count", [500, 16_384])
def test_flagged_samples_are_not_drawn(count: int) -> None:
    flux = np.ones(count)
    bad = slice(count // 2, count // 2 + count // 10)
    flux[bad] = 1000
    (curve,) = curves_of(panel_of(flux, bad), 1024)
    assert np.nanmax(curve.highest) == 1
    assert 0.08 < np.isnan(curve.flux).mean() < 0.12


def test_a_spectrum_that_is_flagged_all_over_is_drawn_all_the_same() -> None:
    panel = panel_of(np.ones(500), slice(None))
    assert wavelength_range(panel) == (1300, 1400)
    assert np.all(curves_of(panel, 1024)[0].flux == 1)


def test_flags_are_marked_where_they_are() -> None:
    ((begin, length),) = flagged_stretches(panel_of(np.ones(1001), slice(500, 601)), 0.1)
    assert (begin, begin + length) == pytest.approx((1350, 1360))


def test_a_single_flagged_sample_is_wide_enough_to_be_seen() -> None:
    assert flagged_stretches(panel_of(np.ones(1001), slice(500, 501)), 0.25) == [(1350.0, 0.25)]


def range_of(flux: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    return flux_range(curves_of(panel_of(flux), 1024))


def test_the_axis_holds_zero_and_the_spectrum() -> None:
    lowest, highest = range_of(np.random.default_rng(1).normal(5, 0.1, 16_384))
    assert -0.5 < lowest < 0
    assert 5 < highest < 6


def test_a_line_is_shown_to_its_tip_but_airglow_does_not_squeeze_the_rest() -> None:
    wavelength = np.linspace(1300, 1400, 16_384)
    line = 3 * np.exp(-(((wavelength - 1350) / 0.2) ** 2))
    assert range_of(1 + line)[1] > 3.5
    airglow = 100 * np.exp(-(((wavelength - 1304) / 1.0) ** 2))
    assert range_of(1 + line + airglow)[1] < 6
    monster = 300 * np.exp(-(((wavelength - 1350) / 0.05) ** 2))
    assert range_of(1 + monster)[1] < 6


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
