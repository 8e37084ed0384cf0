"""States of a dataset that messages in an output tell."""

from __future__ import annotations

from enum import Enum
from typing import Final


class MessageState(Enum):
    """State of a dataset that a message stands for.

    The first three are those of runs. A downloader, such as ``caldp sync``, writes SYNCED, and the archive ARCHIVED.
    """

    PROCESSING = "processing"
    PROCESSED = "processed"
    ERROR = "error"
    SYNCED = "synced"
    ARCHIVED = "archived"

    @property
    def is_final(self) -> bool:
        """True if caldp is done with the dataset."""
        return self is not MessageState.PROCESSING


OWN_STATES: Final = (MessageState.PROCESSING, MessageState.PROCESSED, MessageState.ERROR)


def current_state(present: frozenset[MessageState]) -> MessageState | None:
    """Find a dataset's state from the messages that exist for it.

    A new message is put before the old one is deleted, so for a moment, or after a crash, there are several.
    PROCESSING is the most cautious and wins; then what is furthest along.
    """
    order = (
        MessageState.PROCESSING,
        MessageState.ERROR,
        MessageState.ARCHIVED,
        MessageState.SYNCED,
        MessageState.PROCESSED,
    )
    return next((state for state in order if state in present), None)
