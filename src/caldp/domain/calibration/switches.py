"""Calibration switches that a user wants to set: whether a dataset has them, and what is to be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from attrs import frozen

from caldp.domain.calibration.plan import Observation
from caldp.domain.calibration.switch_facts import MEANINGS, OBSTACLES, PREREQUISITES, Obstacle, Wish
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import FitsFacts
from caldp.domain.hst.instrument import Instrument


@frozen
class Need:
    """Reference file that an exposure needs beyond its present ones when a switch is turned on.

    Attributes
    ----------
    keyword
        Type, the header keyword in upper case.
    name
        File name; empty if the context has none for the exposure, which fails the assignment.
    is_here
        True if the file is in the cache.
    """

    keyword: str
    name: str
    is_here: bool


@frozen
class SwitchStates:
    """A switch of a dataset.

    Attributes
    ----------
    name
        The switch.
    meaning
        Effect of its step, a phrase; empty for one that is not known.
    states
        Names of the raw files by state, such as ``PERFORM``; blank states are N/A.
    rests_on
        Switches of the dataset one of which must be on too for this one to have an effect; none if one of them is.
    needs
        Reference files that exposures in which it is OMIT need when it is turned on; None if that is not known.
    """

    name: str
    meaning: str
    states: Mapping[str, tuple[str, ...]]
    rests_on: tuple[str, ...] = ()
    needs: tuple[Need, ...] | None = None

    @property
    def omitted(self) -> tuple[str, ...]:
        """Raw files in which the step is left out."""
        return self.states.get(Wish.OMIT, ())


def check_switches(dataset: AnyDataset, wishes: Mapping[str, Wish]) -> None:
    """Check by a dataset's name alone that its instrument has the switches that a user wants to set.

    Raises
    ------
    UsageError
        If it has not.
    """
    if not wishes:
        return
    known = MEANINGS[check_instrument(dataset)]
    for name in wishes:
        if name not in known:
            raise UsageError(
                f"{dataset} is of an instrument without the calibration switch {name}.",
                advice=_suggestion(name, tuple(known)),
            )


def check_instrument(dataset: AnyDataset) -> Instrument:
    """Return the instrument whose switches a dataset has.

    Raises
    ------
    UsageError
        If it has none, since it starts from calibrated exposures.
    """
    if dataset.is_mosaic:
        raise UsageError(
            f"{dataset} starts from calibrated exposures: there is no switch to set.",
            advice="Set it for the exposures' own dataset, and calibrate that again.",
        )
    return dataset.instrument


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Its switches are {', '.join(sorted(known))}."


def changes(facts: FitsFacts, wishes: Mapping[str, Wish]) -> dict[str, Wish]:
    """Return the switches of an exposure whose states are not yet as wished.

    Parameters
    ----------
    facts
        Its raw header.
    wishes
        States by switch. Switches that the header lacks are passed over: exposures beside the science have fewer.
    """
    states = facts.switches
    return {name: wish for name, wish in wishes.items() if name in states and states[name] != wish}


def require_switches(observation: Observation, wishes: Mapping[str, Wish]) -> None:
    """Check that a switch that is to be set is in the header of at least one exposure.

    Raises
    ------
    UsageError
        If it is in none, or applies to none.
    """
    raws = observation.raws.values()
    present = {name for facts in raws for name in facts.switches}
    for name in wishes:
        if name in present:
            continue
        if any(name in facts.primary for facts in raws):
            raise UsageError(
                f"{name} does not apply to the exposures of {observation.dataset}: their headers have it as "
                f"{next(str(facts.primary[name]).strip() or 'blank' for facts in raws if name in facts.primary)}.",
                advice=f"caldp switches {observation.dataset} lists those that apply.",
            )
        raise UsageError(
            f"No exposure of {observation.dataset} has the switch {name}.",
            advice=_suggestion(name, tuple(sorted(present))),
        )


def obstacles(observation: Observation, wishes: Mapping[str, Wish]) -> Iterator[str]:
    """Say which of the steps that a user leaves out the engine was seen to fail without, one sentence each.

    A step that another one needs is left out, too, if only the other one is asked for.
    """
    for obstacle in OBSTACLES:
        if obstacle.instrument is not observation.dataset.instrument:
            continue
        if any(_is_in_the_way(obstacle, facts, wishes) for facts in observation.raws.values()):
            yield f"Without {obstacle.switch} {obstacle.why}."


def _is_in_the_way(obstacle: Obstacle, facts: FitsFacts, wishes: Mapping[str, Wish]) -> bool:
    """Tell whether the wishes make an exposure one that the engine was seen to fail on."""
    if obstacle.detectors and facts.text("DETECTOR").upper() not in obstacle.detectors:
        return False
    if wishes.keys().isdisjoint({obstacle.switch, obstacle.needed_by}):
        return False
    states = {**facts.switches, **{name: wish for name, wish in wishes.items() if name in facts.switches}}
    is_needed = not obstacle.needed_by or states.get(obstacle.needed_by) == Wish.PERFORM
    return is_needed and states.get(obstacle.switch) == Wish.OMIT


def switch_states(observation: Observation) -> tuple[SwitchStates, ...]:
    """List the switches of some exposures, in alphabetical order.

    Parameters
    ----------
    observation
        Exposures with their raw headers.
    """
    instrument = check_instrument(observation.dataset)
    meanings, prerequisites = MEANINGS[instrument], PREREQUISITES[instrument]
    found: dict[str, dict[str, list[str]]] = {}
    for file, facts in sorted(observation.raws.items()):
        for name, value in facts.primary.items():
            if name.endswith("CORR") and isinstance(value, str):
                found.setdefault(name, {}).setdefault(value.strip().upper() or "N/A", []).append(file)
    on = {name for name, states in found.items() if Wish.PERFORM in states}
    return tuple(
        SwitchStates(
            name,
            meanings.get(name, ""),
            {state: tuple(files) for state, files in states.items()},
            () if on.intersection(first := prerequisites.get(name, ())) else first,
        )
        for name, states in sorted(found.items())
    )
