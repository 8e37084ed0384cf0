"""Done is judged by message and record, and each reason is said in the field's words."""

from __future__ import annotations

import pytest
from attrs import evolve

from caldp.domain.batch.done import Glance, Situation, glance, message_reason, record_reason
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.messages import MessageState
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import FileRecord, RunRecord
from tests.fakes.object_store import MemoryStore
from tests.support.batches import publish, request_for

REQUEST = request_for("j8cb010b0")
RECORD = evolve(
    publish(MemoryStore(), REQUEST),
    context="hst_0729.pmap",
    programs=(EngineIdentity("calacs.e", "/bin/calacs.e", "10.5.0 (16-Mar-2026)"),),
    inputs=(FileRecord("j8cb01u2q_raw.fits", 100),),
)


def body(record: RunRecord = RECORD) -> bytes:
    return record.to_json().encode()


def test_a_glance_finds_what_decides() -> None:
    assert glance(body()) == Glance(0, REQUEST.digest)
    assert glance(b"{}") is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (MessageState.PROCESSED, ""), (MessageState.SYNCED, ""), (MessageState.ARCHIVED, ""),
        (None, "not processed yet"),
        (MessageState.ERROR, "failed before"), (MessageState.PROCESSING, "left by a run that did not end"),
    ],
)  # fmt: skip
def test_messages_tell_whether_to_look_further(state: MessageState | None, reason: str) -> None:
    assert message_reason(state) == reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (body(), ""),
        (None, "its record is missing"),
        (b"", "its record cannot be read"),
        (body(evolve(RECORD, status=ExitCode.STAGE1_ERROR)), "its record says status 23"),
        (body(evolve(RECORD, request={}, request_digest="")), "its request is not known"),
        (
            body(publish(MemoryStore(), request_for("j8cb010b0", previews=False))),
            "previews False -> True",
        ),
    ],
)  # fmt: skip
def test_records_tell_whether_the_request_is_the_same(record: bytes | None, reason: str) -> None:
    assert record_reason(record, REQUEST) == reason


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (Situation(), ""),
        (Situation({"calacs.e": "10.5.0 (16-Mar-2026)"}, "hst_0729.pmap", {"j8cb01u2q_raw.fits": 100}), ""),
        (Situation({"calacs.e": "10.6.0"}), "calacs.e 10.5.0 (16-Mar-2026) -> 10.6.0"),
        (Situation(context="hst_0730.pmap"), "context hst_0729.pmap -> hst_0730.pmap"),
        (Situation(sizes={"j8cb01u2q_raw.fits": 120}), "j8cb01u2q_raw.fits changed (100 -> 120 bytes)"),
        (Situation({"calacs.e": ""}, "", {"another.fits": 1}), ""),
    ],
)
def test_changes_are_said_in_words(now: Situation, reason: str) -> None:
    assert record_reason(body(), REQUEST, now) == reason
