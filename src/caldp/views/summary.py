"""Closing lines of a run: its products, their place, and the time and memory that it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from caldp.domain.exit_codes import explain
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.selection import is_raw_file
from caldp.domain.output.layout import PROCESS_LOG, Category
from caldp.domain.output.pictures import is_picture, is_thumbnail
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.record import FileRecord, RunRecord
from caldp.views.columns import columns
from caldp.views.units import size_text
from caldp.views.wrapping import wrapped

_MOST_SUFFIXES = 8
_MOST_PICTURES = 3
_STATES = ("COMPLETE", "SKIPPED", "OMIT", "PERFORM")
"""States of calibration switches, what was done first: a switch counts as what it came to in any product."""


def summary(outcome: Outcome, width: int | None = None) -> str:
    """Summarise a run, one subject a line.

    Parameters
    ----------
    outcome
        Outcome of the run.
    width
        Break longer lines, characters; None for never.
    """
    record = outcome.record
    rows = [
        *file_rows(record),
        *switch_rows(record.products),
        *_references(record),
        *_place(outcome),
        *_pictures(outcome),
        *_log(outcome),
        *cost_rows(record),
        *(("note", note) for note in record.notes),
        *failure_rows(record),
    ]
    return (
        wrapped(f"{record.dataset}: {explain(outcome.status)}", width, "  ")
        + "\n"
        + columns([("  " + name, text) for name, text in rows], width=width)
    )


def file_rows(record: RunRecord) -> Iterable[tuple[str, str]]:
    """Yield the lines about products, raw files and previews."""
    previews = [file for file in record.products if file.category is Category.PREVIEW]
    files = [file for file in record.products if file.category is not Category.PREVIEW]
    products = [file for file in files if not is_raw_file(file.name)]
    rewritten = {file.name for file in files} - {file.name for file in products}
    raws = [file for file in record.prepared if file.name not in rewritten and is_raw_file(file.name)]
    raws += [file for file in files if file.name in rewritten]
    if products:
        yield "products", f"{_counted(products)}: {_by_suffix(products)}"
    if raws:
        yield "raw files", f"{_counted(raws)}: {_by_suffix(raws)}"
    if previews:
        yield "previews", _counted(previews)


def _counted(files: list[FileRecord]) -> str:
    return f"{len(files)} file{'s' if len(files) > 1 else ''}, {size_text(sum(file.size for file in files))}"


def _by_suffix(products: list[FileRecord]) -> str:
    parsed = (HstFileName.parse(product.name) for product in products)
    counts = Counter("other" if name is None else name.suffix for name in parsed)
    others = counts.pop("other", 0)
    named = [f"{number} {suffix}" for suffix, number in counts.most_common()]
    others += sum(counts.values()) - sum(int(text.split()[0]) for text in named[:_MOST_SUFFIXES])
    return ", ".join(named[:_MOST_SUFFIXES] + ([f"{others} other"] if others else []))


def switch_rows(products: Iterable[FileRecord]) -> Iterable[tuple[str, str]]:
    """Yield the lines about calibration switches, by the state that each has come to."""
    states: dict[str, set[str]] = {}
    for product in products:
        for switch, state in product.switches.items():
            states.setdefault(switch, set()).add(state)
    reached = {switch: next((state for state in _STATES if state in found), "") for switch, found in states.items()}
    for state in _STATES:
        switches = sorted(switch for switch, came_to in reached.items() if came_to == state)
        if switches:
            yield "switches", f"{state}: {' '.join(switches)}"


def _references(record: RunRecord) -> Iterable[tuple[str, str]]:
    if record.references:
        by_crds = {reference.name for reference in record.references if not reference.override}
        yield "references", f"{len(by_crds)} by {record.context or 'the headers'}"
    for own in (reference for reference in record.references if reference.override):
        yield "override", f"{own.keyword} {own.name}, by {own.override}"


def _place(outcome: Outcome) -> Iterable[tuple[str, str]]:
    if outcome.receipt is not None and outcome.receipt.location:
        yield "where", outcome.receipt.location
    if outcome.work_directory:
        yield "scratch", f"kept in {outcome.work_directory}"


def _pictures(outcome: Outcome) -> Iterable[tuple[str, str]]:
    """Name the pictures, thumbnails apart, and their place."""
    names = {file.name for file in outcome.record.products if file.category is Category.PREVIEW}
    wanted = {name for name in names if is_picture(name) and not is_thumbnail(name)}
    found = [address for address in _addresses(outcome) if address.rpartition("/")[2] in wanted]
    if found:
        shown = ", ".join(address.rpartition("/")[2] for address in found[:_MOST_PICTURES])
        more = f" and {len(found) - _MOST_PICTURES} more" if len(found) > _MOST_PICTURES else ""
        yield "pictures", f"{shown}{more} in {found[0].rpartition('/')[0]}"


def _log(outcome: Outcome) -> Iterable[tuple[str, str]]:
    yield from (("log", address) for address in _addresses(outcome) if address.endswith(f"/{PROCESS_LOG}"))


def _addresses(outcome: Outcome) -> Iterable[str]:
    """List what was published; of a run whose scratch was kept instead, nothing."""
    return outcome.receipt.objects if outcome.receipt is not None else ()


def cost_rows(record: RunRecord) -> Iterable[tuple[str, str]]:
    """Yield the lines about time and memory."""
    if record.steps:
        seconds = sum(step.usage.wall_seconds for step in record.steps)
        parts = ", ".join(f"{step.step} {step.usage.wall_seconds:.1f}" for step in record.steps)
        yield "time", f"{seconds:.1f} s ({parts})"
    peak = max((step.usage.max_rss_bytes for step in record.steps), default=0)
    if peak:
        yield "memory", f"{size_text(peak)} at most"


def failure_rows(record: RunRecord) -> Iterable[tuple[str, str]]:
    """Yield the lines about failures, each with its advice."""
    for failure in record.failures:
        yield "failure", failure.message
        if failure.advice:
            yield "", failure.advice
