"""Raw exposures among a dataset's files."""

from __future__ import annotations

import pytest

from caldp.app.process.steps.fetch import is_raw
from caldp.domain.hst.dataset import DatasetName


@pytest.mark.parametrize(
    ("dataset", "name", "expected"),
    [
        ("ldfd01010", "ldfd01vnq_rawtag_a.fits", True),
        ("ldfd01010", "ldfd01vnq_x1d.fits", False),
        ("ldfd01010", "ldfd01010_asn.fits", False),
        ("ldfd01010", "ldfd01vnq_wav.fits", False),
        ("ldfd01010", "rawtag.txt", False),
        ("j8cb010b0", "j8cb01u3q_raw.fits", True),
        ("j8cb010b0", "j8cb01u3q_flt.fits", False),
        ("acs_8ph_01", "j8ph01g0q_flc.fits", True),
        ("acs_8ph_01", "acs_8ph_01_input.out", False),
    ],
)
def test_a_raw_exposure_has_a_suffix_of_its_instruments(dataset: str, name: str, expected: bool) -> None:
    assert is_raw(DatasetName.parse(dataset), name) is expected
