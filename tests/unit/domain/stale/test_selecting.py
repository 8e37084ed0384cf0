"""Columns that select rows, against what CRDS knows of the same tables, and against header values."""

from __future__ import annotations

import pytest

from caldp.domain.stale.findings import Exposure
from caldp.domain.stale.selecting import IMAGES, TABLES, used_part
from caldp.domain.stale.steps import READERS, Reading, reading
from caldp.domain.stale.used import Match, Region

CRDS = {
    "cos_bpixtab": {"segment"}, "cos_brsttab": {"segment"}, "cos_deadtab": {"segment"},
    "cos_disptab": {"opt_elem", "cenwave"}, "cos_fluxtab": {"opt_elem", "cenwave", "aperture"},
    "cos_lamptab": {"opt_elem", "cenwave", "fpoffset"}, "cos_phatab": {"opt_elem"},
    "cos_proftab": {"opt_elem", "cenwave", "aperture", "segment"}, "cos_spwcstab": {"opt_elem", "cenwave", "aperture"},
    "cos_tdstab": {"opt_elem", "aperture"}, "cos_tracetab": {"opt_elem", "cenwave", "aperture", "segment"},
    "cos_twozxtab": {"opt_elem", "cenwave", "aperture", "segment"}, "cos_wcptab": {"opt_elem"},
    "cos_xtractab": {"opt_elem", "cenwave", "aperture"}, "stis_apertab": {"aperture"}, "stis_bpixtab": {"opt_elem"},
    "stis_ccdtab": {"ccdamp", "ccdgain", "ccdoffst", "binaxis1", "binaxis2"}, "stis_disptab": {"opt_elem", "cenwave"},
    "stis_lamptab": {"opt_elem", "lampset", "sclamp"}, "stis_mlintab": {"detector"},
    "stis_phottab": {"opt_elem", "cenwave"}, "stis_sdctab": {"opt_elem", "cenwave", "aperture"},
    "stis_sptrctab": {"opt_elem", "cenwave"}, "stis_tdstab": {"opt_elem"}, "stis_wcptab": {"opt_elem", "detector"},
    "stis_xtractab": {"opt_elem", "cenwave", "aperture"}, "acs_atodtab": {"ccdamp", "ccdchip", "ccdgain"},
    "acs_bpixtab": {"ccdamp", "ccdchip", "ccdgain"}, "acs_mlintab": {"detector"},
    "acs_ccdtab": {"ccdamp", "ccdchip", "ccdgain", "binaxis1", "binaxis2"}, "wfc3_bpixtab": {"ccdchip"},
    "wfc3_ccdtab": {"ccdamp", "ccdchip", "ccdgain", "binaxis1", "binaxis2"},
}  # fmt: skip
"""Selecting columns by ``crds/bestrefs/table_effects.py`` of crds 13.2, of the types that are here too."""
KNOWN_BETTER = {
    "cos_lamptab": {"fpoffset"},  # wavecal.py reads the shifts of all positions; only INTENSITY of the own
    "stis_sdctab": {"cenwave", "aperture"},  # cs4/getgrpinfo4.c takes the first row of the grating
    "acs_atodtab": {"ccdchip"},  # acsccd/doatod.c does not look at it
    "acs_ccdtab": {"binaxis1", "binaxis2"},  # getccdtab.c does not look at them
}
"""Columns of CRDS that not every reader of the table compares."""


def test_each_type_has_one_entry_with_a_source() -> None:
    names = [(entry.instrument, entry.keyword) for entry in (*TABLES, *IMAGES)]
    assert len(set(names)) == len(names)
    assert all(".c" in entry.source or ".py" in entry.source for entry in (*TABLES, *IMAGES))
    readers = [(reader.instrument, reader.keyword) for reader in READERS]
    assert len(set(readers)) == len(readers)
    assert all(bool(reader.every) != bool(reader.either) for reader in READERS)


@pytest.mark.parametrize("name", CRDS)
def test_columns_are_those_of_crds_or_it_is_said_why_not(name: str) -> None:
    instrument, keyword = name.split("_")
    (entry,) = [one for one in TABLES if (one.instrument, one.keyword.lower()) == (instrument, keyword)]
    ours = {column.name.lower() for column in entry.columns}
    assert CRDS[name] - ours == KNOWN_BETTER.get(name, set())


def exposure(instrument: str, **values: str) -> Exposure:
    return Exposure("x_raw.fits", instrument, {}, {}, {key: (value,) for key, value in values.items()})


def conditions(one: Exposure, keyword: str) -> dict[str, tuple[str, ...]]:
    return {criterion.column: criterion.values for criterion in used_part(one, keyword).criteria}


def test_rows_of_the_lamp_and_of_the_target_are_used_beside_the_own() -> None:
    one = exposure("cos", OPT_ELEM="G140L", CENWAVE="1105", SEGMENT="FUVA", APERTURE="BOA")
    assert conditions(one, "XTRACTAB") == {
        "OPT_ELEM": ("G140L",), "CENWAVE": ("1105",), "SEGMENT": ("FUVA",), "APERTURE": ("BOA", "PSA", "WCA"),
    }  # fmt: skip
    assert conditions(one, "FLUXTAB")["APERTURE"] == ("BOA",)


