"""Inputs of a batch are listed once, and all that they lack is told at once."""

from __future__ import annotations

import pytest

from caldp.app.batch.inputs import Inputs
from caldp.domain.batch.estimate import Basis, Estimate, Past
from caldp.domain.batch.manifest import Entry, Reading
from caldp.domain.errors import InputNotFound, UsageError
from tests.fakes.input_listing import FakeListing
from tests.support.batches import request_for

TABLES = {"j8cb010b0_asn.fits": ("j8cb010b0", "j8cb01u2q", "j8cb01u3q")}
SIZES = {
    "j8cb010b0_asn.fits": 1, "j8cb01u2q_raw.fits": 20_000_000, "j8cb01u3q_raw.fits": 20_000_000,
    "ldfd01010.tar.gz": 9_000_000, "j8cb020b0_asn.fits": 1,
}  # fmt: skip
HERE = FakeListing(SIZES, TABLES, {"j8cb01u2q_raw.fits": {"DETECTOR": "WFC", "DRIZCORR": "PERFORM"}})
COMMON = request_for("j8cb010b0")


def listing(place: str) -> FakeListing | None:
    if place == "file:/nowhere":
        raise InputNotFound("The input '/nowhere' cannot be listed: no such file.")
    return HERE if place == "file:/in" else None


def problems(*entries: Entry) -> list[str]:
    return [str(problem) for problem in Inputs(listing).check(Reading(), entries, COMMON).problems]


def test_what_inputs_and_settings_lack_is_told_at_once() -> None:
    assert problems(
        Entry("j8cb010b0", 1),
        Entry("j8cb09010", 2),
        Entry("obes03010", 3, "file:/nowhere"),
        Entry("obes04010", 4, "astroquery:"),
        Entry("ldfd01010", 5, settings={"timeout": "soon", "previews": "no"}),
    ) == [
        "line 3: The input '/nowhere' cannot be listed: no such file",
        "line 2: the input has nothing for j8cb09010: neither j8cb09010_asn.fits nor j8cb09010.tar.gz",
        "line 5: timeout is 'soon'; expected a number of 0 or more",
    ]


def test_an_input_that_all_need_is_an_error_of_its_own() -> None:
    common = request_for("j8cb010b0")
    with pytest.raises(InputNotFound, match="/in"):
        Inputs(_missing).check(Reading(), [Entry("j8cb010b0", 1)], common)


def _missing(place: str) -> FakeListing:
    raise InputNotFound(f"The input {place} cannot be listed.")


def test_every_dataset_of_an_input_is_found() -> None:
    """The table of j8cb020b0 is damaged: its run will say so."""
    assert Inputs(listing).datasets("file:/in") == ("j8cb010b0", "j8cb020b0", "ldfd01010")
    with pytest.raises(UsageError, match="astroquery: cannot be listed"):
        Inputs(listing).datasets("astroquery:")


def test_estimates_go_by_all_raw_files() -> None:
    inputs = Inputs(listing)
    both = inputs.estimate(Entry("j8cb010b0"), COMMON, Past())
    assert (both.files, both.input_bytes, both.basis) == (2, 40_000_000, Basis.HEADERS)
    assert both.memory_mib > inputs.estimate(Entry("ldfd01010"), COMMON, Past()).memory_mib / 4
    assert inputs.estimate(Entry("j8cb020b0"), COMMON, Past()) == Estimate()
    assert inputs.estimate(Entry("obes04010", input="astroquery:"), COMMON, Past()) == Estimate()
    assert inputs.sizes(Entry("j8cb010b0"), COMMON) == SIZES
