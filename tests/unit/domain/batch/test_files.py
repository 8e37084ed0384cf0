"""Files of a batch: equal batches have equal ids, and all is read back as it was."""

from __future__ import annotations

import pytest
from attrs import evolve

from caldp.domain.batch.files import PART, BatchHead, batch_id, parts, read_entries, request_of
from caldp.domain.batch.job import Job, JobState
from caldp.domain.batch.manifest import Entry
from caldp.domain.batch.outcome import BatchOutcome, group_failures
from caldp.domain.errors import InvalidRecord, InvalidSetting
from caldp.domain.output.location import FileLocation, S3Location
from tests.support.batches import NAMES, request_for

ENTRIES = [Entry(name) for name in NAMES]


def test_an_id_depends_on_the_batch_and_not_on_its_order() -> None:
    first = batch_id(request_for(NAMES[0]), ENTRIES)
    assert first == batch_id(request_for(NAMES[2]), ENTRIES[::-1])
    assert first.isalnum()
    others = {
        batch_id(request_for(NAMES[0]), ENTRIES[1:]),
        batch_id(request_for(NAMES[0], crds_context="hst_0700.pmap"), ENTRIES),
        batch_id(evolve(request_for(NAMES[0]), target=FileLocation("/elsewhere")), ENTRIES),
        batch_id(request_for(NAMES[0]), [*ENTRIES[1:], evolve(ENTRIES[0], settings={"previews": "0"})]),
    }
    assert len(others | {first}) == 5


def test_entries_are_read_back() -> None:
    entries = [*ENTRIES, Entry("iacs01t4q", 0, "s3://bucket/raw", {"previews": "no"})]
    assert list(read_entries(parts(entries))) == entries
    assert len(list(parts([ENTRIES[0]] * (PART + 1)))) == 2


def test_a_request_is_the_common_one_with_what_is_the_datasets_own() -> None:
    common = request_for(NAMES[0])
    own = request_of(common, Entry("iacs01t4q", 0, "s3://bucket/raw", {"previews": "no"}))
    assert (own.dataset.name, own.source, own.settings.previews) == ("iacs01t4q", S3Location("bucket", "raw"), False)
    assert request_of(common, Entry(NAMES[1])) == request_for(NAMES[1])
    with pytest.raises(InvalidSetting, match="timeout is 'soon'"):
        request_of(common, Entry(NAMES[1], settings={"timeout": "soon"}))


def test_digests_of_many_are_those_of_each() -> None:
    assert list(request_for(NAMES[0]).digests(NAMES)) == [request_for(name).digest for name in NAMES]


def test_a_description_is_read_back_and_a_later_one_refused() -> None:
    head = BatchHead("abc", "2026-11-26T00:00:00+00:00", request_for().to_plain(), 4, "0.1")
    assert BatchHead.from_json(head.to_json()) == head
    assert head.request == request_for()
    with pytest.raises(InvalidRecord, match="expected 1"):
        BatchHead.from_json(head.to_json().replace('"schema": 1', '"schema": 9'))


def test_failures_are_grouped_by_cause_whatever_dataset_they_name() -> None:
    jobs = [
        Job("j8cb010b0", JobState.FAILED, status=27, cause="j8cb01u2q_raw.fits needs 1200 files.", advice="Sync."),
        Job("j8cb020b0", JobState.FAILED, status=27, cause="j8cb02u2q_raw.fits needs 1300 files.", advice="Sync."),
        Job("ldfd01010", JobState.FAILED, status=23, cause="calcos failed."),
        Job("obes03010", JobState.DONE),
    ]
    groups = group_failures(jobs)
    assert [(group.status, group.datasets) for group in groups] == [
        (27, ("j8cb010b0", "j8cb020b0")), (23, ("ldfd01010",)),
    ]  # fmt: skip
    outcome = BatchOutcome("b", "/out", jobs)
    assert (bool(outcome), int(outcome.status), outcome.failed) == (False, 1, ("j8cb010b0", "j8cb020b0", "ldfd01010"))
    assert "3 failed" in repr(outcome)
