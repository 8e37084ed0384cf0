"""Calibration switches as a user wants them, in the place of those that the archive has set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.switches import Wish, changes, obstacles, require_switches


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
    changed: dict[str, list[str]] = {}
    for name, facts in sorted(observation.raws.items()):
        new = changes(facts, wishes)
        if not new:
            continue
        before = facts.switches
        history = [f"caldp: {switch} {before[switch]} -> {wish}, by the user's wish" for switch, wish in new.items()]
        fits.set_keywords(inputs.files[name], {switch: str(wish) for switch, wish in new.items()}, history)
        for switch, wish in new.items():
            changed.setdefault(f"{switch} is {wish}, and not {before[switch]}", []).append(name)
    for text, names in changed.items():
        note(f"{text}, by request: {', '.join(names)}")
    for switch in sorted(wishes.keys() - {text.partition(" ")[0] for text in changed}):
        note(f"{switch} was {wishes[switch]} before it was asked for")
    for obstacle in obstacles(observation, wishes):
        note(obstacle)
    return evolve(inputs, observation=observe(observation.dataset, dict(inputs.files), fits))
