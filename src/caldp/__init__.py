"""From the name of a Hubble dataset to its calibrated products, and a status that means one thing.

The names below are loaded when they are first used, so that ``import caldp`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from caldp._moved import keep_old_names

if TYPE_CHECKING:
    from caldp.api import clean_up, make_request, plan, process, show, stale, survey, switches, sync, table
    from caldp.app.ports.listener import Listener
    from caldp.batches.outputs import batch_status
    from caldp.batches.run import batch
    from caldp.domain.batch.outcome import BatchOutcome
    from caldp.domain.comparison.difference import Comparison
    from caldp.domain.errors import CaldpError
    from caldp.domain.exit_codes import ExitCode
    from caldp.domain.hst.dataset import DatasetName
    from caldp.domain.lock.judgement import Replay
    from caldp.domain.lock.lock import Lock
    from caldp.domain.run.events import (
        EngineLine,
        Event,
        InputsRead,
        Level,
        Note,
        RunEnded,
        RunStarted,
        Step,
        StepEnded,
        StepStarted,
        Transfer,
    )
    from caldp.domain.run.outcome import Outcome
    from caldp.domain.run.plan import RunPlan
    from caldp.domain.run.record import RunRecord
    from caldp.domain.run.request import RunRequest
    from caldp.domain.stale.findings import DatasetFinding, TypeFinding
    from caldp.domain.stale.rungs import Rung, Verdict
    from caldp.reproduction.diff import diff
    from caldp.reproduction.lock import lock
    from caldp.reproduction.replay import replay

    __version__: str

_EVENTS = (
    "EngineLine", "Event", "InputsRead", "Level", "Note", "RunEnded", "RunStarted", "Step", "StepEnded", "StepStarted",
    "Transfer",
)  # fmt: skip
_HOMES = {
    "BatchOutcome": "caldp.domain.batch.outcome",
    "CaldpError": "caldp.domain.errors",
    "Comparison": "caldp.domain.comparison.difference",
    "DatasetFinding": "caldp.domain.stale.findings",
    "DatasetName": "caldp.domain.hst.dataset",
    "ExitCode": "caldp.domain.exit_codes",
    "Listener": "caldp.app.ports.listener",
    "Lock": "caldp.domain.lock.lock",
    "Outcome": "caldp.domain.run.outcome",
    "Replay": "caldp.domain.lock.judgement",
    "RunPlan": "caldp.domain.run.plan",
    "RunRecord": "caldp.domain.run.record",
    "RunRequest": "caldp.domain.run.request",
    "Rung": "caldp.domain.stale.rungs",
    "TypeFinding": "caldp.domain.stale.findings",
    "Verdict": "caldp.domain.stale.rungs",
    "batch": "caldp.batches.run",
    "batch_status": "caldp.batches.outputs",
    "clean_up": "caldp.api",
    "diff": "caldp.reproduction.diff",
    "lock": "caldp.reproduction.lock",
    "make_request": "caldp.api",
    "plan": "caldp.api",
    "process": "caldp.api",
    "replay": "caldp.reproduction.replay",
    "show": "caldp.api",
    "stale": "caldp.api",
    "survey": "caldp.api",
    "switches": "caldp.api",
    "sync": "caldp.api",
    "table": "caldp.api",
    **dict.fromkeys(_EVENTS, "caldp.domain.run.events"),
}

__all__ = [
    "BatchOutcome",
    "CaldpError",
    "Comparison",
    "DatasetFinding",
    "DatasetName",
    "EngineLine",
    "Event",
    "ExitCode",
    "InputsRead",
    "Level",
    "Listener",
    "Lock",
    "Note",
    "Outcome",
    "Replay",
    "RunEnded",
    "RunPlan",
    "RunRecord",
    "RunRequest",
    "RunStarted",
    "Rung",
    "Step",
    "StepEnded",
    "StepStarted",
    "Transfer",
    "TypeFinding",
    "Verdict",
    "__version__",
    "batch",
    "batch_status",
    "clean_up",
    "diff",
    "lock",
    "make_request",
    "plan",
    "process",
    "replay",
    "show",
    "stale",
    "survey",
    "switches",
    "sync",
    "table",
]

keep_old_names()


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def _version() -> str:
    """Return the version of the installed distribution; ``unknown`` where only the files were copied."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("caldp")
    except PackageNotFoundError:
        return "unknown"
