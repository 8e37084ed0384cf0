"""Assignment of reference files to exposures."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen


@frozen
class ReferenceFile:
    """A reference file that CRDS assigned to an exposure.

    Attributes
    ----------
    keyword
        Header keyword in upper case.
    name
        File name.
    path
        Path of the file in the cache.
    exposures
        Names of the raw files whose headers name it.
    """

    keyword: str
    name: str
    path: Path
    exposures: tuple[str, ...]


@frozen
class Assignment:
    """Assignment of CRDS: the context in use, and every reference file."""

    context: str
    references: tuple[ReferenceFile, ...]