@pytest.mark.parametrize("value", ["N/A", "", "ANY", "BOTH"])
def test_a_value_that_stands_for_any_selects_nothing(value: str) -> None:
    assert conditions(exposure("cos", SEGMENT=value), "BPIXTAB") == {}


def test_a_type_without_an_entry_is_compared_as_a_whole() -> None:
    assert used_part(exposure("cos", SEGMENT="FUVA"), "HVTAB").is_whole
    assert used_part(exposure("acs", DETECTOR="WFC"), "IDCTAB").is_whole


def test_all_chips_of_an_exposure_are_used() -> None:
    one = Exposure("x_raw.fits", "acs", {}, {}, {"CCDCHIP": ("2", "1"), "CCDAMP": ("ABCD",)})
    assert conditions(one, "BPIXTAB") == {"CCDCHIP": ("1", "2"), "CCDAMP": ("ABCD",)}


def test_rows_up_to_the_exposure_are_used() -> None:
    (criterion,) = used_part(exposure("cos", EXPSTART="57934.5"), "GSAGTAB").criteria
    assert (criterion.column, criterion.match, criterion.values) == ("DATE", Match.AT_MOST, ("57934.5",))


def test_the_region_of_a_subarray_is_used_of_the_detectors_listed() -> None:
    region = Region(1, 1, 512, 512)
    hrc = Exposure("x_raw.fits", "acs", {}, {}, {"DETECTOR": ("HRC",)}, region=region)
    assert used_part(hrc, "PFLTFILE").region == region
    assert used_part(hrc, "LFLTFILE").is_whole
    sbc = Exposure("x_raw.fits", "acs", {}, {}, {"DETECTOR": ("SBC",)}, region=region)
    assert used_part(sbc, "PFLTFILE").is_whole


@pytest.mark.parametrize(
    ("instrument", "keyword", "switches", "skipped", "how"),
    [
        ("cos", "TDSTAB", {"FLUXCORR": "PERFORM", "TDSCORR": "OMIT"}, (), Reading.OMITTED),
        ("cos", "TDSTAB", {"FLUXCORR": "OMIT", "TDSCORR": "PERFORM"}, (), Reading.OMITTED),
        ("cos", "TDSTAB", {"FLUXCORR": "PERFORM", "TDSCORR": "PERFORM"}, ("TDSCORR",), Reading.SKIPPED),
        ("cos", "TDSTAB", {}, (), Reading.READ),
        ("cos", "BPIXTAB", {"DQICORR": "OMIT"}, (), Reading.READ),
        ("acs", "MLINTAB", {"GLINCORR": "OMIT", "LFLGCORR": "PERFORM"}, (), Reading.READ),
        ("acs", "MLINTAB", {"GLINCORR": "OMIT", "LFLGCORR": "OMIT"}, (), Reading.OMITTED),
        ("acs", "MLINTAB", {"GLINCORR": "OMIT", "LFLGCORR": "PERFORM"}, ("LFLGCORR",), Reading.SKIPPED),
        ("wfc3", "IDCTAB", {"DRIZCORR": "OMIT"}, (), Reading.READ),
    ],
)
def test_a_type_is_read_unless_all_its_readers_are_off(
    instrument: str, keyword: str, switches: dict[str, str], skipped: tuple[str, ...], how: Reading
) -> None:
    assert reading(instrument, keyword, switches, frozenset(skipped)) is how


def test_the_spectrum_of_a_lamp_is_used_of_the_own_position() -> None:
    used = used_part(exposure("cos", OPT_ELEM="G140L", CENWAVE="1105", SEGMENT="FUVA", FPOFFSET="-1"), "LAMPTAB")
    assert [(name, one.column, one.values) for name, one in used.of_fewer] == [("INTENSITY", "FPOFFSET", ("-1",))]
    assert "FPOFFSET" not in {one.column for one in used.criteria}


@pytest.mark.parametrize(
    ("limit", "values", "rounded"),
    [
        ("57934.5", (1.0, 57934.5, 57935.0), "57934.5"),
        ("57934.9", (1.0, 57934.5, 57935.0), "57934.5"),
        ("0.5", (1.0, 2.0), "-inf"),
        ("5", (), "-inf"),
        ("yesterday", (1.0,), "YESTERDAY"),
    ],
)
def test_limits_are_rounded_to_values_that_there_are(limit: str, values: tuple[float, ...], rounded: str) -> None:
    used = used_part(exposure("cos", EXPSTART=limit, SEGMENT="FUVA"), "GSAGTAB")
    assert used.limited == ("DATE",)
    assert [one.values for one in used.rounded({"DATE": values}).criteria] == [(rounded,)]
    table = used_part(exposure("cos", SEGMENT="FUVA"), "BPIXTAB")
    assert (table.limited, table.rounded({"SEGMENT": values})) == ((), table)
