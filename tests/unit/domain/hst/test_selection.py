"""Selection of a dataset's inputs."""

from __future__ import annotations

import pytest

from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.selection import select, twins
from tests.support.observations import ACS_REPEAT, COS_FUV, association

# One directory with all that program 14933 and its neighbours left there.
OTHER_ASSOCIATION = association("ldfd02010", "ldfd02a1q EXP-FP", "ldfd02010 PROD-FP")
COS_DIRECTORY = """
    ldfd01010_asn.fits ldfd01010_cal_env.txt
    ldfd01vlq_rawacq.fits ldfd01vlq_spt.fits
    ldfd01vnq_rawtag_a.fits ldfd01vnq_rawtag_b.fits ldfd01vnq_spt.fits ldfd01vnq_pha_a.fits
    ldfd01vpq_rawtag_a.fits ldfd01vrq_rawtag_a.fits ldfd01vtq_rawtag_a.fits
    ldfd01vnq_x1d.fits ldfd01vnq_jit.fits ldfd01vnq.tra
    ldfd02010_asn.fits ldfd02010_cal_env.txt ldfd02a1q_rawtag_a.fits
    notes.txt j8cb01u2q_raw.fits
"""
ACS_DIRECTORY = "jbz504010_asn.fits jbz504ejq_raw.fits jbz504ekq_raw.fits jbz504ekq_flt.fits jbz505a1q_raw.fits"

SELECTIONS = {
    "an association takes its table, its members and its settings": (
        "ldfd01010", COS_FUV, COS_DIRECTORY,
        """
            ldfd01010_asn.fits ldfd01010_cal_env.txt ldfd01vnq_pha_a.fits ldfd01vnq_rawtag_a.fits
            ldfd01vnq_rawtag_b.fits ldfd01vnq_spt.fits ldfd01vpq_rawtag_a.fits ldfd01vrq_rawtag_a.fits
            ldfd01vtq_rawtag_a.fits
        """,
    ),
    "another association of the same program gets its own": (
        "ldfd02010", OTHER_ASSOCIATION, COS_DIRECTORY,
        "ldfd02010_asn.fits ldfd02010_cal_env.txt ldfd02a1q_rawtag_a.fits",
    ),
    "an exposure takes the files of its rootname": (
        "ldfd01vnq", None, COS_DIRECTORY,
        "ldfd01vnq_pha_a.fits ldfd01vnq_rawtag_a.fits ldfd01vnq_rawtag_b.fits ldfd01vnq_spt.fits",
    ),
    "an acquisition is an exposure": ("ldfd01vlq", None, COS_DIRECTORY, "ldfd01vlq_rawacq.fits ldfd01vlq_spt.fits"),
    "calibrated files are no inputs": (
        "jbz504010", ACS_REPEAT, ACS_DIRECTORY, "jbz504010_asn.fits jbz504ejq_raw.fits jbz504ekq_raw.fits",
    ),
    "STIS: raw, wavelength calibration, time tags and engineering support": (
        "obes03010", association("obes03010", "obes03c1q CRSPLIT", "obes03010 PRODUCT"),
        """
            obes03010_asn.fits obes03010_raw.fits obes03010_wav.fits obes03010_tag.fits obes03010_epc.fits
            obes03010_flt.fits obes03020_raw.fits
        """,
        "obes03010_asn.fits obes03010_epc.fits obes03010_raw.fits obes03010_tag.fits obes03010_wav.fits",
    ),
    "compressed files count, a plain one wins": (
        "j8f54obeq", None, "j8f54obeq_raw.fits.gz j8f54obeq_spt.fits j8f54obeq_spt.fits.gz j8f54obdq_raw.fits.gz",
        "j8f54obeq_raw.fits.gz j8f54obeq_spt.fits",
    ),
    "names count in any case": ("j8f54obeq", None, "J8F54OBEQ_RAW.FITS", "J8F54OBEQ_RAW.FITS"),
    "a visit takes its exposures and its poller file": (
        "acs_8ph_01", None, """
            acs_8ph_01_input.out j8ph01a1q_flc.fits j8ph01a2q_flt.fits j8ph02a1q_flc.fits
            j8ph01a1q_raw.fits acs_8ph_02_input.out
        """,
        "acs_8ph_01_input.out j8ph01a1q_flc.fits j8ph01a2q_flt.fits",
    ),
    "nothing is a selection too": ("j8f54obeq", None, "", ""),
}  # fmt: skip


@pytest.mark.parametrize(("name", "table", "offered", "chosen"), SELECTIONS.values(), ids=SELECTIONS.keys())
def test_a_dataset_takes_what_is_its_own(name: str, table: Association | None, offered: str, chosen: str) -> None:
    selection = select(DatasetName.parse(name), offered.split(), table)
    assert list(selection.chosen) == chosen.split()


def test_the_order_in_which_files_are_offered_does_not_matter() -> None:
    dataset, offered = DatasetName.parse("ldfd01010"), COS_DIRECTORY.split()
    assert select(dataset, offered, COS_FUV) == select(dataset, reversed(offered), COS_FUV)


def test_what_was_passed_over_are_the_other_fits_files() -> None:
    selection = select(DatasetName.parse("jbz504010"), [*ACS_DIRECTORY.split(), "notes.txt"], ACS_REPEAT)
    assert selection.passed_over == ("jbz504ekq_flt.fits", "jbz505a1q_raw.fits")


def test_files_that_are_there_twice_are_found() -> None:
    offered = ["a_raw.fits", "a_raw.fits.gz", "b_raw.fits.gz", "c_raw.fits"]
    assert twins(offered) == {"a_raw.fits": ("a_raw.fits", "a_raw.fits.gz")}
