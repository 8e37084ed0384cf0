"""One dataset of an output for people: its record in the field's words, and the places of its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from caldp.domain.exit_codes import explain
from caldp.domain.output.layout import PROCESS_LOG
from caldp.domain.output.pictures import is_picture, is_thumbnail
from caldp.domain.output.shown import ShownDataset
from caldp.domain.output.survey import DatasetStatus
from caldp.domain.run.observed import observed
from caldp.domain.run.record import RunRecord
from caldp.views.columns import columns
from caldp.views.summary import cost_rows, failure_rows, file_rows, switch_rows
from caldp.views.units import size_text
from caldp.views.wrapping import wrapped

_MOST_PICTURES: Final = 8
Rows = Iterator[tuple[str, str]]


def show_text(shown: ShownDataset, width: int | None = None) -> str:
    """Write a dataset for people; lines longer than a width, characters, are broken between words."""
    head = f"{shown.status.name}: {shown.status.state}"
    if shown.record is None:
        rows = [("", shown.problem), *_status_rows(shown.status), *_place_rows(shown.addresses)]
    else:
        head += f"; {explain(shown.record.status)}"
        rows = [*_record_rows(shown.record, shown.status), *_place_rows(shown.addresses)]
    return wrapped(head, width, "  ") + "\n" + columns([("  " + name, text) for name, text in rows], width=width)


def show_json(shown: ShownDataset) -> str:
    """Write a dataset for machines: its state, its record, and the addresses of its files."""
    return json.dumps(
        {
            "dataset": shown.status.name,
            "state": shown.status.state,
            "remark": shown.status.remark,
            "problem": shown.problem,
            "record": None if shown.record is None else shown.record.to_plain(),
            "files": dict(shown.addresses),
        },
        indent=2,
    )


def _record_rows(record: RunRecord, status: DatasetStatus) -> Rows:
    yield from (("remark", remark) for remark in (status.remark,) if remark)
    yield from observed(record).items()
    yield "run", f"{record.run}, begun {record.started:%Y-%m-%d %H:%M:%S} UTC, by caldp {_version(record)}"
    yield "input", record.input
    yield "output", f"{record.output}, layout {record.layout}"
    yield "profile", record.profile
    yield from file_rows(record)
    yield from switch_rows(record.products)
    yield from _reference_rows(record)
    yield from _engine_rows(record)
    yield from cost_rows(record)
    yield from (("note", note) for note in record.notes)
    yield from failure_rows(record)


def _version(record: RunRecord) -> str:
    return record.versions.get("caldp", "unknown")


def _reference_rows(record: RunRecord) -> Rows:
    if record.context:
        yield "context", record.context + (f" from {record.crds_server}" if record.crds_server else "")
    for each in sorted(record.references, key=lambda one: (one.keyword, one.name)):
        size = "" if each.size is None else f", {size_text(each.size)}"
        own = f", your own file {each.override}" if each.override else ""
        yield "reference", f"{each.keyword} {each.name}{size}{own}"


def _engine_rows(record: RunRecord) -> Rows:
    versions = {one.program: one.version for one in record.programs}
    for engine in record.engines:
        program = engine.argv[0].rpartition("/")[2] if engine.argv else ""
        ended = f"signal {engine.signal}" if engine.signal is not None else f"status {engine.status}"
        usage = engine.usage
        words = [program, versions.get(program, ""), f"{ended}, {usage.wall_seconds:.1f} s"]
        yield "engine", " ".join(filter(None, words)) + f", {size_text(usage.max_rss_bytes)}"
        yield from (("", problem) for problem in engine.problems)


def _status_rows(status: DatasetStatus) -> Rows:
    if status.remark:
        yield "remark", status.remark
    yield "products", f"{status.products} files, {size_text(status.product_bytes)}"
    yield "raw files", f"{status.raws} files"


def _place_rows(addresses: Mapping[str, str]) -> Rows:
    """Name the pictures and the log; thumbnails lie beside the pictures."""
    pictures = sorted(name for name in addresses if is_picture(name) and not is_thumbnail(name))
    yield from _some(pictures, addresses)
    if PROCESS_LOG in addresses:
        yield "log", addresses[PROCESS_LOG]


def _some(pictures: Sequence[str], addresses: Mapping[str, str]) -> Rows:
    for name in pictures[:_MOST_PICTURES]:
        yield "picture", addresses[name]
    if len(pictures) > _MOST_PICTURES:
        yield "", f"and {len(pictures) - _MOST_PICTURES} more beside them"
