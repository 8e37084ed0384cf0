"""Use case: the calibration switches of a dataset, as its raw headers have them, and what turning one on needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import evolve, frozen

from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.ports.reference_choice import ReferenceChoice
from caldp.app.process.steps.fetch import fetch
from caldp.app.scratch.work_directory import make_work_directory, place_for_trial, remove_work_directory
from caldp.domain.calibration.plan import Observation
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.calibration.switches import Need, SwitchStates, check_instrument, switch_states
from caldp.domain.errors import BestrefsError, UsageError
from caldp.domain.hst.files import FitsFacts
from caldp.domain.run.events import Level, Note
from caldp.domain.run.request import RunRequest


@frozen
class ListSwitches:
    """Lists the switches of a dataset; built by `caldp.container.build_switch_list`.

    Attributes
    ----------
    request
        The run whose inputs are looked at.
    source
        Source of inputs; None if they would have to be downloaded.
    fits
        Reads headers.
    choose
        Make the choice of references by the context of the run. It starts a process when it is asked.
    """

    request: RunRequest
    source: ArchiveSource | None
    fits: FitsFiles
    choose: Callable[[Listener], ReferenceChoice]

    def __call__(self, tell: Listener) -> tuple[SwitchStates, ...]:
        """List the switches. Without a context their needs are not known, which a warning says.

        Raises
        ------
        UsageError
            If the dataset has no switches, or its inputs are not here.
        CaldpError
            If the inputs cannot be read.
        """
        dataset, settings = self.request.dataset, self.request.settings
        check_instrument(dataset)
        if self.source is None:
            raise UsageError(
                f"The switches of {dataset} stand in its raw files, which would have to be downloaded.",
                advice="Name a directory that has them: caldp switches DATASET INPUT.",
            )
        work = make_work_directory(dataset, place_for_trial(Path(settings.home).expanduser(), None))
        try:
            observation = fetch(dataset, self.source, self.fits, work, tell).observation
        finally:
            remove_work_directory(work)
        return self._with_needs(observation, switch_states(observation), tell)

    def _with_needs(
        self, observation: Observation, found: tuple[SwitchStates, ...], tell: Listener
    ) -> tuple[SwitchStates, ...]:
        if not any(switch.omitted for switch in found):
            return found
        choice = self.choose(tell)
        try:
            return tuple(
                evolve(switch, needs=tuple(dict.fromkeys(needs_of(switch, observation, choice)))) for switch in found
            )
        except BestrefsError as error:
            tell(Note(f"Reference files that switches need are not known: {error}", Level.WARNING))
            return found
        finally:
            choice.close()


def needs_of(switch: SwitchStates, observation: Observation, choice: ReferenceChoice) -> Iterator[Need]:
    """Find the reference files that exposures need beyond their present ones when a switch is turned on.

    CRDS itself decides, for which switches are values to select by.

    Parameters
    ----------
    switch
        The switch.
    observation
        The raw headers.
    choice
        Chooses references.

    Raises
    ------
    BestrefsError
        If the context, or its rules, are not to be had.
    """
    for file in switch.omitted:
        selection = _selection(observation.raws[file])
        present = choice.assign(selection)
        wanted = choice.assign({**selection, switch.name: Wish.PERFORM})
        names = {keyword: name for keyword, name in sorted(wanted.items()) if name not in ("N/A", present.get(keyword))}
        paths = choice.locate(name for name in names.values() if not _is_lacking(name))
        for keyword, name in names.items():
            yield Need(keyword, "" if _is_lacking(name) else name, paths.get(name) is not None)


def _is_lacking(name: str) -> bool:
    return name.startswith("NOT FOUND")


def _selection(facts: FitsFacts) -> dict[str, str]:
    """Return the values of all headers; of several the first, as CRDS takes them (``crds/io/fits.py``)."""
    selection: dict[str, str] = {}
    for keyword, value in facts.cards():
        selection.setdefault(keyword, str(value))
    return selection
