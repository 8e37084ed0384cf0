"""View of the calibration switches of a dataset."""

from __future__ import annotations

import json
from collections.abc import Sequence

from caldp.domain.calibration.switches import SwitchStates
from caldp.views.columns import columns


def switches_text(found: Sequence[SwitchStates]) -> str:
    """Write switches for people: a line each, and the exposures by state only where these differ."""
    return columns([(one.name, _states(one), one.meaning) for one in found])


def _states(switch: SwitchStates) -> str:
    if len(switch.states) == 1:
        return next(iter(switch.states))
    return ", ".join(f"{state} in {len(files)}" for state, files in switch.states.items())


def switches_json(found: Sequence[SwitchStates]) -> str:
    """Write switches for machines."""
    document = [{"name": one.name, "meaning": one.meaning, "states": one.states} for one in found]
    return json.dumps(document, indent=2)
