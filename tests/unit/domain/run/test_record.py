"""The record of a run in JSON: other programs read it, so its form is written down here in full."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import attrs

from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category
from caldp.domain.run.events import Step
from caldp.domain.run.record import (
    SCHEMA_VERSION,
    EngineRecord,
    Failure,
    FileRecord,
    PublishedRecord,
    ReferenceRecord,
    RunRecord,
    StepRecord,
)
from caldp.domain.run.usage import ResourceUsage

START = datetime(2026, 11, 22, 18, 30, 0, 250_000, tzinfo=UTC)
RECORD = RunRecord(
    run="20261125T000000Z-0123abcd",
    dataset=DatasetName.parse("ldfd01010"),
    status=ExitCode.STAGE1_ERROR,
    started=START,
    input="file:in",
    output="file:out",
    profile="onsite",
    layout="tree",
    context="hst_0729.pmap",
    versions={"caldp": "0.1.0"},
    inputs=(FileRecord("ldfd01010_asn.fits", 11520),),
    products=(FileRecord("ldfd01vnq_flt_a.fits", 100, Category.PRODUCT, {"FLATCORR": "COMPLETE"}),),
    references=(ReferenceRecord("FLATFILE", "x_flat.fits", ("ldfd01vnq_rawtag_a.fits",)),),
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
)

WRITTEN = {
    "schema": 1,
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
    "inputs": [{"name": "ldfd01010_asn.fits", "size": 11520, "category": None, "switches": {}}],
    "products": [
        {"name": "ldfd01vnq_flt_a.fits", "size": 100, "category": "product", "switches": {"FLATCORR": "COMPLETE"}}
    ],
    "references": [{"keyword": "FLATFILE", "name": "x_flat.fits", "exposures": ["ldfd01vnq_rawtag_a.fits"]}],
    "engines": [
        {
            "stage": "stage1",
            "argv": ["calcos", "ldfd01010_asn.fits"],
            "status": 0,
            "signal": None,
            "usage": {"wall_seconds": 44, "user_seconds": 40, "system_seconds": 2, "max_rss_bytes": 1073741824},
            "problems": ["no x1d"],
        }
    ],
    "steps": [
        {
            "step": "calibrate",
            "started": "2026-11-22T18:30:00.250000+00:00",
            "usage": {"wall_seconds": 44.5, "user_seconds": 0.0, "system_seconds": 0.0, "max_rss_bytes": 0},
            "status": 23,
        }
    ],
    "environment": {"LANG": "C"},
    "notes": ["A line of the settings was not understood."],
    "failures": [
        {"status": 23, "message": "calcos made no x1d.", "advice": "See process.txt.", "step": "calibrate"}
    ],
    "objects": [{"key": "data/cos/ldfd01010/ldfd01vnq_flt_a.fits", "size": 100, "crc32": "89abcdef"}],
}  # fmt: skip


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
