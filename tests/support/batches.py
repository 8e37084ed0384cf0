"""Batches for tests of use cases: requests, and runs that only put what they would publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from attrs import evolve

from caldp.app.batch.files import BatchFiles
from caldp.app.batch.run_batch import RunBatch
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.files import BatchHead, batch_id
from caldp.domain.batch.manifest import Entry
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import RECORD, TreeLayout
from caldp.domain.output.lease import RunIdentity
from caldp.domain.output.location import FileLocation
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import Failure, RunRecord
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings

LAYOUT = TreeLayout()
NAMES = ("ib8t01010", "j8cb010b0", "ldfd01010", "obes03010")
ME = RunIdentity("20261126T000000Z-00000001", "here", 1)


def request_for(dataset: str = NAMES[0], **settings: object) -> RunRequest:
    """Return a request of a dataset."""
    values = Settings(profile="onsite", crds_context="hst_0729.pmap")
    return RunRequest(
        DatasetName.parse(dataset),
        FileLocation("/in"),
        FileLocation("/out"),
        evolve(values, **settings),  # type: ignore[arg-type]
    )


def publish(store: ObjectStore, request: RunRequest, status: ExitCode = ExitCode.SUCCESS) -> RunRecord:
    """Put the record and the final message of a run."""
    failures = (Failure(status, "calacs.e failed."),) if status else ()
    record = RunRecord(
        "20261125T000000Z-00000001", request.dataset, status, datetime(2026, 11, 25, tzinfo=UTC), str(request.source),
        str(request.target), "onsite", "tree", request.to_plain(), request.digest,
        failures=failures,
    )  # fmt: skip
    store.put_bytes(LAYOUT.log_key(request.dataset, RECORD), record.to_json().encode())
    state = MessageState.ERROR if status else MessageState.PROCESSED
    store.put_bytes(LAYOUT.message_key(request.dataset, state), b"")
    return record


def batch_in(
    store: ObjectStore, names: Sequence[str] = NAMES, common: RunRequest | None = None, owner: RunIdentity = ME
) -> RunBatch:
    """Make a batch, and return what runs it."""
    entries = [Entry(name) for name in sorted(names)]
    common = common or request_for(entries[0].dataset)
    head = BatchHead(batch_id(common, entries), "", common.to_plain(), len(entries), "0")
    files = BatchFiles(store)
    head = files.create(head, entries)
    return RunBatch(files, LAYOUT, common, head, entries, owner, "/out")
