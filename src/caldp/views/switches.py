"""View of the calibration switches of a dataset."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from attrs import asdict

from caldp.domain.calibration.switches import Need, SwitchStates
from caldp.views.columns import columns


def switches_text(found: Sequence[SwitchStates]) -> str:
    """Write switches for people: a line each, exposures by state where these differ, and what turning on needs."""
    parts = [columns([(one.name, _states(one), one.meaning) for one in found])]
    off = [(f"  {one.name}", "; ".join(_wants(one))) for one in found if one.omitted and any(_wants(one))]
    if off:
        parts.append(f"Turned on, they would need\n{columns(off)}")
    return "\n\n".join(parts)


def _wants(switch: SwitchStates) -> Iterator[str]:
    if switch.rests_on:
        yield f"{' or '.join(switch.rests_on)} on"
    yield from map(_need, switch.needs or ())


def _need(need: Need) -> str:
    if not need.name:
        return f"{need.keyword}, of which the context has none for this mode"
    return f"{need.keyword} {need.name}{'' if need.is_here else ' (not in the cache)'}"


def _states(switch: SwitchStates) -> str:
    if len(switch.states) == 1:
        return next(iter(switch.states))
    return ", ".join(f"{state} in {len(files)}" for state, files in switch.states.items())


def switches_json(found: Sequence[SwitchStates]) -> str:
    """Write switches for machines."""
    document = [
        {
            "name": one.name,
            "meaning": one.meaning,
            "states": one.states,
            "rests_on": one.rests_on,
            "needs": None if one.needs is None else [asdict(need) for need in one.needs],
        }
        for one in found
    ]
    return json.dumps(document, indent=2)
