"""Judgement of the reference files in a cache by their sizes and checksums."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

from attrs import frozen

_FEWEST: Final = 3


class ReferenceCheck(Enum):
    """Strictness of comparing the references in a cache with the CRDS server's catalogue."""

    AUTO = "auto"
    STRICT = "strict"
    OFF = "off"

    def __str__(self) -> str:
        return self.value


@frozen
class Identity:
    """Size and checksum of a file.

    Attributes
    ----------
    size
        Bytes.
    sha1
        SHA-1 in hexadecimal digits, as CRDS publishes it; empty if it is not known.
    """

    size: int
    sha1: str = ""

    def differs(self, found: Identity) -> str:
        """Say how a file that was found differs from this one; empty if it does not."""
        if found.size != self.size:
            return f"it has {found.size} bytes instead of {self.size}"
        if self.sha1 and found.sha1 and found.sha1 != self.sha1:
            return f"its SHA-1 is {found.sha1} instead of {self.sha1}"
        return ""


@frozen
class Comparison:
    """A file in a cache beside its entry in the catalogue.

    Attributes
    ----------
    name, path
        The file.
    known
        Its catalogue entry; None if the catalogue has none.
    found
        Size and checksum of the file. Where the size differs, the checksum may be left out.
    """

    name: str
    path: str
    known: Identity | None
    found: Identity

    @property
    def difference(self) -> str:
        """Difference of the file from its catalogue entry, in words; empty if there is none."""
        return "" if self.known is None else self.known.differs(self.found)

    @property
    def resized(self) -> bool:
        """True if the size differs."""
        return self.known is not None and self.known.size != self.found.size


@frozen
class CacheJudgement:
    """Consequences of the comparisons.

    Attributes
    ----------
    damaged
        Files that must not be used as they are.
    no_copy
        Reason not to take the cache for a copy of the server's files, a clause; empty if it is one.
    """

    damaged: tuple[Comparison, ...] = ()
    no_copy: str = ""


def judge_cache(
    comparisons: Iterable[Comparison], check: ReferenceCheck, neighbours: Iterable[Comparison] = ()
) -> CacheJudgement:
    """Find the damaged files among those that one dataset needs.

    Parameters
    ----------
    comparisons
        The files that the dataset needs.
    check
        Strictness of the check.
    neighbours
        Other files of the cache. Their sizes are enough: a dataset may need too few files for a judgement.

    A file that differs from the catalogue is damaged. There is one exception: a cache of stand-ins, such as a test
    cache. Damage at rest and in transit keeps a file's size or makes it shorter; files of other sizes, whole as FITS
    (which is checked elsewhere), were put there. If these are the most, the catalogue is not about this cache, and
    condemns none of its files. `ReferenceCheck.STRICT` knows no exception.
    """
    if check is ReferenceCheck.OFF:
        return CacheJudgement()
    known = [comparison for comparison in comparisons if comparison.known is not None]
    seen = {comparison.path: comparison for comparison in (*neighbours, *known) if comparison.known is not None}
    resized = sum(comparison.resized for comparison in seen.values())
    if check is ReferenceCheck.AUTO and resized >= _FEWEST and 2 * resized > len(seen):
        return CacheJudgement(no_copy=f"{resized} of {len(seen)} files have another size than its catalogue says")
    return CacheJudgement(tuple(comparison for comparison in known if comparison.difference))
