"""One call makes a whole simulated observation: raw files, reference files, CRDS cache and truth."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.simulation import crds_cache
from caldp.simulation.acs import exposures as acs
from caldp.simulation.cos import exposures as cos_exposures
from caldp.simulation.cos import model as cos_model
from caldp.simulation.cos import references as cos_references
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.stis import exposures as stis_exposures
from caldp.simulation.stis import model as stis_model
from caldp.simulation.stis import references as stis_references
from caldp.simulation.truth import Truth
from caldp.simulation.wfc3 import exposures as wfc3_exposures
from caldp.simulation.wfc3 import model as wfc3_model
from caldp.simulation.wfc3 import references as wfc3_references


@frozen
class SimulatedObservation:
    """A simulated observation on disk.

    Attributes
    ----------
    dataset
        Its name, for `caldp process`.
    instrument
        acs, cos, stis or wfc3.
    inputs
        The directory of its raw files.
    crds_cache
        Value that CRDS_PATH must have to calibrate it.
    context
        The CRDS context in that cache.
    product
        The name of the calibrated file that `compare_with_truth` can judge.
    truth
        Truth that was put in.
    """

    dataset: str
    instrument: str
    inputs: Path
    crds_cache: Path
    context: str
    product: str
    truth: Truth

    @property
    def settings(self) -> dict[str, str | bool]:
        """The overrides with which `caldp.process` finds its reference files."""
        return crds_cache.cache_settings(self.crds_cache)


@frozen
class _Simulator:
    """Functions that simulate one instrument's observation."""

    dataset: str
    product: str
    truth: Truth
    exposure_time: float
    rules: tuple[ReferenceRule, ...]
    write_references: Callable[[Path], None]
    write_exposures: Callable[[Path, int, int, float], None]


_SIMULATORS: Final = {
    "cos": _Simulator(
        dataset=cos_exposures.DATASET,
        product=f"{cos_exposures.DATASET}_x1dsum.fits",
        truth=cos_model.TRUTH,
        exposure_time=180.0,
        rules=cos_references.RULES,
        write_references=cos_references.write_references,
        write_exposures=cos_exposures.write_exposures,
    ),
    "acs": _Simulator(
        dataset=acs.DATASET,
        product=f"{acs.DATASET}_drz.fits",
        truth=acs.TRUTH,
        exposure_time=600.0,
        rules=acs.RULES,
        write_references=acs.write_references,
        write_exposures=acs.write_exposures,
    ),
    "wfc3": _Simulator(
        dataset=wfc3_exposures.DATASET,
        product=f"{wfc3_exposures.DATASET}_drz.fits",
        truth=wfc3_model.TRUTH,
        exposure_time=30.0,
        rules=wfc3_references.RULES,
        write_references=wfc3_references.write_references,
        write_exposures=wfc3_exposures.write_exposures,
    ),
    "stis": _Simulator(
        dataset=stis_exposures.DATASET,
        product=f"{stis_exposures.DATASET}_sx1.fits",
        truth=stis_model.TRUTH,
        exposure_time=300.0,
        rules=stis_references.RULES,
        write_references=stis_references.write_references,
        write_exposures=stis_exposures.write_exposures,
    ),
}

DATASETS: Final = {name: simulator.dataset for name, simulator in _SIMULATORS.items()}
"""Names of the datasets that can be simulated, by instrument."""

RULES: Final = {name: simulator.rules for name, simulator in _SIMULATORS.items()}
"""Rules that assign the reference files of each observation, by instrument."""

INSTRUMENTS: Final = tuple(DATASETS)
"""The instruments whose observations can be simulated."""


def simulate(
    instrument: str,
    directory: Path,
    *,
    seed: int = 1,
    exposures: int = 2,
    exposure_time: float | None = None,
) -> SimulatedObservation:
    """Write a simulated observation and the CRDS cache that fits it.

    The same arguments write the same bytes. Files of an earlier simulation there are replaced.

    Parameters
    ----------
    instrument
        One of `INSTRUMENTS`.
    directory
        Directory: the raw files go to `inputs/<dataset>`, the cache to `crds_cache`.
    seed
        Seed of the random numbers.
    exposures
        Number of exposures in the association (at least 2).
    exposure_time
        Of each, seconds; by default a few minutes, as befits the instrument.

    Raises
    ------
    ValueError
        If the instrument cannot be simulated, or there are too few exposures for an association.
    OSError
        If the files cannot be written.
    """
    if exposures < 2:
        raise ValueError(f"an association has at least 2 exposures, not {exposures}")
    observation = observation_in(directory, instrument)
    simulator = _SIMULATORS[instrument]
    crds_cache.write_mappings(observation.crds_cache, RULES)
    simulator.write_references(crds_cache.references_directory(observation.crds_cache))
    simulator.write_exposures(observation.inputs, seed, exposures, exposure_time or simulator.exposure_time)
    return observation


def observation_in(directory: Path, instrument: str) -> SimulatedObservation:
    """Describe the observation that `simulate` writes into a directory, without writing it.

    Raises
    ------
    ValueError
        If the instrument cannot be simulated.
    """
    if instrument not in _SIMULATORS:
        raise ValueError(f"cannot simulate {instrument!r}: expected one of {', '.join(INSTRUMENTS)}")
    simulator = _SIMULATORS[instrument]
    return SimulatedObservation(
        dataset=simulator.dataset,
        instrument=instrument,
        inputs=directory / "inputs" / simulator.dataset,
        crds_cache=directory / crds_cache.CACHE_DIRECTORY,
        context=crds_cache.CONTEXT,
        product=simulator.product,
        truth=simulator.truth,
    )
