"""Closing lines of a run: its products, their place, and the time and memory that it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from caldp.domain.exit_codes import explain
from caldp.domain.hst.files import HstFileName
from caldp.domain.output.layout import Category
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.record import FileRecord, RunRecord
from caldp.views.columns import columns
from caldp.views.units import size_text

_MOST_SUFFIXES = 8
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
        *_products(record),
        *_switches(record.products),
        *_references(record),
        *_place(outcome),
        *_cost(record),
        *(("note", note) for note in record.notes),
        *_failures(record),
    ]
    return f"{record.dataset}: {explain(outcome.status)}\n" + columns(
        [("  " + name, text) for name, text in rows], width=width
    )


def _products(record: RunRecord) -> Iterable[tuple[str, str]]:
    previews = [file for file in record.products if file.category is Category.PREVIEW]
    products = [file for file in record.products if file.category is not Category.PREVIEW]
    if products:
        yield "products", f"{_counted(products)}: {_by_suffix(products)}"
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


def _switches(products: Iterable[FileRecord]) -> Iterable[tuple[str, str]]:
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
        yield "references", f"{len({reference.name for reference in record.references})} by {record.context}"


def _place(outcome: Outcome) -> Iterable[tuple[str, str]]:
    if outcome.receipt is not None and outcome.receipt.location:
        yield "where", outcome.receipt.location
    if outcome.work_directory:
        yield "scratch", f"kept in {outcome.work_directory}"


def _cost(record: RunRecord) -> Iterable[tuple[str, str]]:
    if record.steps:
        seconds = sum(step.usage.wall_seconds for step in record.steps)
        parts = ", ".join(f"{step.step} {step.usage.wall_seconds:.1f}" for step in record.steps)
        yield "time", f"{seconds:.1f} s ({parts})"
    peak = max((step.usage.max_rss_bytes for step in record.steps), default=0)
    if peak:
        yield "memory", f"{size_text(peak)} at most"


def _failures(record: RunRecord) -> Iterable[tuple[str, str]]:
    for failure in record.failures:
        yield "failure", failure.message
        if failure.advice:
            yield "", failure.advice
