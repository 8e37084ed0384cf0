"""Runs of real engines, by caldp and by themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.support.records import read_record

# No test waits for MAST: drizzlepac tries three times, a minute apart.
OFFLINE = {"ASTROMETRY_COMPUTE_APOSTERIORI": "off", "ASTROMETRY_APPLY_APRIORI": "off"}


@frozen
class Processed:
    """A dataset that was processed.

    Attributes
    ----------
    status
        Exit status.
    said
        Standard error, where the outcome is told.
    home
        The dataset's directory in the output.
    """

    status: int
    said: str
    home: Path

    @property
    def products(self) -> set[str]:
        """Names of the science files that were published."""
        return {path.name for path in self.home.iterdir() if path.is_file()}

    @property
    def record(self) -> dict[str, Any]:
        """Record of the run."""
        return read_record(self.home / "logs" / "record.json")

    @property
    def programs(self) -> list[str]:
        """The engines that were run."""
        return [engine["argv"][0] for engine in self.record["engines"]]


Process = Callable[..., Processed]


def run_engine(arguments: list[str], directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run an engine by itself, to see what it says of itself."""
    return subprocess.run(
        arguments, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=300,
        errors="replace",
    )  # fmt: skip
