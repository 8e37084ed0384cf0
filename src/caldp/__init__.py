"""From the name of a Hubble dataset to its calibrated products, and a status that means one thing.

The names below are loaded when they are first used, so that ``import caldp`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caldp.api import process
    from caldp.app.outcome import Outcome
    from caldp.domain.dataset import DatasetName
    from caldp.domain.errors import CaldpError
    from caldp.domain.exit_codes import ExitCode
    from caldp.toolbox import clean_up

_HOMES = {
    "CaldpError": "caldp.domain.errors",
    "DatasetName": "caldp.domain.dataset",
    "ExitCode": "caldp.domain.exit_codes",
    "Outcome": "caldp.app.outcome",
    "clean_up": "caldp.toolbox",
    "process": "caldp.api",
}

__all__ = ["CaldpError", "DatasetName", "ExitCode", "Outcome", "clean_up", "process"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
