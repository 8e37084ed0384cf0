"""Batches that run again what is stale, and nothing else."""

from __future__ import annotations

from attrs import evolve

from caldp.app.batch.plan import BatchOptions
from caldp.app.batch.run_batch import RunBatch
from caldp.domain.batch.done import Redo
from caldp.domain.batch.job import JobState
from caldp.domain.batch.manifest import Entry
from caldp.domain.exit_codes import ExitCode
from tests.fakes.object_store import MemoryStore
from tests.support.batches import batch_in, publish, request_for

STALE = {"j8cb010b0": "SATUFILE N/A -> x_sat.fits"}
OLD = "hst_0595.pmap"


def stale(entry: Entry, body: bytes | None) -> str:
    assert entry.dataset.encode() in (body or b""), "the record is read once, and handed on"
    return STALE.get(entry.dataset, "")


def made_under_another_context(store: MemoryStore) -> RunBatch:
    """Publish three of four datasets, one of them failed."""
    for name in ("ib8t01010", "j8cb010b0"):
        publish(store, request_for(name, crds_context=OLD))
    publish(store, request_for("ldfd01010", crds_context=OLD), ExitCode.STAGE1_ERROR)
    return evolve(batch_in(store), stale=stale)


def test_only_what_is_stale_runs_beside_what_is_not_processed() -> None:
    use_case = made_under_another_context(MemoryStore())
    plan = use_case.plan(BatchOptions(redo=Redo.STALE))
    assert {plan.jobs[number].dataset: reason for number, reason in plan.reasons.items()} == {
        "j8cb010b0": "SATUFILE N/A -> x_sat.fits", "ldfd01010": "failed before", "obes03010": "not processed yet",
    }  # fmt: skip


def test_what_is_current_is_not_taken_for_a_product_of_this_request() -> None:
    store = MemoryStore()
    use_case = made_under_another_context(store)
    (current,) = [job for job in use_case.plan(BatchOptions(redo=Redo.STALE)).jobs if job.state is JobState.DONE]
    assert current.dataset == "ib8t01010"
    assert current.digest == request_for("ib8t01010", crds_context=OLD).digest
    again = use_case.plan(BatchOptions(redo=Redo.FAILED))
    reasons = {again.jobs[number].dataset: reason for number, reason in again.reasons.items()}
    assert reasons["ib8t01010"] == "crds_context 'hst_0595.pmap' -> 'hst_0729.pmap'"
