"""From the name of a Hubble dataset to its calibrated products, and a status that means one thing.

The names below are loaded when they are first used, so that ``import caldp`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from caldp._moved import keep_old_names

if TYPE_CHECKING:
    from caldp.api import clean_up, make_request, plan, process
    from caldp.domain.errors import CaldpError
    from caldp.domain.exit_codes import ExitCode
    from caldp.domain.hst.dataset import DatasetName
    from caldp.domain.run.outcome import Outcome
    from caldp.domain.run.request import RunRequest

_HOMES = {
    "CaldpError": "caldp.domain.errors",
    "DatasetName": "caldp.domain.hst.dataset",
    "ExitCode": "caldp.domain.exit_codes",
    "Outcome": "caldp.domain.run.outcome",
    "RunRequest": "caldp.domain.run.request",
    "clean_up": "caldp.api",
    "make_request": "caldp.api",
    "plan": "caldp.api",
    "process": "caldp.api",
}

__all__ = [
    "CaldpError",
    "DatasetName",
    "ExitCode",
    "Outcome",
    "RunRequest",
    "clean_up",
    "make_request",
    "plan",
    "process",
]

keep_old_names()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
