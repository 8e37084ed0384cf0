"""Comparison of FITS files: how much differs, by how much, where; and in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.comparison.fits import FitsDifferences
from caldp.app.ports.fits_comparer import FitsComparer
from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.difference import CardChange, FlagChange, HduDifference, ProductDifference
from tests.contracts.fits_comparer import FitsComparerContract

IMAGE = np.linspace(1, 2, 12 * 7, dtype="f4").reshape(12, 7)


class TestFitsDifferences(FitsComparerContract):
    @pytest.fixture
    def comparer(self) -> FitsComparer:
        return FitsDifferences()

    def write(self, path: Path, value: int) -> None:
        fits.PrimaryHDU(np.full((3, 2), value, "i2")).writeto(path, overwrite=True)


@pytest.fixture
def compare(tmp_path: Path) -> Any:
    """Write two lists of HDUs behind a primary one, and compare them."""

    def run(a: list[Any], b: list[Any], tolerance: Tolerance = Tolerance(), **cards: str) -> ProductDifference:  # noqa: B008
        for name, hdus in (("a.fits", a), ("b.fits", b)):
            primary = fits.PrimaryHDU()
            primary.header.update(cards)
            fits.HDUList([primary, *hdus]).writeto(tmp_path / name, overwrite=True)
        return FitsDifferences().compare(tmp_path / "a.fits", tmp_path / "b.fits", tolerance)

    return run


def image(data: Any, name: str = "SCI", version: int = 1) -> Any:
    return fits.ImageHDU(np.asarray(data), name=name, ver=version)


def table(**columns: Any) -> Any:
    return fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=np.asarray(values)) for name, (form, values) in columns.items()], name="SCI"
    )


def only_hdu(found: ProductDifference) -> HduDifference:
    (hdu,) = found.hdus
    return hdu


def test_one_flipped_bit_is_found_and_located(compare: Any) -> None:
    other = IMAGE.copy()
    other.view("u4")[4, 2] ^= 1
    found = compare([image(IMAGE), image(IMAGE, "ERR")], [image(other), image(IMAGE, "ERR")])
    (value,) = only_hdu(found).values
    assert (found.agreement, only_hdu(found).label) == (Agreement.WITHIN, "SCI,1")
    assert (value.differing, value.beyond, value.samples, value.first) == (1, 0, 84, "pixel (3, 5)")
    assert compare([image(IMAGE)], [image(other)], Tolerance(0)).agreement is Agreement.DIFFERENT


def test_a_factor_is_told_with_its_place(compare: Any) -> None:
    other = IMAGE * np.float32(1.1)
    other[1, 1] = 100
    (value,) = only_hdu(compare([image(IMAGE)], [image(other)])).values
    assert value.ratio == pytest.approx(1.1, rel=1e-6)
    assert value.median == pytest.approx(1 - 1 / 1.1, rel=1e-5)
    assert (value.worst, value.beyond) == ("pixel (2, 2)", 84)
    assert value.absolute == pytest.approx(100 - IMAGE[1, 1])


def test_flags_gained_and_lost_have_names(compare: Any) -> None:
    before, after = np.zeros((4, 4), "i2"), np.zeros((4, 4), "i2")
    before[0, :3], after[0, :2], after[1, 1] = 16, 16, 8192 + 4
    found = compare([image(before, "DQ")], [image(after, "DQ")], INSTRUME="ACS", DETECTOR="HRC")
    (value,) = only_hdu(found).values
    assert value.flags == (
        FlagChange(4, "bad detector pixel", 1, 0),
        FlagChange(16, "hot pixel", 0, 1),
        FlagChange(8192, "cosmic ray", 1, 0),
    )


def test_a_flag_column_of_a_spectrum_has_names_too(compare: Any) -> None:
    before, after = ([[0, 0, 0]], [[0, 64, 0]])
    found = compare([table(DQ=("3I", before))], [table(DQ=("3I", after))], INSTRUME="COS", DETECTOR="FUV")
    (value,) = only_hdu(found).values
    assert (value.column, value.first) == ("DQ", "row 1, element 2")
    assert value.flags == (FlagChange(64, "burst", 1, 0),)


def test_only_the_column_that_differs_is_named(compare: Any) -> None:
    wave, flux = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    other = flux.copy()
    other[1, 2] = 2
    found = compare(
        [table(WAVELENGTH=("3D", wave), FLUX=("3D", flux), SEGMENT=("4A", ["FUVA", "FUVB"]))],
        [table(WAVELENGTH=("3D", wave), FLUX=("3D", other), SEGMENT=("4A", ["FUVA", "FUVB"]))],
    )
    (value,) = only_hdu(found).values
    assert (value.column, value.differing, value.first) == ("FLUX", 1, "row 2, element 3")


def test_nan_is_itself_and_a_number_that_becomes_nan_differs(compare: Any) -> None:
    before, after = IMAGE.copy(), IMAGE.copy()
    before[0, 0] = after[0, 0] = np.nan
    assert compare([image(before)], [image(after)]).agreement is Agreement.EXACT
    after[0, 1] = np.nan
    (value,) = only_hdu(compare([image(before)], [image(after)], Tolerance(1.0))).values
    assert (value.invalid, value.beyond, value.largest) == (1, 1, None)


def test_the_sign_of_zero_is_no_difference_of_values(compare: Any) -> None:
    before, after = np.zeros((2, 2), "f4"), np.zeros((2, 2), "f4")
    after[0, 0] = -0.0
    found = compare([image(before)], [image(after)], Tolerance(0))
    assert (found.agreement, only_hdu(found).values) == (Agreement.WITHIN, ())


def test_integers_of_other_widths_and_scalings_compare_by_value(compare: Any) -> None:
    values = np.array([[0, 1], [40000, 65535]])
    found = compare([image(values.astype("u2"))], [image(values.astype("i4"))], Tolerance(0))
    assert (found.agreement, only_hdu(found).values) == (Agreement.WITHIN, ())
    assert {card.keyword for card in only_hdu(found).cards} == {"BITPIX", "BSCALE", "BZERO"}


def test_integers_of_64_bits_differ_by_one(compare: Any) -> None:
    values = np.array([2**62, 2**62 + 1])
    (value,) = only_hdu(compare([image(values)], [image(values + 1)], Tolerance(0))).values
    assert (value.differing, value.absolute) == (2, 1.0)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (image(IMAGE[:, :5]), "7 x 12 pixels in A, 5 x 12 pixels in B"),
        (table(FLUX=("E", [1.0])), "image in A, BINTABLE in B"),
    ],
    ids=["shape", "kind"],
)
def test_another_layout_is_named(compare: Any, other: Any, reason: str) -> None:
    other.name = "SCI"
    hdu = only_hdu(compare([image(IMAGE)], [other]))
    assert (hdu.agreement, hdu.reason) == (Agreement.DIFFERENT, reason)


def test_other_columns_and_rows_are_named(compare: Any) -> None:
    ours = table(FLUX=("E", [1.0, 2.0]), NET=("E", [1.0, 2.0]))
    theirs = table(FLUX=("2E", [[1.0, 2.0]]), BACK=("E", [1.0]))
    hdu = only_hdu(compare([ours], [theirs]))
    assert hdu.reason == "NET in A only; BACK in B only; FLUX is 1E in A, 2E in B; 2 rows in A, 1 in B"


def test_an_hdu_of_one_file_only_is_named(compare: Any) -> None:
    found = compare([image(IMAGE), image(IMAGE, version=2)], [image(IMAGE)])
    hdu = only_hdu(found)
    assert (hdu.label, hdu.reason, found.agreement) == ("SCI,2", "in A only", Agreement.DIFFERENT)


def test_hdus_are_paired_by_name_in_any_order(compare: Any) -> None:
    ours = [image(IMAGE), image(IMAGE * 2, version=2)]
    assert compare(ours, ours[::-1]).agreement is Agreement.EXACT


def test_cards_that_matter_are_told_and_those_of_every_run_are_not(compare: Any) -> None:
    ours, theirs = image(IMAGE), image(IMAGE)
    ours.header.update(FLATCORR="COMPLETE", PHOTFLAM=1.0, DATE="2026-11-25")
    theirs.header.update(FLATCORR="OMIT", PHOTFLAM=1.0 + 1e-12, DATE="2026-11-26", NEW=True)
    theirs.header["HISTORY"] = "made anew"
    found = compare([ours], [theirs])
    assert found.agreement is Agreement.EXACT
    assert only_hdu(found).cards == (CardChange("FLATCORR", "COMPLETE", "OMIT"), CardChange("NEW", None, "True"))


@pytest.mark.parametrize("damage", ["cut off", "tform", "naxis", "text"])
def test_a_damaged_file_is_no_traceback(compare: Any, tmp_path: Path, damage: str) -> None:
    hdu = table(FLUX=("3E", [[1.0, 2.0, 3.0]]))
    compare([hdu], [hdu])
    path = tmp_path / "b.fits"
    data = path.read_bytes()
    changed = {
        "cut off": data[:-2880],
        "tform": data.replace(b"TFORM1  = '3E", b"TFORM1  = '9E"),
        "naxis": data.replace(b"NAXIS1  =                   12", b"NAXIS1  =                   -2"),
        "text": b"SIMPLE  = nonsense".ljust(2880),
    }
    path.write_bytes(changed[damage])
    found = FitsDifferences().compare(tmp_path / "a.fits", path, Tolerance())
    assert found.agreement in (Agreement.NOT_COMPARABLE, Agreement.DIFFERENT)
    assert found.reason or found.hdus


def test_an_array_outside_of_the_heap_is_not_read(tmp_path: Path) -> None:
    """A descriptor may claim 2 billion values; nobody reserves memory for them."""
    cells = np.empty(2, object)
    cells[:] = [np.array([1.0]), np.array([2.0])]
    for name in ("a.fits", "b.fits"):
        fits.BinTableHDU.from_columns([fits.Column("X", "PD()", array=cells)]).writeto(tmp_path / name)
    data = bytearray((tmp_path / "b.fits").read_bytes())
    data[2 * 2880 : 2 * 2880 + 4] = b"\x7f\xff\xff\xff"
    (tmp_path / "b.fits").write_bytes(data)
    found = FitsDifferences().compare(tmp_path / "a.fits", tmp_path / "b.fits", Tolerance())
    assert (found.agreement, found.reason) == (
        Agreement.NOT_COMPARABLE, "their data cannot be read: X has an array outside of the heap",
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of this system does not tell the peak by itself")
def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    """Two images of 25 MB, every pixel of which differs, would take 400 MB as a whole."""
    data = np.ones((2500, 2500), "f4")
    for name, value in (("a.fits", 1.0), ("b.fits", 1.5)):
        data[:] = value
        fits.PrimaryHDU(data).writeto(tmp_path / name)
    code = (
        "import sys; from pathlib import Path\n"
        "from caldp.adapters.comparison.fits import FitsDifferences\n"
        "from caldp.domain.comparison.agreement import Tolerance\n"
        "found = FitsDifferences().compare(Path(sys.argv[1]), Path(sys.argv[2]), Tolerance())\n"
        "print(found.hdus[0].values[0].beyond)\n"
        # ru_maxrss would be that of the process that starts this one, if that has more.
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "a.fits", tmp_path / "b.fits"],
        capture_output=True,
        text=True,
        check=True,
    )
    beyond, kib = map(int, done.stdout.split())
    assert beyond == data.size
    assert kib * 1024 < 250e6
