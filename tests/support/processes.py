"""Processes of the system."""

from __future__ import annotations

import os


def is_gone(pid: int) -> bool:
    """Tell whether there is no such process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
