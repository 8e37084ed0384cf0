"""Judgement of the matrix of modes: a product that differs is never passed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from benchmarks.mode_matrix.judging import Row, Verdict, judge
from benchmarks.mode_matrix.runs import Ran
from benchmarks.modes import report


def _ran(directory: Path, *names: str, pixel: float = 0.0) -> Ran:
    """Write products whose last pixel has a value, as one way to calibrate makes them."""
    directory.mkdir()
    pixels = np.arange(12, dtype=np.float32).reshape(3, 4)
    pixels[-1, -1] += pixel
    for name in names:
        header = fits.Header({"DATE": f"made in {directory.name}"})
        fits.HDUList([fits.PrimaryHDU(header=header), fits.ImageHDU(pixels, name="SCI")]).writeto(directory / name)
    return Ran("0", is_good=True, products={name: directory / name for name in names})


def _judged(hand: Ran, caldp: Ran) -> Row:
    return judge("a mode", "osim01010", "DARKCORR=OMIT", hand, caldp, {"flt"})


def test_products_with_the_same_pixels_are_identical_whatever_their_headers_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = _judged(_ran(tmp_path / "hand", "o_flt.fits"), _ran(tmp_path / "caldp", "o_flt.fits"))
    assert (row.identical, row.differing, row.verdict) == (1, (), Verdict.RIGHT)
    report([row.plain()])
    assert "1 with a switch turned: 1 FITS files, 1 identical, 0 differing" in capsys.readouterr().out


def test_one_pixel_of_a_run_with_a_switch_turned_ends_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = _judged(_ran(tmp_path / "hand", "o_flt.fits"), _ran(tmp_path / "caldp", "o_flt.fits", pixel=1e-3))
    assert (row.identical, row.differing, row.verdict) == (0, ("o_flt.fits",), Verdict.DIFFERS)
    assert "o_flt.fits differs in SCI,1" in row.why
    with pytest.raises(SystemExit, match="1"):
        report([row.plain()])
    assert "1 FITS files, 0 identical, 1 differing" in capsys.readouterr().out


def test_products_of_one_way_alone_differ(tmp_path: Path) -> None:
    hand, caldp = _ran(tmp_path / "hand", "o_flt.fits", "o_x1d.fits"), _ran(tmp_path / "caldp", "o_flt.fits")
    row = _judged(hand, caldp)
    assert (row.identical, row.differing, row.verdict) == (1, ("o_x1d.fits",), Verdict.DIFFERS)


def test_what_is_drizzled_from_raw_exposures_may_be_left_out_and_nothing_else(tmp_path: Path) -> None:
    hand = _ran(tmp_path / "hand", "i_crj.fits", "i_drz.fits", "i_flt_hlet.fits")
    note = "runastrodriz is not run, since no calibrated exposure is made of ia1q"
    caldp = evolve(_ran(tmp_path / "caldp", "i_crj.fits"), why=note)
    row = _judged(hand, caldp)
    assert (row.identical, row.differing, row.verdict) == (1, (), Verdict.RIGHT)
    assert "left out by caldp: i_drz.fits" in row.why
    assert _judged(hand, evolve(caldp, why="")).verdict is Verdict.DIFFERS
    assert _judged(hand, evolve(caldp, products={})).differing == ("i_crj.fits",)
