"""Meaning of exit statuses and signals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from caldp.domain.exit_codes import ExitCode, explain, is_memory_error

_MEMORY_NOTE: Final = "A lack of memory: CALCLOUD runs such a job again with more."


def codes_text(codes: Iterable[str]) -> str:
    """Explain statuses, names of codes and signals, with a note where more memory helps."""
    return "\n".join(explain(code) + (f"\n    {_MEMORY_NOTE}" if is_memory_error(code) else "") for code in codes)


def all_codes_text() -> str:
    """Explain every code."""
    return "\n".join(map(explain, ExitCode))
