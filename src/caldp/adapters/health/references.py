"""State of the CRDS cache, and its use to a run."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from caldp.domain.run.health import Finding, ok, problem, warning
from caldp.domain.run.settings import Settings

_LAYOUTS: Final = ("flat", "instrument", "legacy")
_SYNC: Final = "Sync it with 'crds sync', or use a profile that downloads what is missing (offsite)."


def examine_references(settings: Settings) -> Iterator[Finding]:
    """Examine the CRDS cache that settings name."""
    cache = Path(settings.crds_path).expanduser().absolute()
    if cache.is_dir():
        yield ok("CRDS cache", str(cache))
        yield _layout(cache)
    elif settings.crds_readonly_cache:
        yield problem("CRDS cache", f"{cache} does not exist", "Set CRDS_PATH, or use another profile (offsite).")
    else:
        yield ok("CRDS cache", f"{cache} does not exist yet and will be filled from the server")
    yield _writable(cache, readonly=settings.crds_readonly_cache)
    yield _context(cache, settings)


def _layout(cache: Path) -> Finding:
    try:
        mode = (
            (cache / "config" / "hst" / "ref_cache_subdir_mode").read_text(encoding="utf-8", errors="replace").strip()
        )
    except OSError:
        return warning("cache layout", "the cache does not state its layout", _SYNC)
    if mode not in _LAYOUTS:
        return problem("cache layout", f"{mode[:40]!r} is no layout that CRDS knows", _SYNC)
    return ok("cache layout", mode)


def _writable(cache: Path, *, readonly: bool) -> Finding:
    if readonly:
        return ok("cache access", "read only, as CRDS_READONLY_CACHE says")
    place = next(path for path in (cache, *cache.parents) if path.is_dir())
    if os.access(place, os.W_OK):
        return ok("cache access", "can be written")
    return problem("cache access", f"{place} cannot be written", "Set CRDS_PATH, or CRDS_READONLY_CACHE=1.")


def _context(cache: Path, settings: Settings) -> Finding:
    context = settings.crds_context or operational_context(cache)
    if not context:
        if settings.context_from_output:
            return ok("context", "the one that crds_env_vars/ of the output bucket names")
        if settings.crds_readonly_cache:
            return problem("context", "neither CRDS_CONTEXT nor the cache names one", "Set CRDS_CONTEXT.")
        return ok("context", "the server's operational one")
    origin = "CRDS_CONTEXT" if settings.crds_context else "the cache's operational one"
    if (cache / "mappings" / "hst" / context).is_file():
        return ok("context", f"{context} ({origin})")
    if settings.crds_readonly_cache:
        return problem("context", f"{context} ({origin}) is not in the cache", _SYNC)
    return ok("context", f"{context} ({origin}) will be downloaded")


def operational_context(cache: Path) -> str:
    """Read the operational context from the cache's copy of the server's configuration; empty if it has none."""
    try:
        text = (cache / "config" / "hst" / "server_config").read_text(encoding="utf-8")
        return str(ast.literal_eval(text)["operational_context"])
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        return ""
