"""No header makes an engine read or write outside of the run's directories."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.reference_names import outside_names
from caldp.domain.hst.files import Extension, FitsFacts

EXPORTED = {"jref", "HOME", "PATH", "TMPDIR"}
RAW = "j8cb01u2q_raw.fits"


def found(keyword: str, value: object) -> bool:
    return bool(list(outside_names(FitsFacts(RAW, {keyword: value}), EXPORTED)))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("DARKFILE", "jref$p2m17374j_drk.fits"),
        ("DARKFILE", "oref$p2m17374j_drk.fits"),
        ("DARKFILE", " jref$p2m17374j_drk.fits "),
        ("DARKFILE", "N/A"),
        ("DARKFILE", "n/a"),
        ("DARKFILE", ""),
        ("DARKFILE", "NOT APPLICABLE"),
        ("GRAPHTAB", "mtab$n9i1408hm_tmg.fits"),
        ("WAVECAL", "osim01010_wav.fits"),
        ("ASN_TAB", "jbz504010_asn.fits"),
        ("FILENAME", RAW),
        ("RULEFILE", "/hstopsa/local/pkgs/fitsblender/wfc3_header.rules"),
        ("D2IMEXT", "/grp/hst/cdbs/jref/02c1450oj_d2i.fits"),
        ("PROPTTL1", "UV/Visible Spectroscopy for US$5 and $HOME/x"),
        ("TUNIT5", "erg /s /cm**2 /angstrom"),
        ("NEXTEND", 3),
        ("CREATOR", "a$b"),
    ],
)
def test_what_real_headers_hold_is_in_order(keyword: str, value: object) -> None:
    assert not found(keyword, value)


@pytest.mark.parametrize("keyword", ["DARKFILE", "CCDTAB", "IDCTAB", "TDSTAB", "ASN_TAB", "WAVECAL", "ROOTNAME"])
@pytest.mark.parametrize(
    "value",
    [
        "/etc/passwd",
        "../../x.fits",
        "jref$../../x.fits",
        "jref$..",
        "jref$sub/x.fits",
        "jref$/etc/passwd",
        "$jref/../x.fits",
        "$HOME/x.fits",
        "HOME$.netrc",
        "jref$HOME$.netrc",
        "~/x.fits",
        "http://evil.example/x.fits",
        "x.fits(/tmp/copy.fits)",
        "x.fits[1]",
        "-",
        "..",
        "x\n/y",
    ],
)
def test_what_would_lead_elsewhere_is_found(keyword: str, value: str) -> None:
    assert found(keyword, value)


def test_a_reference_of_a_type_that_nobody_knows_is_found_too() -> None:
    assert found("NEWREF", "jref$../x.fits")
    assert found("NEWREF", "HOME$x")


def test_extensions_and_repeated_keywords_count() -> None:
    bad = "jref$../x.fits"
    inside = FitsFacts(RAW, {}, (Extension("SCI", {"IDCTAB": bad}),))
    repeated = FitsFacts(RAW, {"DARKFILE": "N/A"}, (), (("DARKFILE", bad),))
    assert [(one.file, one.keyword, one.value) for one in outside_names(inside)] == [(RAW, "IDCTAB", bad)]
    assert [one.keyword for one in outside_names(repeated)] == ["DARKFILE"]


def test_the_user_s_own_files_may_be_called_anything() -> None:
    facts = FitsFacts(RAW, {"DARKFILE": "jref$my dark (2).fits"})
    assert list(outside_names(facts, EXPORTED))
    assert not list(outside_names(facts, EXPORTED, {"DARKFILE"}))
