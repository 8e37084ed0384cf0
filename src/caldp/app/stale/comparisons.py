"""Comparisons of reference files, each pair made once for each selection of rows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from attrs import define, field, frozen

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.reference_choice import ReferenceChoice
from caldp.app.ports.reference_comparison import ReferenceComparison
from caldp.domain.hst.digests import HduDigest
from caldp.domain.stale.digested import compare_digests
from caldp.domain.stale.findings import Comparison
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Used

_Result = TypeVar("_Result")
_REMEMBERED: Final = 20_000
"""Comparisons that are remembered. An exposure has some twenty types, of which few are compared at all."""


@frozen
class OldFile:
    """A reference file that was used.

    Attributes
    ----------
    name
        Its name.
    size
        Bytes; None if not known.
    sha256
        Hexadecimal; empty if not known.
    override
        Path of the user's own file; empty for what CRDS assigned.
    digests
        Digests of its HDUs; none if not known.
    """

    name: str
    size: int | None = None
    sha256: str = ""
    override: str = ""
    digests: Sequence[HduDigest] = field(default=(), eq=False, repr=False)


@define
class Comparisons:
    """Compares files of the cache, and remembers.

    Attributes
    ----------
    choice
        Knows where reference files lie.
    comparison
        Compares two files by their values.
    fits
        Digests files.
    """

    choice: ReferenceChoice
    comparison: ReferenceComparison
    fits: FitsFiles
    _known: OrderedDict[Hashable, Future[Any]] = field(factory=OrderedDict, init=False)
    _sizes: dict[Path, int | None] = field(factory=dict, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def of(self, old: OldFile, new: str, used: Used, own: str = "") -> Comparison:
        """Compare the file that was used with another.

        Parameters
        ----------
        old
            The file that was used.
        new
            Name of the file that is assigned now.
        used
            Part that the exposure uses.
        own
            Path of the new file if it is the user's own.
        """
        if used.limited:
            names = ((old.name, old.override), (new, own))
            used = used.rounded({column: self._values(names, column) for column in used.limited})
        found = self._once((old, new, used, own), lambda: self._compared(old, new, used, own))
        return found if found is not None else Comparison(Rung.UNKNOWN, self._missing(old, new))

    def same(self, old: OldFile, own: str = "") -> Comparison | None:
        """Tell what speaks against a file of the same name being the one that was used; None if nothing does."""
        return self._once((old, own), lambda: self._against(old, own))

    def _values(self, names: Iterable[tuple[str, str]], column: str) -> tuple[float, ...]:
        """Return the values of a column of some files, sorted."""
        paths = [path for name, own in names if (path := self._path(name, own)) is not None]
        found = (self._once((path, column), partial(self.comparison.values, path, column)) for path in paths)
        return tuple(sorted({value for values in found for value in values}))

    def _once(self, key: Hashable, work: Callable[[], _Result]) -> _Result:
        """Do some work once for its key; of several threads the first does it, and the others wait for it."""
        with self._lock:
            future = self._known.get(key)
            is_first = future is None
            if future is None:
                future = self._known[key] = Future()
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        if is_first:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
                raise
        result: _Result = future.result()
        return result

    def _compared(self, old: OldFile, new: str, used: Used, own: str) -> Comparison | None:
        path = self._path(new, own)
        if path is None:
            return None
        before = self._path(old.name, old.override)
        if before is not None and old.size in (None, self._size(before)):
            return self.comparison.compare(before, path, used)
        digest = self.fits.digest(path) if old.digests else None
        return compare_digests(old.name, old.digests, () if digest is None else digest.hdus, used)

    def _missing(self, old: OldFile, new: str) -> str:
        is_here = self._path(old.name, old.override) is not None
        return f"{new} is not in the cache" if is_here else f"neither {old.name} nor {new} is in the cache"

    def _against(self, old: OldFile, own: str) -> Comparison | None:
        path = self._path(old.name, own)
        if path is None or old.size is None:
            return None
        if old.override or own:  # names of a user's own files may come again
            digest = self.fits.digest(path)
            if digest is None or digest.sha256 == old.sha256:
                return None
            return compare_digests(old.name, old.digests, digest.hdus, Used())
        if self._size(path) == old.size:
            return None
        digest = self.fits.digest(path)
        found = compare_digests(old.name, old.digests, () if digest is None else digest.hdus, Used())
        return None if found.rung is Rung.SAME_CONTENT else found

    def _path(self, name: str, own: str) -> Path | None:
        if own:
            path = Path(own)
            return path if path.is_file() else None
        return self.choice.locate([name])[name]

    def _size(self, path: Path) -> int | None:
        if path not in self._sizes:
            try:
                self._sizes[path] = path.stat().st_size
            except OSError:
                self._sizes[path] = None
        return self._sizes[path]
