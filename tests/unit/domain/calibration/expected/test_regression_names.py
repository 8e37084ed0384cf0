"""Names of files in public regression suites, held against the expectations wherever the mode can be told."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import field, frozen

from caldp.domain.calibration.expected import Expectation, expect
from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts, HstFileName
from tests.support.expectations import raw

TABLE: Final = Path(__file__).parents[4] / "support" / "names" / "regression.tsv"
NOT_MADE_HERE: Final = ("_asn", "_raw", "_spt", "_wav")

IMAGING: Final[dict[str, Any]] = {"OBSTYPE": "IMAGING"}
SPECTRUM: Final[dict[str, Any]] = {"OBSTYPE": "SPECTROSCOPIC"}
STIS_CCD: Final = (
    "DQICORR BLEVCORR BIASCORR CRCORR EXPSCORR DARKCORR FLATCORR WAVECORR X1DCORR DISPCORR FLUXCORR X2DCORR"
)
COS: Final[dict[str, Any]] = {
    "OBSMODE": "TIME-TAG", "TAGFLASH": "NONE", "APERTURE": "PSA", "RA_TARG": 10.0, "DOPPMAGV": 7.0, "FPPOS": 3,
}  # fmt: skip


@frozen
class Row:
    """A line of the table."""

    suite: str
    dataset: str
    mode: tuple[str, ...]
    given: tuple[str, ...]
    made: frozenset[str]
    is_all: bool = field(default=False)

    def __str__(self) -> str:
        return f"{self.suite}-{self.dataset}"


def read() -> Iterator[Row]:
    with TABLE.open(newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            made = frozenset(f"{name}.fits" for name in line["out"].split() if name != "-")
            given = tuple(f"{name}.fits" for name in line["in"].split())
            yield Row(line["suite"], line["dataset"], tuple(line["mode"].split()), given, made, line["all"] == "all")


ROWS: Final = tuple(read())
TOLD: Final = [row for row in ROWS if row.mode != ("-",)]


@pytest.mark.parametrize("row", TOLD, ids=str)
def test_every_file_that_comes_out_is_expected(row: Row) -> None:
    expectation = expectation_of(row)
    names = {product.name for product in expectation.products if product.is_fits}
    assert row.made <= names
    assert bool(row.made) is not bool(expectation.nothing_to_do)
    if row.is_all:
        assert names == row.made


def test_most_modes_can_be_told() -> None:
    assert len(ROWS) == 150
    assert len(TOLD) >= 149


def expectation_of(row: Row) -> Expectation:
    exposures = [file for file in row.given if not file.endswith(("_asn.fits", "_spt.fits"))]
    headers = HEADERS[row.mode[0]]
    raws = {name: headers(row, number) for number, name in enumerate(exposures)}
    table = None
    if any(name.endswith("_asn.fits") for name in row.given):
        table = association(row, list(dict.fromkeys(name[:9] for name in exposures)))
    others = frozenset(row.given) - raws.keys()
    return expect(Observation(DatasetName.parse(row.dataset), table, raws, others))


def association(row: Row, roots: list[str]) -> Association:
    """Make the table that the names tell: members, and products that are neither of these."""
    roles = [word for word in row.mode if word.startswith("EXP-")] or ["EXP-FP"]
    each = -(-len(roots) // len(roles))
    members = [Member(root, roles[number // each]) for number, root in enumerate(roots)]
    if "EXP-DTH" in roles:
        products = [Member(row.dataset, "PROD-DTH")]
    else:
        names = sorted({name[:9] for name in row.made} - set(roots)) or [row.dataset]
        products = [Member(name, role.replace("EXP", "PROD")) for name, role in zip(names, roles, strict=True)]
    return Association(row.dataset, (*members, *products))


def acs(row: Row, _number: int) -> FitsFacts:
    steps = {"PCTECORR", "DRIZCORR"} & set(row.mode)
    if row.mode[1] == "SBC":
        return raw("DQICORR FLATCORR PHOTCORR", omit="DRIZCORR", DETECTOR="SBC", **IMAGING)
    images = ("SCI", "SCI") if row.mode[1] == "WFC" else ("SCI",)
    steps |= {"CRCORR"} if "EXP-CRJ" in row.mode else set()
    omit = "DRIZCORR" if "DRIZCORR" not in steps else ""
    done = " ".join(["DQICORR BLEVCORR BIASCORR FLATCORR PHOTCORR", *steps])
    return raw(done, *images, omit=omit, DETECTOR=row.mode[1], **IMAGING)


def wfc3(row: Row, _number: int) -> FitsFacts:
    detector, words = row.mode[1], set(row.mode)
    steps = {"PCTECORR", "DRIZCORR", "EXPSCORR"} & words
    steps |= (
        {"RPTCORR"} if "EXP-RPT" in words else {"CRCORR"} if any(word.startswith("EXP-CR") for word in words) else set()
    )
    basic = "DQICORR BLEVCORR" if detector == "UVIS" else "DQICORR ZOFFCORR"
    done = "" if "OMIT" in words else " ".join([basic, *steps])
    omitted = {"DRIZCORR", *(basic.split() if "OMIT" in words else ())} - steps
    images = ("SCI", "SCI") if detector == "UVIS" else ("SCI",) * 4
    return raw(done, *images, omit=" ".join(omitted), DETECTOR=detector, **IMAGING)


def stis(row: Row, _number: int) -> FitsFacts:
    if row.mode[1] == "CCD":
        return raw(STIS_CCD, "SCI", "SCI", DETECTOR="CCD", TEXPTIME=100.0, WAVECAL="x_wav.fits", **SPECTRUM)
    done = "DQICORR FLATCORR WAVECORR X1DCORR DISPCORR FLUXCORR"
    return raw(done, "SCI", DETECTOR=row.mode[1], TEXPTIME=100.0, WAVECAL="x_wav.fits", **SPECTRUM)


def cos(row: Row, number: int) -> FitsFacts:
    words = row.mode[2:]
    detector, keywords = row.mode[1], {**COS, "DETECTOR": row.mode[1]}
    kind = next((word for word in words if not word.startswith("FPPOS") and word != "IMAGING"), "EXTERNAL/SCI")
    positions = [int(word.removeprefix("FPPOS")) for word in words if word.startswith("FPPOS")]
    per = 2 if detector == "FUV" else 1  # raw files of an exposure
    if positions:
        keywords |= {"TAGFLASH": "AUTO", "NUMFLASH": 3, "FPPOS": positions[number // per]}
    if kind.startswith("ACQ"):
        extensions = ("SCI", "SCI") if kind == "ACQ/IMAGE" else ("EVENTS",)
        return raw("DQICORR FLATCORR", *extensions, EXPTYPE=kind, **{**keywords, "OBSMODE": "ACCUM"}, **IMAGING)
    is_spectrum = "IMAGING" not in words
    extracted = "X1DCORR BACKCORR FLUXCORR WAVECORR" if kind in ("EXTERNAL/SCI", "WAVECAL") and is_spectrum else ""
    omit = "" if extracted else "X1DCORR"
    obstype: Mapping[str, Any] = SPECTRUM if is_spectrum else IMAGING
    return raw(f"DQICORR FLATCORR {extracted}", "EVENTS", omit=omit, EXPTYPE=kind, **keywords, **obstype)


HEADERS: Final = {"ACS": acs, "WFC3": wfc3, "STIS": stis, "COS": cos}


def test_names_are_those_of_hst_files() -> None:
    for row in ROWS:
        for name in (*row.given, *row.made):
            assert HstFileName.parse(name), name
        assert not [name for name in row.made if name.removesuffix(".fits").endswith(NOT_MADE_HERE)]
