"""What a run would do, found out without doing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.app.flow import Destination, FetchedInputs
from caldp.app.ports import ArchiveSource, Assignment, FitsFiles, Listener, ReferenceFileService
from caldp.app.steps.fetch import fetch
from caldp.app.steps.overrides import override_references
from caldp.app.steps.references import refuse_outside_names
from caldp.app.work_directory import make_work_directory, remove_work_directory
from caldp.domain.dataset import AnyDataset, Ipppssoot
from caldp.domain.errors import BestrefsError
from caldp.domain.expected import ExpectedProduct, expect
from caldp.domain.layout import TreeLayout
from caldp.domain.messages import MessageState
from caldp.domain.plan import StageCommand, plan_commands
from caldp.domain.record import FileRecord


@frozen
class Inputs:
    """What the inputs tell.

    Attributes
    ----------
    files
        The input files.
    assignment
        The references that would be assigned; None if that cannot be told here, and `obstacle` says why.
    commands, expected
        What would be run, and what it must make.
    """

    files: tuple[FileRecord, ...]
    assignment: Assignment | None
    commands: tuple[StageCommand, ...]
    expected: tuple[ExpectedProduct, ...]
    obstacle: BestrefsError | None = None


@frozen
class RunPlan:
    """What a run would do.

    Attributes
    ----------
    inputs
        What the inputs tell; None if they would have to be downloaded first.
    products, message
        Addresses of the products (a directory, or a tarball) and of the final message; empty if nothing is published.
    """

    dataset: AnyDataset
    inputs: Inputs | None
    products: str = ""
    message: str = ""


@frozen
class PlanRun:
    """Plans the run of a dataset; built by `caldp.container.build_planner`.

    Attributes
    ----------
    home
        Where a scratch directory is made for a copy of the inputs, since CRDS reads their headers from files.
    overrides
        Reference files of the user's own, by header keyword.
    source
        Where inputs come from; None if they would have to be downloaded.
    references
        Assigns what is already known here, and downloads nothing.
    fits, destination
        As for the run itself.
    """

    home: Path
    source: ArchiveSource | None
    references: ReferenceFileService
    fits: FitsFiles
    destination: Destination | None
    overrides: Mapping[str, str] = field(factory=dict)

    def __call__(self, dataset: AnyDataset, tell: Listener) -> RunPlan:
        """Plan the run.

        Raises
        ------
        CaldpError
            If the run would fail for what can be told beforehand.
        """
        inputs = None if self.source is None else self._look(dataset, self.source, tell)
        if self.destination is None:
            return RunPlan(dataset, inputs)
        store, layout = self.destination.store, self.destination.layout
        products = layout.prefix(dataset) if isinstance(layout, TreeLayout) else layout.archive_key(dataset)
        message = layout.message_key(dataset, MessageState.PROCESSED)
        return RunPlan(dataset, inputs, store.locate(products), store.locate(message))

    def _look(self, dataset: AnyDataset, source: ArchiveSource, tell: Listener) -> Inputs:
        """Look at a copy of the inputs."""
        work = make_work_directory(dataset, self.home)
        try:
            fetched = fetch(dataset, source, self.fits, work, tell)
            commands, expected = plan_commands(fetched.observation), expect(fetched.observation).products
            try:
                return Inputs(fetched.records, self._assign(fetched, tell), commands, expected)
            except BestrefsError as obstacle:
                return Inputs(fetched.records, None, commands, expected, obstacle)
        finally:
            self.references.close()
            remove_work_directory(work)

    def _assign(self, fetched: FetchedInputs, tell: Listener) -> Assignment:
        raws = [fetched.files[name] for name in sorted(fetched.observation.raws)]
        if not isinstance(fetched.observation.dataset, Ipppssoot):
            refuse_outside_names(raws, self.fits, ())
            return Assignment("", ())
        assignment = self.references.assign(raws, tell)
        assignment = override_references(assignment, self.overrides, fetched, self.fits, tell)
        refuse_outside_names(raws, self.fits, (), self.overrides)
        return assignment
