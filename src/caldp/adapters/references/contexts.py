"""Contexts in a CRDS cache."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from caldp.domain.errors import CacheIncomplete

_MOST_NAMED: Final = 5
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


def require_context(cache: Path, context: str) -> None:
    """Check that a cache, which nothing fills, has a context; an empty name stands for the one that it calls its own.

    Raises
    ------
    CacheIncomplete
        If there is no such cache or context.
    """
    if not cache.is_dir():
        raise CacheIncomplete(
            f"There is no CRDS cache at {cache}.",
            advice="Set CRDS_PATH to a cache, or use a profile that may download one (offsite).",
        )
    mappings = cache / "mappings" / "hst"
    if not context or (mappings / context).is_file():
        return
    there = sorted((path.name for path in mappings.glob("*.pmap")), reverse=True)
    shown = ", ".join(there[:_MOST_NAMED]) + (f" and {len(there) - _MOST_NAMED} more" if there[_MOST_NAMED:] else "")
    raise CacheIncomplete(
        f"The CRDS cache at {cache} does not have the context {context}.",
        advice=f"It has {shown or 'no context at all'}. Choose one of these (CRDS_CONTEXT), or sync the cache.",
    )


def _named(path: Path) -> re.Match[str] | None:
    return _NUMBERED.fullmatch(path.name)
