"""Inputs that no telescope took: observations simulated when they are asked for, and the CRDS cache that fits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from caldp.adapters.support.disk import advice_on, pour, why
from caldp.adapters.support.inputs import Shelf, take_selected
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.errors import InputNotFound, WorkDirectoryError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.location import InputLocation, SimulatedLocation
from caldp.domain.run.events import Note
from caldp.domain.run.quoting import quoted
from caldp.domain.run.settings import Settings

_PROGRAM_AND_VISIT: Final = 6
"""The characters that an association's name has in common with those of its exposures: ``lsim01``."""


def settings_of_simulation(settings: Settings, location: InputLocation) -> Settings:
    """Point settings at the CRDS cache of simulated observations, whichever they named before.

    A real cache must not get simulated files, and has no references for simulated observations. Settings of any other
    input stay as they are.
    """
    if not location.is_simulated:
        return settings
    from caldp.simulation.crds_cache import CACHE_DIRECTORY, cache_settings

    ours: dict[str, Any] = {
        **cache_settings(_directory(location) / CACHE_DIRECTORY),
        "crds_environment": {},
        "references_bucket": "",
        "context_from_output": False,
    }
    return evolve(settings, **ours)


def environment_of_simulation(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the variables that would lead CRDS elsewhere."""
    return {name: value for name, value in environment.items() if not name.startswith("CRDS_")}


def simulate_observation(dataset: AnyDataset, directory: Path) -> Path:
    """Simulate the observation that a dataset is or belongs to; return the directory of its raw files.

    Raises
    ------
    InputNotFound
        If no such observation can be simulated.
    WorkDirectoryError
        If it cannot be written.
    """
    from caldp.simulation import DATASETS, simulate

    instruments = {name[:_PROGRAM_AND_VISIT]: instrument for instrument, name in DATASETS.items()}
    instrument = instruments.get(dataset.name[:_PROGRAM_AND_VISIT])
    if instrument is None:
        names = ", ".join(f"{name} ({instrument.upper()})" for instrument, name in DATASETS.items())
        raise InputNotFound(f"{dataset} cannot be simulated.", advice=f"There are {names}, and their exposures.")
    try:
        return simulate(instrument, directory).inputs
    except OSError as error:
        raise WorkDirectoryError(
            f"The simulated {dataset} cannot be written to {quoted(directory)}: {why(error)}.",
            advice=advice_on(error, "Check its permissions, or name another directory after simulated:."),
        ) from error


@frozen
class SimulatedArchive:
    """Observations made on the spot; implements the port ArchiveSource.

    Attributes
    ----------
    location
        The directory for what is simulated.
    fits
        Reads association tables.
    simulate
        Writes the observation that a dataset belongs to, and its CRDS cache, into a directory, and returns the
        directory of its raw files.
    """

    location: SimulatedLocation
    fits: FitsFiles
    simulate: Callable[[AnyDataset, Path], Path] = simulate_observation

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Simulate the dataset and copy its files."""
        place = _directory(self.location)
        inputs = self.simulate(dataset, place)
        tell(Note(f"Simulated {dataset} and its reference files in {quoted(place)}."))
        names = tuple(sorted(path.name for path in inputs.iterdir()))
        shelf = Shelf(quoted(inputs), names, lambda name, target: _copy(inputs / name, target), largest=0)
        return take_selected(dataset, shelf, destination, self.fits, tell)


def _directory(location: SimulatedLocation) -> Path:
    return Path(location.path).expanduser().absolute()


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as opened:
        pour(opened, target)
