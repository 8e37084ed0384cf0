"""View of a run for machines: events as lines of JSON, and the outcome as one document."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import Any

import attrs

from caldp.domain.exit_codes import explain
from caldp.domain.run.events import Event, RunStarted
from caldp.domain.run.outcome import Outcome


class EventLines:
    """Writes the events of a run, each as one line of JSON that names the dataset.

    A line has ``time`` (UTC), ``event`` (``RunStarted`` is the first and ``RunEnded`` the last of a run; between them
    ``InputsRead``, ``StepStarted``, ``StepEnded``, ``Note``, ``EngineLine``, ``Transfer``), ``dataset``, and the values
    of the event itself.
    """

    def __init__(self) -> None:
        self._dataset: str | None = None

    def __call__(self, event: Event, now: datetime) -> str:
        """Write an event that happened at a time, UTC."""
        if isinstance(event, RunStarted):
            self._dataset = event.dataset
        values = attrs.asdict(event, value_serializer=_plain)
        named = {} if self._dataset is None else {"dataset": self._dataset}
        return json.dumps({"time": now.isoformat(), "event": type(event).__name__, **named, **values})


def error_json(status: int, message: str, advice: str) -> str:
    """Write an error that ended a command as one JSON document."""
    return json.dumps({"status": int(status), "explanation": explain(status), "message": message, "advice": advice})


def error_event_json(status: int, message: str, advice: str, now: datetime) -> str:
    """Write an error that ended a command as one line among events."""
    document = {"time": now.isoformat(), "event": "Error", "status": int(status), "message": message, "advice": advice}
    return json.dumps(document)


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
