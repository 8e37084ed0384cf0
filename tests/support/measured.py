"""Measurement of child processes by coverage, only where a test asks for it: it makes a run take a third longer."""

from __future__ import annotations

import os
from typing import Final

MEASURED: Final[dict[str, str]] = {}
"""Variables with which coverage measures a process that is started; none if nothing is measured."""


def measure_no_children() -> None:
    """Take the variables out of this process's environment, which most child processes inherit."""
    MEASURED.update({name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("COVERAGE_")})
