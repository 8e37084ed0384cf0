"""Assignment of reference files to exposures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve, field, frozen


@frozen
class ReferenceFile:
    """A reference file of one or more exposures.

    Attributes
    ----------
    keyword
        Header keyword in upper case.
    name
        File name.
    path
        Path of the file.
    exposures
        Names of the raw files whose headers name it.
    is_override
        True if it is the user's own, in the place of the one that CRDS assigns.
    size
        Bytes of a file that is not in the cache, by CRDS's catalogue; None if it is there, or the size is unknown.
    """

    keyword: str
    name: str
    path: Path
    exposures: tuple[str, ...]
    is_override: bool = False
    size: int | None = None


@frozen
class Assignment:
    """Assignment of CRDS.

    Attributes
    ----------
    context
        The CRDS context; empty if nothing was assigned.
    references
        Every reference file.
    server
        The CRDS server that the CRDS library is configured with, without credentials.
    selection
        Header values that CRDS matched, by name of the raw file and header keyword.
    not_applicable
        Keywords of the types that CRDS has none of for an exposure, by name of the raw file; its header says N/A.
    """

    context: str
    references: tuple[ReferenceFile, ...]
    server: str = ""
    selection: Mapping[str, Mapping[str, str]] = field(factory=dict)
    not_applicable: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def with_references(self, references: Iterable[ReferenceFile]) -> Assignment:
        """Return the assignment with other references, in the order of their keywords and names.

        A type that an exposure has one of then is not N/A for it any more.
        """
        ordered = tuple(sorted(references, key=lambda one: (one.keyword, one.name)))
        named = {(raw, one.keyword) for one in ordered for raw in one.exposures}
        left = {
            raw: tuple(keyword for keyword in keywords if (raw, keyword) not in named)
            for raw, keywords in self.not_applicable.items()
        }
        return evolve(self, references=ordered, not_applicable=left)
