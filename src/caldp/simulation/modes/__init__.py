"""Observations in modes beside those that are demonstrated: for the matrix of modes, never for a demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import evolve

from caldp.simulation import crds_cache
from caldp.simulation.modes import acs, cos, cos_fuv, stis, stis_binned, stis_echelle, stis_mama, stis_prism, wfc, wfc3
from caldp.simulation.modes.mode import Mode
from caldp.simulation.simulate import RULES, SimulatedObservation, simulate

__all__ = ["MODES", "SHORT", "Mode", "turn_into", "write_mode"]

MODES: Final = {
    name: mode
    for each in (
        acs.MODES,
        wfc.MODES,
        cos.MODES,
        cos_fuv.MODES,
        stis.MODES,
        stis_binned.MODES,
        stis_mama.MODES,
        stis_echelle.MODES,
        stis_prism.MODES,
        wfc3.MODES,
    )
    for name, mode in each.items()
}
"""Modes by name."""

SHORT: Final = {"cos": 60.0}
"""Exposure times, seconds, where fewer photons will do."""


def write_mode(name: str, directory: Path) -> SimulatedObservation:
    """Write an observation in a mode, and the CRDS cache that fits it.

    Parameters
    ----------
    name
        One of `MODES`.
    directory
        Directory, as for `simulate`.

    Raises
    ------
    KeyError
        If there is no such mode.
    """
    base = MODES[name].base
    return turn_into(name, simulate(base, directory, exposure_time=SHORT.get(base)))


def turn_into(name: str, observation: SimulatedObservation) -> SimulatedObservation:
    """Turn a simulated observation, where it lies, into one in a mode.

    Parameters
    ----------
    name
        One of `MODES`.
    observation
        Observation of the mode's instrument, with two exposures.

    Raises
    ------
    KeyError
        If there is no such mode.
    """
    mode = MODES[name]
    mode.change(observation.inputs)
    mode.references(crds_cache.references_directory(observation.crds_cache))
    kinds = {rule.filekind for rule in mode.rules} | mode.without
    own = [rule for rule in RULES[mode.base] if rule.filekind not in kinds]
    crds_cache.write_mappings(observation.crds_cache, {mode.base: [*own, *mode.rules]})
    return evolve(observation, dataset=mode.dataset)
