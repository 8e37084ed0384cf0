"""Past runs are found by the messages of an output, and what is damaged is passed over."""

from __future__ import annotations

from caldp.app.batch.past import read_past
from caldp.domain.batch.estimate import Basis, from_traits
from caldp.domain.batch.traits import Traits
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import RECORD
from caldp.domain.output.messages import MessageState
from tests.fakes.object_store import MemoryStore
from tests.support.batches import LAYOUT
from tests.unit.domain.batch.test_estimate import NUV, record_of

LIKE = Traits.of("ldfd09010", 1, 4_000_000, NUV)


def put(store: MemoryStore, name: str, body: bytes, state: MessageState = MessageState.PROCESSED) -> None:
    dataset = DatasetName.parse(name)
    store.put_bytes(LAYOUT.message_key(dataset, state), b"")
    store.put_bytes(LAYOUT.log_key(dataset, RECORD), body)


def test_some_records_of_processed_datasets_are_read() -> None:
    store = MemoryStore()
    for number in range(40):
        put(store, name := f"ldfd{number:02}010", record_of(name, 500.0, 50.0).to_json().encode())
    put(store, "ldfd50010", record_of("ldfd50010", 5000.0, 50.0).to_json().encode(), MessageState.ERROR)
    put(store, "ldfd51010", b"{torn")
    put(store, "j8cb010b0", b"")
    store.put_bytes("messages/datasets-processed/no dataset", b"")
    past = read_past(store, LAYOUT)
    corrected = past.correct(LIKE, from_traits(LIKE))
    assert corrected.basis is Basis.LIKE
    assert corrected.seconds == 50.0
    assert corrected.memory_mib < 1000.0


def test_an_output_without_past_runs_corrects_nothing() -> None:
    assert read_past(MemoryStore(), LAYOUT).correct(LIKE, from_traits(LIKE)) == from_traits(LIKE)
