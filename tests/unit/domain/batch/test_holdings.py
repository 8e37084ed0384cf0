"""Datasets that a place holds, by the names of its files."""

from __future__ import annotations

import pytest

from caldp.domain.batch.holdings import Holdings, missing
from caldp.domain.hst.dataset import DatasetName

FILES = {
    "j8cb010b0_asn.fits": 1, "j8cb01u2q_raw.fits": 100, "j8cb01u3q_raw.fits.gz": 40, "j8f54obeq_raw.fits": 7,
    "obes03010_wav.fits": 3, "ldfd01010.tar.gz": 500, "acs_8ph_01_input.out": 1, "readme.txt": 9,
    "j8cb01u2q_spt.fits": 1, "u2eq0201t_raw.fits": 5, "other.tar.gz": 1,
}  # fmt: skip
HOLDINGS = Holdings.of(FILES.items())


@pytest.mark.parametrize(
    ("dataset", "lack"),
    [
        ("j8cb010b0", ""),
        ("j8cb01u2q", ""),
        ("j8f54obeq", ""),
        ("ldfd01010", ""),
        ("obes03010", ""),
        ("acs_8ph_01", ""),
        ("j8cb02010", "neither j8cb02010_asn.fits nor j8cb02010.tar.gz"),
        ("wfc3_8ph_01", "neither wfc3_8ph_01_input.out nor wfc3_8ph_01.tar.gz"),
        ("j8f54obgq", "neither a raw exposure j8f54obgq_raw.fits, or the like, nor j8f54obgq.tar.gz"),
    ],
)
def test_a_dataset_needs_its_table_its_exposure_or_a_tarball(dataset: str, lack: str) -> None:
    assert HOLDINGS.lacks(DatasetName.parse(dataset)) == lack


def test_members_of_associations_are_no_datasets_of_their_own() -> None:
    members = {"j8cb010b0_asn.fits": ("j8cb010b0", "j8cb01u2q", "j8cb01u3q")}
    assert HOLDINGS.datasets(members.__getitem__) == ("acs_8ph_01", "j8cb010b0", "j8f54obeq", "ldfd01010", "obes03010")


def test_sizes_are_those_of_all_raw_files() -> None:
    assert HOLDINGS.sizes("j8cb010b0", ("j8cb010b0", "j8cb01u2q", "j8cb01u3q")) == (2, 140)
    assert HOLDINGS.sizes("ldfd01010") == (1, 500)
    assert HOLDINGS.sizes("j8cb02010") == (0, 0)


def test_places_that_cannot_be_listed_lack_nothing() -> None:
    found = missing({"file:/in": HOLDINGS}, [("j8cb02010", "astroquery:"), ("j8cb03010", "file:/in")])
    assert found.keys() == {"j8cb03010"}
