"""Reference files compared by their values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.references.comparing import ValueComparison
from caldp.domain.stale.findings import Comparison, Measure
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Criterion, Match, Region, Used
from tests.contracts.reference_comparison import SECOND, Case, ReferenceComparisonContract
from tests.support.reference_tables import LONG, lamp_table, write_reference


def changed_in(row: int, element: int = LONG // 2, factor: float = 1.5) -> Any:
    data = lamp_table()
    data["INTENSITY"][row, element] *= factor
    return data


class TestValueComparison(ReferenceComparisonContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        tables = {"old": lamp_table(), "renamed": lamp_table(), "second": changed_in(1), "third": changed_in(2)}
        paths = [write_reference(tmp_path / f"{name}_lamp.fits", data) for name, data in tables.items()]
        damaged = tmp_path / "damaged_lamp.fits"
        damaged.write_bytes(paths[0].read_bytes()[:-2880])
        old, renamed, second, third = paths
        return Case(ValueComparison(), old, renamed, second, third, damaged)


def compared(tmp_path: Path, old: Any, new: Any, used: Used | None = None, **new_cards: Any) -> Comparison:
    before = write_reference(tmp_path / "old_x.fits", old)
    after = write_reference(tmp_path / "new_x.fits", new, new_cards)
    return ValueComparison().compare(before, after, used or Used())


@pytest.mark.parametrize("element", [0, LONG // 2, LONG - 1])
def test_every_element_of_a_long_array_counts(tmp_path: Path, element: int) -> None:
    found = compared(tmp_path, lamp_table(), changed_in(1, element), SECOND)
    assert found.rung is Rung.CHANGED
    (difference,) = found.differences
    assert (difference.place, difference.rows, difference.row_count) == ("HDU 1 (LAMP), column INTENSITY", (2,), 1)
    assert difference.amount is not None
    assert difference.amount.measure is Measure.RATIO
    assert difference.amount.largest == pytest.approx(1.5)
    assert difference.amount.median == 1.0
    assert (difference.amount.changed, difference.amount.compared) == (1, LONG)


def test_a_text_file_is_said_to_be_none(tmp_path: Path) -> None:
    old, text = write_reference(tmp_path / "old_x.fits", lamp_table()), tmp_path / "text_x.fits"
    text.write_text("no FITS")
    found = ValueComparison().compare(old, text, Used())
    assert found.rung is Rung.UNKNOWN
    assert found.detail.startswith("text_x.fits is damaged")


@pytest.mark.parametrize("card", ["DATE", "DESCRIP", "USEAFTER", "HISTORY", "ORIGIN"])
def test_cards_that_describe_the_file_do_not_count(tmp_path: Path, card: str) -> None:
    assert compared(tmp_path, lamp_table(), lamp_table(), None, **{card: "other"}).rung is Rung.SAME_CONTENT


@pytest.mark.parametrize(("card", "value"), [("REF_TIME", 54952.0), ("VCALCOS", "9.9"), ("PEDIGREE", "DUMMY 2026")])
def test_any_other_card_counts(tmp_path: Path, card: str, value: Any) -> None:
    found = compared(tmp_path, lamp_table(), lamp_table(), SECOND, **{card: value})
    assert found.rung is Rung.CHANGED
    assert found.detail.startswith(f"the header of HDU 0 differs: {card} ")
    assert found.new_is_dummy is (card == "PEDIGREE")


def test_the_period_of_a_pedigree_does_not_count(tmp_path: Path) -> None:
    found = compared(tmp_path, lamp_table(), lamp_table(), PEDIGREE="INFLIGHT 01/01/2010 01/01/2026")
    assert found.rung is Rung.SAME_CONTENT


def test_the_description_of_a_row_does_not_count(tmp_path: Path) -> None:
    data = lamp_table()
    data["DESCRIP"] = "of 2026"
    assert compared(tmp_path, lamp_table(), data, SECOND).rung is Rung.SAME_CONTENT


def test_the_order_of_the_rows_used_counts(tmp_path: Path) -> None:
    used = Used((Criterion("OPT_ELEM", Match.EQUAL, ("G140L",)),))
    assert compared(tmp_path, lamp_table(), lamp_table()[[1, 0, 2]], used).rung is Rung.CHANGED


def test_rows_for_other_modes_may_come_and_go(tmp_path: Path) -> None:
    assert compared(tmp_path, lamp_table(), lamp_table()[:2], SECOND).rung is Rung.SAME_ROWS
    more = np.concatenate([lamp_table((1300,)), lamp_table((800, 1105))])
    assert compared(tmp_path, lamp_table((800, 1105)), more, SECOND).rung is Rung.SAME_ROWS


def test_a_row_that_comes_or_goes_is_counted(tmp_path: Path) -> None:
    found = compared(tmp_path, lamp_table(), lamp_table()[[0, 2]], SECOND)
    assert (found.rung, found.detail) == (Rung.CHANGED, "HDU 1 (LAMP) has 0 used rows instead of 1")


def test_values_for_any_mode_are_used(tmp_path: Path) -> None:
    used = Used((Criterion("OPT_ELEM", Match.EQUAL, ("G130M",)),))
    before, after = lamp_table(), changed_in(2)
    for table in (before, after):
        table["OPT_ELEM"] = ["G140L", "G140L", "ANY"]
    assert compared(tmp_path, before, after, used).rung is Rung.CHANGED
    for table in (before, after):
        table["OPT_ELEM"] = ["ANY", "G140L", "G140L"]
    assert compared(tmp_path, before, after, used).rung is Rung.SAME_ROWS


def test_apertures_begin_with_the_name(tmp_path: Path) -> None:
    used = Used((Criterion("SEGMENT", Match.BEGINS, ("FUV",)),))
    assert compared(tmp_path, lamp_table(), changed_in(2), used).rung is Rung.CHANGED


def test_rows_up_to_a_date_are_used(tmp_path: Path) -> None:
    used = Used((Criterion("CENWAVE", Match.AT_MOST, ("1200.5",)),))
    assert compared(tmp_path, lamp_table(), changed_in(2), used).rung is Rung.SAME_ROWS
    assert compared(tmp_path, lamp_table(), changed_in(1), used).rung is Rung.CHANGED


def test_other_columns_are_told(tmp_path: Path) -> None:
    names = [name for name in lamp_table().dtype.names if name != "SEGMENT"]
    found = compared(tmp_path, lamp_table(), lamp_table()[names].copy(), SECOND)
    assert found.rung is Rung.CHANGED
    assert found.detail == "HDU 1 (LAMP) has other columns: SEGMENT 4A -> none"


def test_columns_in_another_order_are_the_same(tmp_path: Path) -> None:
    names = list(reversed(lamp_table().dtype.names))
    data = np.zeros(3, dtype=[(name, lamp_table().dtype[name]) for name in names])
    for name in names:
        data[name] = lamp_table()[name]
    assert compared(tmp_path, lamp_table(), data).rung is Rung.SAME_CONTENT


def test_not_a_number_is_equal_to_itself_only(tmp_path: Path) -> None:
    data = lamp_table()
    data["INTENSITY"][1] = np.nan
    assert compared(tmp_path, data, data, SECOND).rung is Rung.SAME_CONTENT
    found = compared(tmp_path, lamp_table(), data, SECOND)
    assert (found.rung, found.differences[0].amount) == (Rung.CHANGED, None)


def test_values_of_both_signs_are_compared_by_difference(tmp_path: Path) -> None:
    before, after = np.array([[0.0, 1.0], [-1.0, 2.0]]), np.array([[0.5, 1.0], [-1.0, 1.0]])
    found = compared(tmp_path, before, after)
    assert found.rung is Rung.CHANGED
    amount = found.differences[0].amount
    assert amount is not None
    assert (amount.measure, amount.largest, amount.median, amount.changed) == (Measure.DIFFERENCE, -1.0, 0.0, 2)


@pytest.mark.parametrize(
    ("row", "column", "rung"),
    [(4, 4, Rung.SAME_ROWS), (5, 6, Rung.CHANGED), (8, 9, Rung.CHANGED), (9, 9, Rung.SAME_ROWS)],
)
def test_pixels_of_a_subarray_are_used(tmp_path: Path, row: int, column: int, rung: Rung) -> None:
    """Columns 7 to 10 and rows 6 to 9 of the image, counted from 1: the detector begins two pixels later."""
    used = Used(region=Region(left=5, bottom=4, width=4, height=4))
    before = np.ones((12, 14), dtype=np.float32)
    after = before.copy()
    after[row, column] = 2.0
    old = write_reference(tmp_path / "old_x.fits", before, LTV1=2.0, LTV2=2.0)
    new = write_reference(tmp_path / "new_x.fits", after, LTV1=2.0, LTV2=2.0)
    assert ValueComparison().compare(old, new, used).rung is rung


def test_a_subarray_outside_of_the_image_compares_all_of_it(tmp_path: Path) -> None:
    before = np.ones((4, 4), dtype=np.float32)
    after = before.copy()
    after[0, 0] = 2.0
    assert compared(tmp_path, before, after, Used(region=Region(100, 100, 2, 2))).rung is Rung.CHANGED


def test_images_of_another_shape_or_type_are_told(tmp_path: Path) -> None:
    found = compared(tmp_path, np.ones((4, 5), dtype=np.float32), np.ones((4, 6), dtype=np.float32))
    assert found.detail == "HDU 1 (SCI) has another shape: 5 x 4 float32 -> 6 x 4 float32"
    assert compared(tmp_path, np.ones(4, dtype=np.float32), np.ones(4, dtype=np.float64)).rung is Rung.CHANGED


def test_another_hdu_is_told(tmp_path: Path) -> None:
    old = write_reference(tmp_path / "old_x.fits", lamp_table())
    with fits.open(old) as hdus:
        hdus.append(fits.ImageHDU(np.zeros(3), name="MORE"))
        hdus.writeto(tmp_path / "new_x.fits")
    found = ValueComparison().compare(old, tmp_path / "new_x.fits", SECOND)
    assert (found.rung, found.detail) == (Rung.CHANGED, "the HDUs are not the same: fewer -> MORE,1 image")


def test_every_table_of_a_file_counts(tmp_path: Path) -> None:
    """CRDS compares the first one only."""
    paths = []
    for name, second in (("old", lamp_table()), ("new", changed_in(1))):
        paths.append(tmp_path / f"{name}_x.fits")
        tables = [fits.BinTableHDU(lamp_table(), name="ONE"), fits.BinTableHDU(second, name="TWO")]
        fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(paths[-1])
    found = ValueComparison().compare(paths[0], paths[1], SECOND)
    assert found.rung is Rung.CHANGED
    assert found.differences[0].place == "HDU 2 (TWO), column INTENSITY"


def test_arrays_of_variable_length_count(tmp_path: Path) -> None:
    paths = []
    for name, last in (("old", 3.0), ("new", 4.0)):
        arrays = np.array([np.array([1.0, 2.0, last]), np.array([5.0])], dtype=object)
        columns = [fits.Column("CENWAVE", "J", array=[800, 1105]), fits.Column("TRACE", "PD()", array=arrays)]
        paths.append(tmp_path / f"{name}_x.fits")
        fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(paths[-1])
    assert ValueComparison().compare(paths[0], paths[1], Used()).rung is Rung.CHANGED
    assert ValueComparison().compare(paths[0], paths[1], SECOND).rung is Rung.SAME_ROWS


def test_dimensions_that_the_format_tells_do_not_count(tmp_path: Path) -> None:
    """astropy writes TDIM for arrays of one dimension, where other programs leave it out."""
    paths = []
    for name, dim in (("old", None), ("new", f"({LONG})")):
        columns = [fits.Column("INTENSITY", f"{LONG}E", dim=dim, array=lamp_table()["INTENSITY"])]
        paths.append(tmp_path / f"{name}_x.fits")
        fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(paths[-1])
    assert ("TDIM1" in fits.getheader(paths[0], 1), "TDIM1" in fits.getheader(paths[1], 1)) == (False, True)
    assert ValueComparison().compare(paths[0], paths[1], Used()).rung is Rung.SAME_CONTENT


def test_a_column_may_be_used_of_fewer_rows(tmp_path: Path) -> None:
    """As calcos reads the shifts of all positions, and the spectrum of the exposure's own."""
    grating = Criterion("OPT_ELEM", Match.EQUAL, ("G140L",))
    used = Used((grating,), of_fewer=(("INTENSITY", SECOND.criteria[0]),))
    assert compared(tmp_path, lamp_table(), changed_in(2), used).rung is Rung.SAME_ROWS
    assert compared(tmp_path, lamp_table(), changed_in(1), used).rung is Rung.CHANGED
    data = lamp_table()
    data["SEGMENT"][2] = "FUVB"
    assert compared(tmp_path, lamp_table(), data, used).rung is Rung.CHANGED
    unknown = Used((grating,), of_fewer=(("INTENSITY", Criterion("CENWAVE", Match.EQUAL, ("1222",))),))
    assert compared(tmp_path, lamp_table(), changed_in(2), unknown).rung is Rung.CHANGED
