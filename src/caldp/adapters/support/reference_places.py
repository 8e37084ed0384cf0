"""Places of reference files in a CRDS cache, in any of its layouts."""

from __future__ import annotations

from pathlib import Path


def find_reference(cache: Path, name: str) -> Path | None:
    """Find a reference file by its name; None if the cache does not have it.

    Parameters
    ----------
    cache
        The CRDS cache; references lie in one directory, or in one for each instrument.
    name
        Plain name of the file.
    """
    directory = cache / "references" / "hst"
    if (directory / name).is_file():  # a flat cache has tens of thousands of entries to look through
        return (directory / name).resolve()
    return next((place.resolve() for place in sorted(directory.glob(f"*/{name}")) if place.is_file()), None)
