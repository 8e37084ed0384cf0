"""Estimates hold what real runs needed, and learn from past runs of like datasets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from caldp.domain.batch.estimate import Basis, Past, from_peak, from_traits
from caldp.domain.batch.traits import Traits
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.events import Step
from caldp.domain.run.record import FileRecord, RunRecord, StepRecord
from caldp.domain.run.usage import ResourceUsage

MIB = 1 << 20
UVIS = {"DETECTOR": "UVIS", "SUBARRAY": "F", "DRIZCORR": "PERFORM", "PCTECORR": "PERFORM", "CRSPLIT": "2"}
NUV = {"DETECTOR": "NUV", "SUBARRAY": "F"}


def record_of(name: str, peak_mib: float, seconds: float, sizes: tuple[int, ...] = (4_000_000,)) -> RunRecord:
    """Return the record of a run on exposures of COS."""
    raws = tuple(FileRecord(f"{name[:7]}{number}q_rawtag.fits", size) for number, size in enumerate(sizes))
    usage = ResourceUsage(seconds, 0.0, 0.0, int(peak_mib * MIB))
    step = StepRecord(Step.CALIBRATE, datetime(2026, 11, 26, tzinfo=UTC), usage, ExitCode.SUCCESS)
    return RunRecord(
        "20261126T000000Z-00000000", DatasetName.parse(name), ExitCode.SUCCESS, step.started, "file:/in", "file:/out",
        "onsite", "tree", inputs=(*raws, FileRecord(f"{name}_asn.fits", 5760)), steps=(step,),
        selection={raws[0].name: NUV},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "files", "size", "header", "peak_mib"),
    [
        ("ldfd01010", 4, 15_400_000, {"DETECTOR": "FUV"}, 1150),
        ("jbz504010", 2, 4_300_000, {"DETECTOR": "SBC", "DRIZCORR": "PERFORM"}, 265),
        ("j6gp01mkq", 1, 2_300_000, {"DETECTOR": "HRC", "DRIZCORR": "PERFORM"}, 261),
        ("isim01010", 2, 2_000_000, {"DETECTOR": "IR", "DRIZCORR": "PERFORM", "SUBARRAY": "T"}, 249),
        ("osim01010", 2, 2_900_000, {"DETECTOR": "CCD", "CRSPLIT": "2"}, 126),
        ("iuvis1010", 2, 69_600_000, UVIS, 650),  # docs/reference/contracts/engines.md
    ],
)
def test_runs_that_were_measured_lie_below_their_estimates_and_not_far(
    name: str, files: int, size: int, header: dict[str, str], peak_mib: int
) -> None:
    """Peaks are of the records of the real datasets in ``../shared/hst``, 2026-11-26."""
    needed = from_peak(peak_mib, 60.0).memory_mib
    assert needed <= from_traits(Traits.of(name, files, size, header)).memory_mib <= 1.25 * needed


def test_features_of_a_record_are_those_of_the_headers() -> None:
    record = record_of("ldfd01010", 400.0, 20.0, (4_000_000, 2_000_000))
    assert Traits.of_record(record) == Traits.of("ldfd01010", 2, 6_000_000, NUV)
    switched = evolve(record, inputs=(evolve(record.inputs[0], switches={"DRIZCORR": "PERFORM"}),))
    found = Traits.of_record(switched)
    assert found is not None
    assert found.is_drizzled
    assert Traits.of_record(evolve(record, inputs=())) is None
    assert Traits.of_record(evolve(record, dataset=DatasetName.parse("acs_8ph_01"))) is None


@pytest.mark.parametrize(
    ("header", "is_packed", "files"),
    [
        (UVIS, False, 7),
        (UVIS, True, 3),  # 104.4 MB, of whole detectors of 34.8 MB
        (UVIS | {"SUBARRAY": "T"}, True, 2),  # as CRSPLIT says
        ({}, True, 1),
    ],
)
def test_headers_tell_how_many_exposures_a_tarball_has(header: dict[str, str], is_packed: bool, files: int) -> None:
    assert Traits.of("ib8t01010", 7, 34_800_000, header, is_packed=is_packed).files == files


def test_more_work_needs_more() -> None:
    def need(name: str, size: int, **header: str) -> tuple[float, float]:
        estimate = from_traits(Traits.of(name, 1, size, header))
        return estimate.memory_mib, estimate.seconds

    assert need("ldfd01vnq", 16_000_000) > need("ldfd01vnq", 4_000_000)
    assert need("ldfd01vnq", 4_000_000, DETECTOR="FUV")[0] > 2 * need("ldfd01vnq", 4_000_000, DETECTOR="NUV")[0]
    single = UVIS | {"DRIZCORR": "OMIT"}
    assert need("ib8t01a1q", 34_800_000, **single) > need("ib8t01a1q", 34_800_000, **single | {"PCTECORR": "OMIT"})
    drizzled = need("ib8t01a1q", 2_000_000, DETECTOR="IR", DRIZCORR="PERFORM")
    assert drizzled > need("ib8t01a1q", 2_000_000, DETECTOR="IR", DRIZCORR="OMIT")
    assert drizzled == need("ib8t01a1q", 2_000_000), "without a header it may be drizzled"
    assert need("skycell-p2381x06y09", 1 << 40)[0] <= 14336
    assert from_traits(Traits.of("ldfd01010", 0, 0, {})).basis is Basis.NOTHING


def test_an_earlier_run_tells_more_than_the_size() -> None:
    own = from_peak(1000, 60.0)
    assert (own.memory_mib > 1200, own.seconds, own.basis) == (True, 60.0, Basis.OWN)


def test_past_runs_of_like_datasets_correct_estimates() -> None:
    past = Past()
    for peak, seconds in ((300.0, 100.0), (900.0, 300.0), (400.0, 120.0)):
        past.take(record_of("ldfd02010", peak, seconds))
    past.take(evolve(record_of("ldfd02010", 9000.0, 9000.0), status=ExitCode.STAGE1_ERROR))
    like, other = (Traits.of("ldfd09010", 1, 4_000_000, NUV | {"DETECTOR": name}) for name in ("NUV", "FUV"))
    corrected = past.correct(like, from_traits(like))
    assert corrected.memory_mib == pytest.approx(from_peak(900.0, 0.0).memory_mib), "the greatest of their peaks"
    assert corrected.seconds == pytest.approx(120.0), "the median of their durations"
    assert corrected.basis is Basis.LIKE
    assert past.correct(other, from_traits(other)) == from_traits(other)
