"""Verdict of a run: the one place that turns the steps' results into a status and a final message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from caldp.domain.exit_codes import STOPS, ExitCode
from caldp.domain.output.messages import MessageState
from caldp.domain.run.events import Step
from caldp.domain.run.record import Failure

_PRECEDENCE: Final[dict[Step | None, int]] = {
    None: 0,
    Step.ANNOUNCE: 0,
    Step.FETCH: 0,
    Step.REFERENCES: 0,
    Step.CALIBRATE: 0,
    Step.PREVIEW: 1,
    Step.RECORD: 2,
    Step.PUBLISH: 2,
}
"""Processing decides before previews, and these before publishing."""


@frozen
class Verdict:
    """Verdict of a run.

    Attributes
    ----------
    status
        Its exit status.
    message
        State that the final message gives the dataset.
    """

    status: ExitCode
    message: MessageState


def verdict(failures: Sequence[Failure]) -> Verdict:
    """Decide status and final message of a run from its failures, in order of time."""
    ranked = sorted(failures, key=_rank)
    if not ranked:
        return Verdict(ExitCode.SUCCESS, MessageState.PROCESSED)
    return Verdict(ranked[0].status, MessageState.ERROR)


def _rank(failure: Failure) -> int:
    """Order failures by their steps; that a run was stopped explains whatever else went wrong."""
    return -1 if failure.status in STOPS.values() else _PRECEDENCE[failure.step]


def status_of_processing(failures: Sequence[Failure]) -> ExitCode:
    """Return the status of everything before the previews, as ``process_metrics.txt`` states it."""
    return verdict([failure for failure in failures if _PRECEDENCE[failure.step] == 0]).status


def status_of_previews(failures: Sequence[Failure]) -> ExitCode:
    """Return the status of the previews, as ``preview_metrics.txt`` states it."""
    return verdict([failure for failure in failures if failure.step is Step.PREVIEW]).status
