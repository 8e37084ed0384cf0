"""The port Launcher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from caldp.domain.batch.job import AttemptEnd
from caldp.domain.batch.launches import Launch

__all__ = ["Launch", "Launcher", "Report"]


@frozen
class Report:
    """News of a job.

    Attributes
    ----------
    number
        Number of its dataset.
    step
        Step that its run has come to; empty if it only began to run.
    end
        End of the attempt; None while it lasts.
    """

    number: int
    step: str = ""
    end: AttemptEnd | None = None


class Launcher(Protocol):
    """Engine that runs jobs: processes of this machine, or a cluster's batch system."""

    @property
    def most_together(self) -> int:
        """Greatest number of jobs in a launch."""

    def start(self, launch: Launch) -> None:
        """Start jobs. None of them may be at work.

        Raises
        ------
        LaunchError
            If the engine does not take them. None of them runs then.
        """

    def poll(self, seconds: float) -> Sequence[Report]:
        """Return the news since the last call, and wait for some as long as this; each end is told once.

        When an end is told, nothing of the job is left.
        """

    def stop(self, *, running: bool) -> None:
        """Let no job begin that was started and waits for its turn; their ends are told by `poll`.

        Returns at once, and may be called again.

        Parameters
        ----------
        running
            True to ask those that run to end, too.
        """

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        """Find launches of an earlier driver, and tell news of their jobs from now on.

        Returns
        -------
        sequence of Launch
            Those that the engine knows, each with the jobs only that have not ended.
        """

    def close(self) -> None:
        """Let go of the jobs. Those that cannot live without this process end; others go on."""
