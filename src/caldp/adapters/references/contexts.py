"""Contexts in a CRDS cache."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NUMBERED: Final = re.compile(r"hst_(\d+)\.pmap")


def newest_context(cache: Path) -> str:
    """Return the context with the highest number in a cache, such as ``hst_1290.pmap``; empty if there is none."""
    try:
        found = [
            (int(match[1]), match[0]) for path in (cache / "mappings" / "hst").iterdir() if (match := _named(path))
        ]
    except OSError:
        return ""
    return max(found, default=(0, ""))[1]


def _named(path: Path) -> re.Match[str] | None:
    return _NUMBERED.fullmatch(path.name)
