"""Judgement of whether a dataset is done: by its message and the record of the run that made its products."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from caldp.domain.errors import InvalidRecord
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import RunRecord
from caldp.domain.run.request import RunRequest

HEAD: Final = 1 << 15
"""Bytes at the beginning of a record in which its digest stands; after it come lists of any length."""
_DIGEST: Final = re.compile(rb'^  "request_digest": "([0-9a-f]{64})"', re.MULTILINE)
_STATUS: Final = re.compile(rb'^  "status": (\d+)', re.MULTILINE)


class Redo(StrEnum):
    """Datasets that run again although they are processed."""

    FAILED = "failed"
    CHANGED = "changed"
    STALE = "stale"
    ALL = "all"


GOOD: Final = frozenset({MessageState.PROCESSED, MessageState.SYNCED, MessageState.ARCHIVED})
"""Messages of datasets whose products are good."""


@frozen
class Glance:
    """Values of a record by which a dataset is judged.

    Attributes
    ----------
    status
        Exit status of its run.
    digest
        Digest of its request; empty in records of schema 1.
    """

    status: int
    digest: str


def glance(body: bytes) -> Glance | None:
    """Find status and digest in a record as caldp writes it, without reading the rest; None if it is not such a one.

    A record has some hundred kilobytes, and a batch ten thousands of records.
    """
    head = body[:HEAD]
    status, digest = _STATUS.search(head), _DIGEST.search(head)
    return Glance(int(status[1]), digest[1].decode()) if status and digest else None


@frozen
class Situation:
    """All that the present says about a dataset, beside its request.

    Attributes
    ----------
    engines
        Version of each engine as it is installed, by program.
    context
        CRDS context that references would be assigned from; empty if it is not known.
    sizes
        Sizes of input files, bytes, by name; empty if they are not known.
    """

    engines: Mapping[str, str] = field(factory=dict)
    context: str = ""
    sizes: Mapping[str, int] = field(factory=dict)


def message_reason(state: MessageState | None) -> str:
    """Return the reason to run a dataset that its message gives; empty if it is processed."""
    if state in GOOD:
        return ""
    return {
        None: "not processed yet",
        MessageState.ERROR: "failed before",
        MessageState.PROCESSING: "left by a run that did not end",
    }[state]


def record_reason(body: bytes | None, request: RunRequest, now: Situation | None = None) -> str:
    """Return the reason to run a processed dataset again that its record gives; empty if it is done.

    Parameters
    ----------
    body
        The record; None if there is none.
    request
        The request that it is to be made by.
    now
        Present engines, context and inputs, to be compared as well; None to compare requests only.
    """
    if body is None:
        return "its record is missing"
    seen = glance(body)
    if now is None and seen is not None and (seen.status, seen.digest) == (0, request.digest):
        return ""
    try:
        record = RunRecord.from_json(body.decode("utf-8", "replace"))
    except InvalidRecord:
        return "its record cannot be read"
    if record.status:
        return f"its record says status {int(record.status)}"
    if record.request_digest != request.digest:
        return "; ".join(_differences(record, request)) or "its request is not known"
    return "; ".join(_changes(record, now)) if now is not None else ""


def _differences(record: RunRecord, request: RunRequest) -> tuple[str, ...]:
    if not record.request:
        return ()
    try:
        earlier = RunRequest.from_plain(record.request)
    except InvalidRecord:
        return ()
    return request.differences(earlier)


def _changes(record: RunRecord, now: Situation) -> tuple[str, ...]:
    """List changes since a run in engines, context and inputs, in the field's words."""
    found: list[str] = []
    if now.context and record.context and now.context != record.context:
        found.append(f"context {record.context} -> {now.context}")
    for engine in record.programs:
        version = now.engines.get(engine.program, "")
        if version and engine.version and version != engine.version:
            found.append(f"{engine.program} {engine.version} -> {version}")
    for file in record.inputs:
        size = now.sizes.get(file.name)
        if size is not None and size != file.size:
            found.append(f"{file.name} changed ({file.size} -> {size} bytes)")
    return tuple(found)
