"""Association tables of real and simulated datasets, and observations of their files."""

from __future__ import annotations

from typing import Final

from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts


def association(name: str, *rows: str) -> Association:
    """Make an association of rows such as ``ldfd01vnq EXP-FP`` or, for one that is absent, ``ldfd01vtq EXP-FP no``."""
    members = (row.split() for row in rows)
    return Association(name, tuple(Member(root, kind, absent != ["no"]) for root, kind, *absent in members))


def observe(name: str, files: str, table: Association | None = None) -> Observation:
    """Make an observation of inputs without headers: what the plan needs of them is their names."""
    raws = {file: FitsFacts(file) for file in files.split() if file.endswith(".fits")}
    return Observation(DatasetName.parse(name), table, raws, frozenset(files.split()) - raws.keys())


COS_FUV: Final = association(
    "ldfd01010", "ldfd01vnq EXP-FP", "ldfd01vpq EXP-FP", "ldfd01vrq EXP-FP", "ldfd01vtq EXP-FP", "ldfd01010 PROD-FP"
)
ACS_REPEAT: Final = association("jbz504010", "jbz504ejq EXP-RPT", "jbz504ekq EXP-RPT", "jbz504011 PROD-RPT")
WFC3_DITHER: Final = association("isim01010", "isim01a1q EXP-DTH", "isim01a2q EXP-DTH", "isim01010 PROD-DTH no")
STIS_CRSPLIT: Final = association(
    "osim01010", "osim01w1q AUTO-WAVECAL", "osim01s1q CRSPLIT", "osim01s2q CRSPLIT", "osim01010 PRODUCT"
)
