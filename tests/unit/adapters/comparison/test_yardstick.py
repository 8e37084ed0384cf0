"""The yardstick: pairs of files that FITSDiff of astropy calls identical agree, and no others do.

Where ours differs from FITSDiff, a test says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.comparison.fits import FitsDifferences
from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.hst.digests import VOLATILE_CARDS

CHANGES = ("none", "one value", "a little", "all", "nan", "card", "shape")
FORMS = {
    "L": "?",
    "B": "u1",
    "I": "i2",
    "J": "i4",
    "K": "i8",
    "E": "f4",
    "D": "f8",
    "C": "c8",
    "5A": "S5",
    "3E": "f4",
    "16X": "?",
}


def values(rng: Any, kind: str, shape: tuple[int, ...]) -> Any:
    if kind == "S5":
        return np.array([rng.choice([b"FUVA", b"FUVB", b"NUV  "]) for _ in range(shape[0])], "S5")
    made = rng.integers(0, 2 if kind == "?" else 100, shape)
    return (made + rng.random(shape) if kind[0] in "fc" else made).astype(kind)


def changed(rng: Any, data: Any, change: str) -> Any:
    other = data.copy()
    flat = other.reshape(-1)
    place = int(rng.integers(flat.size))
    if change == "one value":
        flat[place] = (
            b"odd" if data.dtype.kind == "S" else not flat[place] if data.dtype.kind == "b" else flat[place] + 1
        )
    elif change == "a little" and data.dtype.kind in "fc":
        flat *= data.dtype.type(1 + 1e-5)
    elif change == "all" and data.dtype.kind not in "Sb":
        flat += data.dtype.type(1)
    elif change == "nan" and data.dtype.kind == "f":
        flat[place] = np.nan
    return other[:-1] if change == "shape" else other


def with_cards(hdu: Any, change: str) -> Any:
    hdu.header["FLATCORR"] = "OMIT" if change == "card" else "COMPLETE"
    hdu.header["DATE"] = "2026-11-26" if change == "volatile" else "2026-11-25"
    hdu.header.comments["FLATCORR"] = "another" if change == "comment" else "one"
    return hdu


def agree(paths: tuple[Path, Path], tolerance: Tolerance) -> tuple[bool, bool, int]:
    """Return what FITSDiff says, what ours says, and the difference of the numbers of pixels that differ."""
    theirs = fits.FITSDiff(
        str(paths[0]), str(paths[1]), rtol=tolerance.rtol, atol=tolerance.atol,
        ignore_keywords=[*VOLATILE_CARDS], ignore_comments=["*"],
    )  # fmt: skip
    ours = FitsDifferences().compare(*paths, tolerance)
    cards = [card for hdu in ours.hdus for card in hdu.cards]
    theirs_count = sum(
        hdu.diff_data.diff_total
        for _, hdu, *_ in theirs.diff_hdus
        if isinstance(hdu.diff_data, fits.diff.ImageDataDiff)
    )
    ours_count = sum(value.beyond for hdu in ours.hdus for value in hdu.values if not value.column)
    return theirs.identical, ours.agreement.is_good and not cards, ours_count - theirs_count


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [
        ("u1", Tolerance(0)), ("i2", Tolerance(0, 2)), ("u2", Tolerance(1e-3)), ("i8", Tolerance(1e-3)),
        ("f4", Tolerance(0)), ("f4", Tolerance(1e-3)), ("f4", Tolerance(0, 2)), ("f8", Tolerance(1e-3)),
    ],
)  # fmt: skip
def test_images_agree_when_fitsdiff_says_so(kind: str, tolerance: Tolerance, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for change in CHANGES:
        data = values(rng, kind, (4, 5)) + (3 if kind[0] in "iu" else 0)
        other = changed(rng, data.astype(kind), change)
        for path, pixels, mark in ((paths[0], data.astype(kind), ""), (paths[1], other, change)):
            fits.HDUList([fits.PrimaryHDU(), with_cards(fits.ImageHDU(pixels), mark)]).writeto(path, overwrite=True)
        theirs, ours, more = agree(paths, tolerance)
        assert ours == theirs, change
        assert more == 0, change


@pytest.mark.parametrize("change", ["volatile", "comment"])
def test_cards_of_every_run_are_no_difference(change: str, tmp_path: Path) -> None:
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for path, mark in zip(paths, ("", change), strict=True):
        fits.HDUList([fits.PrimaryHDU(), with_cards(fits.ImageHDU(np.ones(3)), mark)]).writeto(path)
    assert agree(paths, Tolerance(0)) == (True, True, 0)


@pytest.mark.parametrize("form", FORMS)
def test_tables_agree_when_fitsdiff_says_so(form: str, tmp_path: Path) -> None:
    kind, rng = FORMS[form], np.random.default_rng(1)
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    width = {"3E": (3,), "16X": (16,)}.get(form, ())
    for change in CHANGES:
        data = values(rng, kind, (6, *width))
        for path, cells, mark in ((paths[0], data, ""), (paths[1], changed(rng, data, change), change)):
            hdu = fits.BinTableHDU.from_columns(
                [fits.Column("X", form, array=cells), fits.Column("N", "J", array=np.arange(len(cells)))]
            )
            fits.HDUList([fits.PrimaryHDU(), with_cards(hdu, mark)]).writeto(path, overwrite=True)
        theirs, ours, _ = agree(paths, Tolerance(1e-3))
        assert ours == theirs, change


@pytest.mark.parametrize(
    "other", [[[1, 2], [3.0]], [[1, 2], [4.0]], [[1, 2], [3.0, 4.0]]], ids=["same", "value", "length"]
)
def test_arrays_of_variable_length_agree_when_fitsdiff_says_so(other: Any, tmp_path: Path) -> None:
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for path, rows in ((paths[0], [[1, 2], [3.0]]), (paths[1], other)):
        cells = np.empty(2, object)
        cells[:] = [np.array(row, "f4") for row in rows]
        fits.BinTableHDU.from_columns([fits.Column("X", "PE()", array=cells)]).writeto(path)
    theirs, ours, _ = agree(paths, Tolerance(0))
    assert ours == theirs


def test_stored_integers_with_a_scale_agree_when_fitsdiff_says_so(tmp_path: Path) -> None:
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for path, zero in zip(paths, (10.0, 10.5), strict=True):
        hdu = fits.PrimaryHDU(np.arange(6, dtype="i2").reshape(2, 3))
        hdu.header.update(BSCALE=0.5, BZERO=zero, BLANK=3)
        hdu.writeto(path)
    assert agree(paths, Tolerance(0)) == (False, False, 0)
    (hdu,) = FitsDifferences().compare(*paths, Tolerance(0)).hdus
    assert (hdu.values[0].differing, hdu.values[0].absolute) == (5, 0.5)  # the blank pixel is NaN in both


def test_fitsdiff_takes_nan_for_infinity_and_we_do_not(tmp_path: Path) -> None:
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for path, value in zip(paths, (np.nan, np.inf), strict=True):
        fits.PrimaryHDU(np.array([1, value])).writeto(path)
    assert agree(paths, Tolerance(0))[:2] == (True, False)


def test_fitsdiff_calls_nan_in_variable_arrays_different_and_we_do_not(tmp_path: Path) -> None:
    paths = tmp_path / "a.fits", tmp_path / "b.fits"
    for path in paths:
        cells = np.empty(1, object)
        cells[0] = np.array([1, np.nan], "f4")
        fits.BinTableHDU.from_columns([fits.Column("X", "PE()", array=cells)]).writeto(path)
    theirs, ours, _ = agree(paths, Tolerance(0))
    assert (theirs, ours) == (False, True)
    assert FitsDifferences().compare(*paths, Tolerance(0)).agreement is Agreement.EXACT
