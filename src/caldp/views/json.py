"""View of a run for machines: events as lines of JSON, and the outcome as one document."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import Any

import attrs

from caldp.domain.exit_codes import explain
from caldp.domain.run.events import Event
from caldp.domain.run.outcome import Outcome


def event_json(event: Event, now: datetime) -> str:
    """Write an event as one line of JSON.

    It has ``time`` (UTC), ``event`` (``StepStarted``, ``StepEnded``, ``Note``, ``EngineLine``, ``Transfer``) and the
    event's own values.
    """
    values = attrs.asdict(event, value_serializer=_plain)
    return json.dumps({"time": now.isoformat(), "event": type(event).__name__, **values})


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
