"""Plan of a run: its commands, products and obstacles, found without running anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.app.calibration.engine_environment import engine_environment
from caldp.app.calibration.overrides import override_references
from caldp.app.calibration.private_tables import edit_references, wished_edits
from caldp.app.calibration.stage import require_engines
from caldp.app.calibration.wishes import granted
from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.calibration_runner import CalibrationRunner
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.ports.reference_file_service import ReferenceFileService
from caldp.app.process.flow import Destination, FetchedInputs, WorkDirectory
from caldp.app.process.steps.fetch import fetch
from caldp.app.process.steps.references import refuse_outside_names
from caldp.app.scratch.work_directory import make_work_directory, place_for_trial, remove_work_directory
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.drizzle_parameters import Parameter
from caldp.domain.calibration.expected import Expectation, expect
from caldp.domain.calibration.plan import StageCommand, plan_commands, usual_commands
from caldp.domain.errors import BestrefsError, CacheIncomplete, CaldpError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.output.messages import MessageState
from caldp.domain.run.events import Note
from caldp.domain.run.plan import PlannedInputs, RunPlan
from caldp.domain.run.quoting import quoted
from caldp.domain.run.request import RunRequest

_MOST_LISTED = 5


@frozen
class PlanRun:
    """Plans the run of a dataset; built by `caldp.container.build_planner`.

    Attributes
    ----------
    request
        The run.
    environment
        The caller's environment, of which the engines would get a part.
    source
        Source of inputs; None if they would have to be downloaded.
    references
        Assigns what is already known here, and downloads nothing.
    runner, fits, destination
        As for the run itself.
    drizzle_parameters
        Return the parameters of AstroDrizzle that a user may set, by name.
    try_output
        Raises what writing to the output would, and leaves nothing there; None if that is not tried.
    """

    request: RunRequest
    source: ArchiveSource | None
    references: ReferenceFileService
    runner: CalibrationRunner
    fits: FitsFiles
    destination: Destination | None
    environment: Mapping[str, str] = field(factory=dict, repr=False)
    drizzle_parameters: Callable[[], Mapping[str, Parameter]] = dict
    try_output: Callable[[], None] | None = None

    def __call__(self, tell: Listener) -> RunPlan:
        """Plan the run.

        Raises
        ------
        CaldpError
            If there is nothing to be planned: no place to work in, or no whole inputs where they should lie.
        """
        dataset, settings = self.request.dataset, self.request.settings
        exact = Path(settings.work_dir) if settings.work_dir else None
        # CRDS reads headers from files, and changes them: it is given copies.
        work = make_work_directory(dataset, place_for_trial(Path(settings.home).expanduser(), exact))
        obstacles: list[CaldpError] = []
        try:
            if self.try_output is not None:
                _attempt(self.try_output, obstacles)
            inputs = self._look(dataset, work, obstacles, tell)
        except CaldpError as error:
            raise (obstacles or [error])[0] from error
        finally:
            self.references.close()
            remove_work_directory(work)
        is_tried = self.try_output is not None
        if self.destination is None:
            return RunPlan(dataset, inputs, obstacles=tuple(obstacles), is_output_tried=is_tried)
        store, layout = self.destination.store, self.destination.layout
        message = layout.message_key(dataset, MessageState.PROCESSED)
        return RunPlan(
            dataset,
            inputs,
            store.locate(layout.address_key(dataset)),
            store.locate(message),
            tuple(obstacles),
            is_output_tried=is_tried,
        )

    def _look(
        self, dataset: AnyDataset, work: WorkDirectory, obstacles: list[CaldpError], tell: Listener
    ) -> PlannedInputs | None:
        """Look at a copy of the inputs, as far as they are here."""
        if self.source is None:
            self._check_engines(dataset, work, usual_commands(dataset), obstacles)
            return None
        fetched = fetch(dataset, self.source, self.fits, work, tell)
        fetched = granted(fetched, self.request.settings, self.fits, lambda text: tell(Note(text)))
        commands, expectation = plan_commands(fetched.observation), expect(fetched.observation)
        found: list[CaldpError] = []
        assigned: list[Assignment] = []
        _attempt(lambda: assigned.append(self._assign(fetched, work, tell)), found)
        missing = self._missing(assigned[0]) if assigned else {}
        if not (self._may_download and isinstance(next(iter(found), None), CacheIncomplete)):
            obstacles += found
        if missing and not self._may_download:
            obstacles.append(_missing_references(missing, self.request.settings.crds_path))
        obstacles += self._damaged(assigned[0]) if assigned else ()
        self._check_engines(dataset, work, _to_be_run(commands, expectation), obstacles)
        return PlannedInputs(
            fetched.records,
            assigned[0] if assigned else None,
            commands,
            expectation.products,
            next(iter(found), None),
            tuple(sorted(missing)),
            len(missing) if self._may_download else 0,
        )

    @property
    def _may_download(self) -> bool:
        return not self.request.settings.crds_readonly_cache

    def _assign(self, fetched: FetchedInputs, work: WorkDirectory, tell: Listener) -> Assignment:
        raws = [fetched.files[name] for name in sorted(fetched.observation.raws)]
        if fetched.observation.dataset.is_mosaic:
            refuse_outside_names(raws, self.fits, ())
            return Assignment("", ())
        overrides = self.request.settings.reference_overrides
        assignment = self.references.assign(raws, tell)
        assignment = override_references(assignment, overrides, fetched, self.fits, tell)
        edits = wished_edits(self.request.settings, self.drizzle_parameters)
        assignment = edit_references(assignment, edits, fetched, work.logs, self.fits, lambda text: tell(Note(text)))
        refuse_outside_names(raws, self.fits, (), overrides)
        return assignment

    def _missing(self, assignment: Assignment) -> dict[str, str]:
        """Return the keywords of the references that are not in the cache, by name."""
        return {one.name: one.keyword for one in assignment.references if not one.path.is_file()}

    def _damaged(self, assignment: Assignment) -> tuple[BestrefsError, ...]:
        """Look into the references that are in the cache, as the run would before an engine meets them."""
        present = sorted(
            {one.path for one in assignment.references if one.path.suffix == ".fits" and one.path.is_file()}
        )
        looked_at = ((path, self.fits.facts(path)) for path in present)
        return tuple(
            BestrefsError(
                f"The reference file {quoted(path)} is damaged: {facts.reason}.",
                advice="Delete it from the CRDS cache and sync the cache again.",
            )
            for path, facts in looked_at
            if isinstance(facts, UnreadableFits)
        )

    def _check_engines(
        self, dataset: AnyDataset, work: WorkDirectory, commands: tuple[StageCommand, ...], obstacles: list[CaldpError]
    ) -> None:
        environment = engine_environment(
            dataset, self.request.settings, self.environment, work.references, work, lambda _event: None
        )
        for command in {command.program: command for command in commands}.values():
            _attempt(lambda one=command: require_engines(self.runner, environment, (one,)), obstacles)  # type: ignore[misc]


def _attempt(action: Callable[[], None], obstacles: list[CaldpError]) -> None:
    """Do something; keep the error that it ends in."""
    try:
        action()
    except CaldpError as error:
        obstacles.append(error)


def _to_be_run(commands: tuple[StageCommand, ...], expectation: Expectation) -> tuple[StageCommand, ...]:
    return tuple(command for command in commands if command.stage not in expectation.left_out)


def _missing_references(missing: Mapping[str, str], cache: str) -> BestrefsError:
    names = [f"{name} ({keyword})" for name, keyword in sorted(missing.items())]
    listed = ", ".join(names[:_MOST_LISTED])
    more = f" and {len(missing) - _MOST_LISTED} more" if len(missing) > _MOST_LISTED else ""
    return BestrefsError(
        f"Reference files are missing from the CRDS cache at {cache}: {listed}{more}.",
        advice="Sync the cache (crds sync), or use a profile that may download references (offsite).",
    )
