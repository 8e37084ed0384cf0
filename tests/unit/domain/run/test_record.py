"""The record of a run in JSON: other programs read it, so its form is written down here in full."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import attrs
import jsonschema
import pytest

from caldp.domain.calibration.plan import Stage
from caldp.domain.errors import InvalidRecord
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.digests import HduDigest
from caldp.domain.output.layout import Category
from caldp.domain.run.events import Step
from caldp.domain.run.identity import EngineIdentity, Machine
from caldp.domain.run.plain import to_plain
from caldp.domain.run.record import (
    SCHEMA_VERSION,
    EngineRecord,
    Failure,
    FileRecord,
    PublishedRecord,
    ReferenceRecord,
    RunRecord,
    StepRecord,
    WcsRecord,
    record_schema,
)
from caldp.domain.run.recorded import RecordedRun
from caldp.domain.run.usage import ResourceUsage

START = datetime(2026, 11, 22, 18, 30, 0, 250_000, tzinfo=UTC)
SHA, HEADER, DATA = "0a" * 32, "1b" * 32, "2c" * 32
WCS = WcsRecord("SCI,1", "IDC_0461802ej-FIT_IMG_GAIAeDR3", "a posteriori solution")
RECORD = RunRecord(
    run="20261125T000000Z-0123abcd",
    dataset=DatasetName.parse("ldfd01010"),
    status=ExitCode.STAGE1_ERROR,
    started=START,
    input="file:in",
    output="file:out",
    profile="onsite",
    layout="tree",
    request={"dataset": "ldfd01010", "settings": {"timeout": 0.0}},
    request_digest=SHA,
    job="5f1d",
    attempt=2,
    machine=Machine("Linux-6.1", "AMD EPYC", 2, 4 << 30, {"OMP_NUM_THREADS": "2"}),
    context="hst_0729.pmap",
    crds_server="https://hst-crds.stsci.edu",
    selection={"ldfd01vnq_rawtag_a.fits": {"INSTRUME": "COS", "LIFE_ADJ": "4.0"}},
    not_applicable={"ldfd01vnq_rawtag_a.fits": ("DGEOFILE",)},
    versions={"caldp": "0.1.0"},
    packages={"attrs": "26.1.0"},
    inputs=(FileRecord("ldfd01010_asn.fits", 11520, sha256=SHA),),
    prepared=(FileRecord("ldfd01010_asn.fits", 11520, Category.PRODUCT, sha256=SHA, key="data/ldfd01010_asn.fits"),),
    products=(
        FileRecord(
            "ldfd01vnq_flt_a.fits", 100, Category.PRODUCT, {"FLATCORR": "COMPLETE"}, SHA,
            (HduDigest("SCI", 1, HEADER, DATA),), (WCS,), "data/cos/ldfd01010/ldfd01vnq_flt_a.fits",
        ),
    ),
    scratch=(FileRecord("ldfd01vnq_counts_a.fits", 7),),
    references=(
        ReferenceRecord("FLATFILE", "x_flat.fits", ("ldfd01vnq_rawtag_a.fits",), "/mine/x_flat.fits", 2880, SHA),
    ),
    programs=(EngineIdentity("calcos", "/bin/calcos", "3.6.2", "sha256:ab", SHA),),
    engines=(
        EngineRecord(
            Stage.STAGE1, ("calcos", "ldfd01010_asn.fits"), 0, None, ResourceUsage(44, 40, 2, 1 << 30), ("no x1d",)
        ),
    ),
    steps=(StepRecord(Step.CALIBRATE, START, ResourceUsage(44.5), ExitCode.STAGE1_ERROR),),
    environment={"LANG": "C"},
    notes=("A line of the settings was not understood.",),
    failures=(Failure(ExitCode.STAGE1_ERROR, "calcos made no x1d.", "See process.txt.", Step.CALIBRATE),),
    objects=(PublishedRecord("data/cos/ldfd01010/ldfd01vnq_flt_a.fits", 100, "89abcdef"),),
)  # fmt: skip

ENGINES = [
    {
        "stage": "stage1",
        "argv": ["calcos", "ldfd01010_asn.fits"],
        "status": 0,
        "signal": None,
        "usage": {"wall_seconds": 44, "user_seconds": 40, "system_seconds": 2, "max_rss_bytes": 1073741824},
        "problems": ["no x1d"],
        "is_warm": False,
    }
]
STEPS = [
    {
        "step": "calibrate",
        "started": "2026-11-22T18:30:00.250000+00:00",
        "usage": {"wall_seconds": 44.5, "user_seconds": 0.0, "system_seconds": 0.0, "max_rss_bytes": 0},
        "status": 23,
    }
]
FAILURES = [{"status": 23, "message": "calcos made no x1d.", "advice": "See process.txt.", "step": "calibrate"}]
HEAD = {
    "run": "20261125T000000Z-0123abcd",
    "dataset": "ldfd01010",
    "status": 23,
    "started": "2026-11-22T18:30:00.250000+00:00",
    "input": "file:in",
    "output": "file:out",
    "profile": "onsite",
    "layout": "tree",
    "context": "hst_0729.pmap",
    "versions": {"caldp": "0.1.0"},
    "engines": ENGINES,
    "steps": STEPS,
    "environment": {"LANG": "C"},
    "notes": ["A line of the settings was not understood."],
    "failures": FAILURES,
    "objects": [{"key": "data/cos/ldfd01010/ldfd01vnq_flt_a.fits", "size": 100, "crc32": "89abcdef"}],
}


def written_file(name: str, size: int, **further: object) -> dict[str, object]:
    empty: dict[str, object] = {"category": None, "switches": {}, "sha256": "", "hdus": [], "wcs": [], "key": ""}
    return {"name": name, "size": size, **empty, **further}


WRITTEN = {
    "schema": 2,
    **HEAD,
    "request": {"dataset": "ldfd01010", "settings": {"timeout": 0.0}},
    "request_digest": SHA,
    "job": "5f1d",
    "attempt": 2,
    "machine": {
        "platform": "Linux-6.1", "processor": "AMD EPYC", "cores": 2, "memory_limit": 4294967296,
        "threads": {"OMP_NUM_THREADS": "2"},
    },
    "crds_server": "https://hst-crds.stsci.edu",
    "selection": {"ldfd01vnq_rawtag_a.fits": {"INSTRUME": "COS", "LIFE_ADJ": "4.0"}},
    "not_applicable": {"ldfd01vnq_rawtag_a.fits": ["DGEOFILE"]},
    "packages": {"attrs": "26.1.0"},
    "inputs": [written_file("ldfd01010_asn.fits", 11520, sha256=SHA)],
    "prepared": [
        written_file("ldfd01010_asn.fits", 11520, category="product", sha256=SHA, key="data/ldfd01010_asn.fits")
    ],
    "products": [
        {
            "name": "ldfd01vnq_flt_a.fits", "size": 100, "category": "product", "switches": {"FLATCORR": "COMPLETE"},
            "sha256": SHA, "hdus": [{"name": "SCI", "version": 1, "header": HEADER, "data": DATA}],
            "wcs": [
                {"extension": "SCI,1", "name": "IDC_0461802ej-FIT_IMG_GAIAeDR3", "type": "a posteriori solution"}
            ],
            "key": "data/cos/ldfd01010/ldfd01vnq_flt_a.fits",
        }
    ],
    "scratch": [written_file("ldfd01vnq_counts_a.fits", 7)],
    "references": [
        {
            "keyword": "FLATFILE", "name": "x_flat.fits", "exposures": ["ldfd01vnq_rawtag_a.fits"],
            "override": "/mine/x_flat.fits", "size": 2880, "sha256": SHA, "hdus": [],
        }
    ],
    "programs": [
        {"program": "calcos", "path": "/bin/calcos", "version": "3.6.2", "build": "sha256:ab", "sha256": SHA}
    ],
}  # fmt: skip

WRITTEN_1 = {
    "schema": 1,
    **HEAD,
    "inputs": [{"name": "ldfd01010_asn.fits", "size": 11520, "category": None, "switches": {}}],
    "products": [
        {"name": "ldfd01vnq_flt_a.fits", "size": 100, "category": None, "switches": {"FLATCORR": "COMPLETE"}},
        {"name": "ldfd01vnq_x1d.png", "size": 3, "category": "preview", "switches": {}},
    ],
    "references": [{"keyword": "FLATFILE", "name": "x_flat.fits", "exposures": ["ldfd01vnq_rawtag_a.fits"]}],
}
"""Records of earlier versions of caldp."""


def test_the_json_of_a_record() -> None:
    text = RECORD.to_json()
    assert json.loads(text) == WRITTEN
    assert text.endswith("}\n")


def test_every_field_is_written() -> None:
    assert set(WRITTEN) == {"schema", *(field.name for field in attrs.fields(RunRecord))}
    assert WRITTEN["schema"] == SCHEMA_VERSION


def test_every_kind_of_dataset_is_written_as_its_name() -> None:
    for name in ("acs_8ph_01", "skycell-p2381x06y09"):
        record = attrs.evolve(RECORD, dataset=DatasetName.parse(name))
        assert json.loads(record.to_json())["dataset"] == name


def test_a_record_is_read_back() -> None:
    assert RunRecord.from_json(RECORD.to_json()) == RECORD


def test_a_record_without_anything_is_read_back() -> None:
    record = RunRecord(
        "1", DatasetName.parse("acs_8ph_01"), ExitCode.SUCCESS, START, "file:in", "file:out", "onsite", "tree"
    )
    assert RunRecord.from_json(record.to_json()) == record


def test_schema_1_is_read_and_lacks_what_it_does_not_have() -> None:
    record = RunRecord.from_json(json.dumps(WRITTEN_1))
    assert (record.run, record.dataset, record.status, record.started) == (
        RECORD.run, RECORD.dataset, RECORD.status, RECORD.started,
    )  # fmt: skip
    assert (record.engines, record.steps, record.failures, record.objects) == (
        RECORD.engines, RECORD.steps, RECORD.failures, RECORD.objects,
    )  # fmt: skip
    assert record.products == (
        FileRecord("ldfd01vnq_flt_a.fits", 100, None, {"FLATCORR": "COMPLETE"}),
        FileRecord("ldfd01vnq_x1d.png", 3, Category.PREVIEW),
    )
    assert record.references == (ReferenceRecord("FLATFILE", "x_flat.fits", ("ldfd01vnq_rawtag_a.fits",)),)
    assert (record.prepared, record.scratch, record.programs, record.attempt) == ((), (), (), None)
    assert record.machine == Machine()


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert RunRecord.from_json(json.dumps({**WRITTEN, "colour": "blue"})) == RECORD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "It is no JSON"),
        ("[]", "It is []; expected an object of JSON."),
        ("{}", "It is no record of a run: it has no schema."),
        ('{"schema": 3}', "schema is 3; expected 1 or 2."),
        ('{"schema": "2"}', "schema is '2'; expected a whole number."),
        ('{"schema": true}', "schema is True; expected a whole number."),
        ('{"schema": 2}', "run is missing."),
        (json.dumps({**WRITTEN, "dataset": "hubble"}), "dataset is 'hubble'; expected a dataset's name."),
        (json.dumps({**WRITTEN, "status": 999}), "status is 999; expected one of"),
        (json.dumps({**WRITTEN, "attempt": 1.5}), "attempt is 1.5; expected a whole number."),
        (json.dumps({**WRITTEN, "products": [{"name": "x"}]}), "products[0].size is missing."),
        (json.dumps({**WRITTEN, "products": None}), "products is None; expected a list."),
        (
            json.dumps({**WRITTEN, "products": [written_file("x", 1, hdus=[{"name": "SCI"}])]}),
            "products[0].hdus[0].version is missing.",
        ),
    ],
)
def test_what_is_no_record_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        RunRecord.from_json(text)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("key", [attribute.name for attribute in attrs.fields(RunRecord)])
def test_no_wrong_value_is_more_than_an_invalid_record(key: str) -> None:
    values: list[Any] = [None, True, -1, 1.5, float("nan"), "x", [], [None], [[]], {}, {"a": None}, [{"name": 1}]]
    for value in values:
        with suppress(InvalidRecord):
            assert RunRecord.from_json(json.dumps({**WRITTEN, key: value})).run is not None


def test_the_schema_describes_what_is_written_and_nothing_else() -> None:
    schema = record_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema["required"]) == set(schema["properties"]) == set(WRITTEN)
    jsonschema.validate(WRITTEN, schema)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 1},
        {"run": None},
        {"status": "23"},
        {"attempt": "1"},
        {"products": [{"name": "x", "size": 1}]},
        {"products": [written_file("x", 1, category="scratch")]},
        {"products": [written_file("x", 1, hdus=[{"name": "SCI"}])]},
        {"selection": {"x.fits": {"INSTRUME": 1}}},
        {"machine": None},
    ],
)
def test_the_schema_refuses_what_is_no_record(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**WRITTEN, **change}, record_schema())


def test_what_is_read_in_part_is_what_is_read_as_a_whole() -> None:
    """Every attribute of the light reader is one of the record, entries of files and references included."""
    part, whole = to_plain(RecordedRun.from_json(RECORD.to_json())), RECORD.to_plain()

    def common(known: Any, full: Any) -> Any:
        if isinstance(known, dict) and isinstance(full, dict):
            return {key: common(value, full[key]) for key, value in known.items()}
        if isinstance(known, list) and isinstance(full, list):
            return [common(one, other) for one, other in zip(known, full, strict=True)]
        return full

    assert part == common(part, whole)
    assert any(file["hdus"] for file in part["products"])
    assert part["selection"]


@pytest.mark.parametrize("read", [RunRecord.from_json, RecordedRun.from_json])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "it has no schema"),
        ('{"schema": 9}', "schema is 9; expected 1 or 2"),
        ('{"schema": "2"}', "schema is '2'; expected a whole number"),
        ('{"schema": 2}', "run is missing"),
        ("[]", "expected an object"),
        ("{", "It is no JSON"),
    ],
)
def test_both_readers_refuse_what_is_no_record(read: Callable[[str], Any], text: str, words: str) -> None:
    with pytest.raises(InvalidRecord, match=re.escape(words)):
        read(text)
