"""View of a run for machines: events as lines of JSON, and the outcome as one document."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import Enum
from threading import Lock
from typing import Any

import attrs

from caldp.app.process.outcome import Outcome
from caldp.domain.exit_codes import explain
from caldp.domain.run.events import Event
from caldp.views.verbosity import Verbosity, is_shown


class JsonRenderer:
    """A listener that writes each event as one line of JSON to standard error.

    A line has ``time`` (UTC), ``event`` (``StepStarted``, ``StepEnded``, ``Note``, ``EngineLine``, ``Transfer``) and
    the event's own values.

    Parameters
    ----------
    verbosity
        Amount that is written.
    """

    def __init__(self, verbosity: Verbosity) -> None:
        self._verbosity = verbosity
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Write an event."""
        if is_shown(event, self._verbosity):
            values = attrs.asdict(event, value_serializer=_plain)
            line = json.dumps({"time": datetime.now(UTC).isoformat(), "event": type(event).__name__, **values})
            with self._lock:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()


def outcome_json(outcome: Outcome) -> str:
    """Write an outcome as one JSON document: the status, the places of the files, and the whole record."""
    receipt = outcome.receipt
    document = {
        "dataset": outcome.record.dataset.name,
        "status": int(outcome.status),
        "explanation": explain(outcome.status),
        "location": receipt.location if receipt is not None else None,
        "message": receipt.message.value if receipt is not None and receipt.message is not None else None,
        "objects": list(receipt.objects) if receipt is not None else [],
        "work_directory": outcome.work_directory or None,
        "record": outcome.record.to_plain(),
    }
    return json.dumps(document, indent=2)


def _plain(_owner: object, _attribute: object, value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
