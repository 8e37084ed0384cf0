"""The time, as the files of batches have it."""

from __future__ import annotations

from datetime import UTC, datetime


def now_text() -> str:
    """Return the time, ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
