"""Calibration switches as a user wants them, in the place of those that the archive has set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import evolve

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.calibration.switches import changes, obstacles, require_switches
from caldp.domain.hst.files import FitsFacts


def set_switches(
    inputs: FetchedInputs, wishes: Mapping[str, Wish], fits: FitsFiles, note: Callable[[str], None]
) -> FetchedInputs:
    """Set switches in the raw headers, which CRDS assigns references by and engines and judgement go by.

    Parameters
    ----------
    inputs
        The raw exposures, whose headers are changed.
    wishes
        States by switch.
    fits
        Changes the headers, and reads them again.
    note
        Hears of each switch that is changed, and of steps that the engine does not do without.

    Returns
    -------
    FetchedInputs
        With the new headers.

    Raises
    ------
    UsageError
        If no exposure has one of the switches.
    """
    if not wishes:
        return inputs
    observation = inputs.observation
    require_switches(observation, wishes)
    changed: dict[tuple[str, str], list[str]] = {}
    for name, facts in sorted(observation.raws.items()):
        for switch in set_in(inputs.files[name], facts, wishes, fits):
            changed.setdefault((switch, facts.switches[switch]), []).append(name)
    for (switch, before), names in changed.items():
        note(f"{switch} is {wishes[switch]}, and not {before}, by request: {', '.join(names)}")
    for switch in sorted(wishes.keys() - {switch for switch, _ in changed}):
        note(f"{switch} was {wishes[switch]} before it was asked for")
    for obstacle in obstacles(observation, wishes):
        note(obstacle)
    return evolve(inputs, observation=observe(observation.dataset, dict(inputs.files), fits))


def set_in(path: Path, facts: FitsFacts, wishes: Mapping[str, Wish], fits: FitsFiles) -> dict[str, Wish]:
    """Set switches in one raw header; return those that had another state.

    Parameters
    ----------
    path
        The raw file, which is changed.
    facts
        Its headers.
    wishes
        States by switch.
    fits
        Changes the header.
    """
    new, before = changes(facts, wishes), facts.switches
    if new:
        history = [f"caldp: {switch} {before[switch]} -> {wish}, by the user's wish" for switch, wish in new.items()]
        fits.set_keywords(path, {switch: str(wish) for switch, wish in new.items()}, history)
    return new
