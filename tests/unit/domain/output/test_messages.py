"""States of a dataset that messages tell."""

from __future__ import annotations

import pytest

from caldp.domain.output.messages import OWN_STATES, MessageState, current_state

PROCESSING, PROCESSED, ERROR, SYNCED, ARCHIVED = MessageState


def test_caldp_itself_only_says_processing_processed_and_error() -> None:
    assert set(OWN_STATES) == {PROCESSING, PROCESSED, ERROR}


def test_all_but_processing_are_final() -> None:
    assert {state for state in MessageState if not state.is_final} == {PROCESSING}


@pytest.mark.parametrize(
    ("present", "state"),
    [
        (set(), None),
        ({PROCESSED}, PROCESSED),
        ({ERROR}, ERROR),
        ({PROCESSED, SYNCED}, SYNCED),
        ({PROCESSED, SYNCED, ARCHIVED}, ARCHIVED),
        # put before delete: for a moment, or after a crash, there are two
        ({PROCESSING, PROCESSED}, PROCESSING),
        ({PROCESSING, ERROR}, PROCESSING),
        ({ERROR, PROCESSED}, ERROR),
    ],
)
def test_of_several_messages_the_most_cautious_counts(present: set[MessageState], state: MessageState | None) -> None:
    assert current_state(frozenset(present)) is state
