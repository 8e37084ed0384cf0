"""Contents of a capsule: references by the lock, and the part of a CRDS cache that goes with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from caldp.domain.errors import CacheIncomplete

_MAPPING: Final = re.compile(r"['\"](hst_[a-z0-9_]+\.(?:imap|rmap))['\"]")
_CONFIG: Final = ("server_config", "bad_files.txt")
FLAT: Final = "flat"
"""Arrangement of references in the cache of a capsule: all in one directory."""
MODE_FILE: Final = "config/hst/ref_cache_subdir_mode"


def cache_files(cache: Path, context: str, instrument: str) -> dict[str, Path]:
    """Find the mappings of a context that an instrument's rules are in, and CRDS's configuration.

    Parameters
    ----------
    cache
        The CRDS cache.
    context
        The context; its other instruments are left out.
    instrument
        The instrument, in lower case.

    Returns
    -------
    dict of str to Path
        Files by path relative to a cache.

    Raises
    ------
    CacheIncomplete
        If a mapping is missing.
    """
    directory = cache / "mappings" / "hst"
    found: dict[str, Path] = {}
    todo = [context]
    while todo:
        name = todo.pop()
        place = directory / name
        if not place.is_file():
            raise CacheIncomplete(
                f"The CRDS cache at {cache} does not have the mapping {name}.",
                advice="Set CRDS_PATH to the cache of the locked run, or sync this one (crds sync).",
            )
        found[f"mappings/hst/{name}"] = place
        todo += [other for other in _named(place, instrument) if f"mappings/hst/{other}" not in found]
    config = cache / "config" / "hst"
    return found | {f"config/hst/{name}": config / name for name in _CONFIG if (config / name).is_file()}


def _named(mapping: Path, instrument: str) -> Iterator[str]:
    """Yield the mappings that the rules of a mapping name: of a context only that of the instrument, of this all.

    The header before the rules names the mapping that it was derived from, which takes no part.
    """
    text = mapping.read_text(encoding="utf-8", errors="replace").partition("selector")[2]
    for match in _MAPPING.finditer(text):
        if (
            mapping.suffix != ".pmap"
            or match[1].startswith(f"hst_{instrument}_")
            or match[1] == f"hst_{instrument}.imap"
        ):
            yield match[1]
