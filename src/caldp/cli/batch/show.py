"""Batches on the terminal: live, line by line, or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from caldp.cli.streams import width_of
from caldp.cli.text import say

if TYPE_CHECKING:
    from caldp.batches.engines import Engine
    from caldp.batches.prepared import PreparedBatch
    from caldp.domain.batch.events import BatchEvent, BatchListener


def show_plan(prepared: PreparedBatch, *, as_json: bool) -> int:
    """Show what a batch would run."""
    from caldp.views.batch_plan import ReferenceCount, plan_json, plan_text

    head, plan = prepared.use_case.head, prepared.plan
    view = plan_json if as_json else plan_text
    gathered = prepared.references(lambda _event: None, only_plan=True)
    references = None if gathered is None else ReferenceCount(
        len(gathered.present), sum(gathered.present.values()), len(gathered.missing),
        sum(size or 0 for size in gathered.missing.values()), list(gathered.missing.values()).count(None),
        len(gathered.unassigned),
    )  # fmt: skip
    say(view(head.batch, plan.jobs, plan.reasons, plan.estimates, references))
    return 0


def show_run(
    prepared: PreparedBatch,
    engine: Engine,
    *,
    jobs: int | None,
    memory_mib: int | None,
    as_json: bool,
    only_submit: bool = False,
) -> int:
    """Run a batch and show it; the status is 0 also for one that was only submitted."""
    from caldp.cli.batch.stops import counting_stops
    from caldp.views.batch import outcome_json, outcome_text

    with counting_stops() as stops, _renderer(as_json=as_json) as listener:
        outcome = prepared.run(
            engine, jobs=jobs, memory_mib=memory_mib, listener=listener, stops=stops, stopped=stops.status,
            only_submit=only_submit,
        )  # fmt: skip
    if as_json:
        say(outcome_json(outcome))
    else:
        say(outcome_text(outcome, width_of(sys.stderr)), err=True)
    return int(outcome.stopped or 0) if only_submit else int(outcome.status)


@contextmanager
def _renderer(*, as_json: bool) -> Iterator[BatchListener]:
    """Choose how a batch is shown: live on a terminal, else as lines."""
    if not as_json and sys.stderr.isatty():
        from rich.console import Console

        from caldp.views.batch_live import LiveBatch

        console = Console(stderr=True)
        if console.is_interactive:
            with LiveBatch(console) as live:
                yield live
            return
    yield _Lines()


class _Lines:
    """Writes a line for each dataset that is settled."""

    def __init__(self) -> None:
        from caldp.views.batch import Progress

        self._progress = Progress()

    def __call__(self, event: BatchEvent) -> None:
        """Write what an event says, if it says enough for a line."""
        from caldp.views.batch import event_line

        self._progress.take(event)
        line = event_line(event, self._progress)
        if line:
            say(line, err=True)
