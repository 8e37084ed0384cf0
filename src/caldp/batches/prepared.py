"""Batches that have been looked through, and are run from this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from caldp.app.batch.plan import BatchOptions, BatchPlan
from caldp.app.batch.run_batch import RunBatch
from caldp.batches.engines import HERE, Engine, Started, start_engine
from caldp.domain.batch.files import own_settings
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.location import parse_input
from caldp.domain.run.crds_variables import reference_settings
from caldp.domain.run.events import Event, Level, Note
from caldp.domain.run.variables import warnings_of

if TYPE_CHECKING:
    from caldp.adapters.launchers.warm_jobs import WarmJobs
    from caldp.app.batch.gather_references import Gathered
    from caldp.domain.batch.events import BatchListener
    from caldp.domain.output.location import InputLocation

NO_STOP: Final[Callable[[], int]] = lambda: 0  # noqa: E731


@frozen
class PreparedBatch:
    """A batch that has been looked through, and not begun; made by `caldp.batches.run`.

    Attributes
    ----------
    use_case
        The use case that runs it.
    plan
        Datasets that are done, and those that are to run, with their reasons.
    options
        Wishes for its run.
    environment
        Environment of its jobs.
    warm
        Server for jobs of this machine, which has begun to import what they need; None for none.
    """

    use_case: RunBatch
    plan: BatchPlan
    options: BatchOptions
    environment: Mapping[str, str] = field(repr=False)
    warm: WarmJobs | None = None

    def references(
        self, listener: BatchListener, stops: Callable[[], int] = NO_STOP, *, only_plan: bool = False
    ) -> Gathered | None:
        """Assign references to all datasets that are to run, and fetch those that are missing, each once.

        Parameters
        ----------
        listener
            Hears of downloads.
        stops
            As for `run`.
        only_plan
            True to download no reference.

        Returns
        -------
        Gathered or None
            None if inputs are not on this machine, or there is nothing to be fetched for: one dataset, or a cache that
            is only read. A plan is made for these, too.
        """
        common, numbers = self.use_case.common, list(self.plan.reasons)
        here = [number for number in numbers if self._is_usual(number) and self._location(number).is_here]
        is_needed = only_plan or (len(here) > 1 and not common.settings.crds_readonly_cache)
        if not (here and is_needed):
            return None
        from caldp.container import build_gatherer

        def tell(event: Event) -> None:
            if isinstance(event, Note):
                listener(event)

        gather = build_gatherer(common, self.environment, self._location, only_plan=only_plan)
        return gather([(number, self.plan.jobs[number].dataset) for number in here], tell, stops)

    def _is_usual(self, number: int) -> bool:
        """Tell whether a dataset gets its references from where all do; if not, its own run fetches them."""
        entry, common = self.use_case.entries[number], self.use_case.common.settings
        own = own_settings(common, entry.settings) if entry.settings else common
        return own.switches == common.switches and reference_settings(own) == reference_settings(common)

    def _location(self, number: int) -> InputLocation:
        entry = self.use_case.entries[number]
        return parse_input(entry.input) if entry.input else self.use_case.common.source

    def run(
        self,
        engine: Engine = HERE,
        *,
        jobs: int | None = None,
        memory_mib: int | None = None,
        listener: BatchListener | None = None,
        stops: Callable[[], int] = NO_STOP,
        stopped: Callable[[], ExitCode] = lambda: ExitCode.INTERRUPTED,
        only_submit: bool = False,
    ) -> BatchOutcome:
        """Run what is to run.

        Parameters
        ----------
        engine
            Engine that runs the jobs.
        jobs, memory_mib, listener
            As for `caldp.batch`.
        stops
            Return how often this process was asked to stop: after the first time no job begins, after the second those
            that run are asked to end.
        stopped
            Return the status that says which signal that was.
        only_submit
            True to return as soon as a cluster has the jobs.
        """
        listener = listener or (lambda _event: None)
        try:
            started = self._started(engine, jobs, memory_mib, listener, stops)
            return self.use_case.run(
                self.plan,
                evolve(self.options, limits=started.limits),
                started.launcher,
                started.machine,
                stops,
                listener,
                stopped=stopped,
                only_submit=only_submit,
            )
        finally:  # also if another driver has the batch
            if self.warm is not None:
                self.warm.close()

    def _started(
        self,
        engine: Engine,
        jobs: int | None,
        memory_mib: int | None,
        listener: BatchListener,
        stops: Callable[[], int],
    ) -> Started:
        """Fetch the references, and make the engine ready."""
        for sentence in warnings_of(self.environment):
            listener(Note(sentence, Level.WARNING))
        gathered = self.references(listener, stops)
        contexts: dict[int, str] = {}
        if gathered is not None:
            count, size = len(gathered.present), sum(gathered.present.values()) / 1e9
            listener(Note(f"{count} reference files, {size:.2f} GB, are in the CRDS cache for all datasets."))
            found = ((number, gathered.contexts.get(self.plan.jobs[number].dataset)) for number in self.plan.reasons)
            contexts = {number: context for number, context in found if context}
        longest_first = sorted(self.plan.reasons, key=lambda number: -self.plan.estimates[number].seconds)
        return start_engine(
            engine, self.use_case, self.options.limits, self.environment, jobs, memory_mib, longest_first, contexts,
            self.warm,
        )  # fmt: skip
