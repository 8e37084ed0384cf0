"""File names, and what headers say."""

from __future__ import annotations

import pytest
from hypothesis import given

from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, HstFileName
from tests.support.strategies import ALMOST_NAMES


@pytest.mark.parametrize(
    ("name", "root", "suffix"),
    [
        ("j8cb01u2q_raw.fits", "j8cb01u2q", "raw"),
        ("ldfd01010_asn.fits", "ldfd01010", "asn"),
        ("ldfd01vnq_rawtag_a.fits", "ldfd01vnq", "rawtag_a"),
        ("LDFD01VNQ_RAWTAG_B.FITS", "ldfd01vnq", "rawtag_b"),
        ("j8cb01u2q_flt_hlet.fits", "j8cb01u2q", "flt_hlet"),
        ("la8q99030_x1dsum3.fits", "la8q99030", "x1dsum3"),
        ("osim01010_wav_flt.fits", "osim01010", "wav_flt"),
    ],
)
def test_a_name_is_taken_apart(name: str, root: str, suffix: str) -> None:
    assert HstFileName.parse(name) == HstFileName(root, suffix)
    assert str(HstFileName(root, suffix)) == name.lower()


@pytest.mark.parametrize(
    "name",
    [
        "", "j8cb01u2q.fits", "j8cb01u2q_.fits", "j8cb01u2_raw.fits", "j8cb01u2qq_raw.fits", "j8cb01u2q_raw.fits.gz",
        "j8cb01u2q_raw.tra", "dir/j8cb01u2q_raw.fits", "j8cb01u2q__raw.fits", "j8cb01u2q_raw.fits\n",
        "hst_8ph_01_acs_wfc_total_j8ph01_drc.fits", "j8cb01u2q_raw\u212a.fits",
    ],
)  # fmt: skip
def test_what_is_no_such_name(name: str) -> None:
    assert HstFileName.parse(name) is None


@given(ALMOST_NAMES)
def test_any_text_is_a_name_or_none(text: str) -> None:
    parsed = HstFileName.parse(text)
    assert parsed is None or str(parsed) == text.lower()


FACTS = FitsFacts(
    "ldfd01vnq_rawtag_a.fits",
    primary={
        "ROOTNAME": " ldfd01vnq ", "DETECTOR": "FUV", "OPT_ELEM": "G140L", "RANDSEED": -1, "SUBARRAY": False,
        "FLATCORR": "PERFORM ", "X1DCORR": "omit", "BADTCORR": "COMPLETE", "DOPPCORR": "SKIPPED", "TAGFLASH": "AUTO",
        "CTECORR": "ct.fits", "WAVECORR": 3,
    },
    extensions=(
        Extension("EVENTS", {"EXPTIME": 480.032, "EXPSTART": "57934.5", "DETECTOR": "other"}, 1000),
        Extension("GTI", {"EXPTIME": 1.0}, 16),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("DETECTOR", "FUV"), ("EXPTIME", 480.032), ("RANDSEED", -1), ("SUBARRAY", False), ("NOSUCH", None)],
)
def test_a_keyword_is_sought_in_the_primary_header_then_in_the_extensions(
    keyword: str, value: HeaderValue | None
) -> None:
    assert FACTS.keyword(keyword) == value


@pytest.mark.parametrize(
    ("keyword", "text", "number"),
    [
        ("ROOTNAME", "LDFD01VNQ", None),
        ("EXPTIME", "480.032", 480.032),
        ("RANDSEED", "-1", -1.0),
        ("EXPSTART", "57934.5", None),  # text in the header stays text
        ("SUBARRAY", "FALSE", None),
        ("NOSUCH", "", None),
    ],
)
def test_a_keyword_as_text_and_as_number(keyword: str, text: str, number: float | None) -> None:
    assert FACTS.text(keyword) == text
    assert FACTS.number(keyword) == number


def test_switches_are_the_corr_keywords_of_the_primary_header_that_hold_a_state() -> None:
    assert FACTS.switches == {
        "FLATCORR": "PERFORM", "X1DCORR": "OMIT", "BADTCORR": "COMPLETE", "DOPPCORR": "SKIPPED",
    }  # fmt: skip
