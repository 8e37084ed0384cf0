"""Leftovers of runs in directories of this machine; implements the port Leftovers."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from caldp.adapters.leftovers.staged import find_staged, staged_at
from caldp.adapters.support.disk import why
from caldp.adapters.support.partial import is_partial
from caldp.app.scratch.ownership import OWNER_FILE, is_alive, locked, read_owner, remove_owned, this_machine
from caldp.app.scratch.work_directory import EXCHANGE_PREFIX, LINKS_PREFIX, WORK_PARTS, WORK_PREFIX
from caldp.domain.errors import WorkDirectoryError
from caldp.domain.hst.dataset import is_dataset_name
from caldp.domain.run.leftovers import Leftover, LeftoverKind, Machine, Owner, Standing, standing

_RANDOM: Final = "[a-z0-9_]{8}"  # what tempfile.mkdtemp appends
_OWNED: Final = {
    LeftoverKind.SCRATCH: re.compile(rf"{WORK_PREFIX}(?P<dataset>.+)-{_RANDOM}"),
    LeftoverKind.LINKS: re.compile(rf"{LINKS_PREFIX}{_RANDOM}"),
    LeftoverKind.EXCHANGE: re.compile(rf"{EXCHANGE_PREFIX}{_RANDOM}"),
}
_OUTPUT: Final = ("messages", "messages/*", "data/*/*", "data/*/*/logs", "data/*/*/previews", "outputs/*")
"""Directories of an output in which files are written, in either layout."""
_CACHE: Final = ("mappings/hst", "references/hst", "references/hst/*")
"""Directories of a CRDS cache into which files are downloaded."""


@frozen
class DirectoryLeftovers:
    """Finds leftovers by the names that caldp gives, and removes them under their locks.

    Attributes
    ----------
    here
        This machine.
    clock
        Function that returns the seconds since 1970.
    """

    here: Machine = field(factory=this_machine)
    clock: Callable[[], float] = time.time

    def find(self, directories: Sequence[Path]) -> Iterator[Leftover]:
        """Find what runs left, or use, in directories."""
        for directory in (named.resolve() for named in directories):
            if _has_note(directory) and _kind(directory) is None:  # a work directory that the user named
                yield from self._owned(directory, LeftoverKind.SCRATCH)
            for entry in _entries(directory):
                kind = _kind(entry)
                if kind is not None and entry.is_dir() and not entry.is_symlink():
                    yield from self._owned(entry, kind)
            for staged in find_staged(directory):
                with suppress(OSError):
                    found, owner = staged.judge()
                    age = max(0.0, self.clock() - _changed(staged.path))
                    size = _size(staged.path)
                    yield Leftover(str(staged.path), LeftoverKind.STAGED, found, size, age, owner)
            for place in _places(directory):
                for entry in _entries(place):
                    if is_partial(entry.name) and entry.is_file() and not entry.is_symlink():
                        yield from self._partial(entry)

    def remove(self, leftover: Leftover, *, kept: bool, gone_hosts: Collection[str]) -> bool:
        """Remove a leftover if it still may go."""
        path = Path(leftover.path)
        try:
            with self._judged(path, leftover.kind) as (found, _):
                now = evolve(leftover, standing=found)
                if not now.may_go(kept=kept, gone_hosts=gone_hosts):
                    return False
                if leftover.kind is LeftoverKind.PARTIAL:
                    path.unlink()
                elif leftover.kind is LeftoverKind.STAGED:
                    shutil.rmtree(path)
                else:
                    remove_owned(path, () if _kind(path) else WORK_PARTS)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise WorkDirectoryError(f"{path} cannot be removed: {why(error)}.") from error
        if os.path.lexists(path):
            raise WorkDirectoryError(
                f"{path} cannot be removed as a whole.",
                advice="Look at the files left in it, and at their owner.",
            )
        return True

    def _owned(self, path: Path, kind: LeftoverKind) -> Iterator[Leftover]:
        with suppress(OSError), self._judged(path, kind) as (found, age):  # what cannot be read is another user's
            yield Leftover(str(path), kind, found, _size(path), age, read_owner(path))

    def _partial(self, path: Path) -> Iterator[Leftover]:
        with suppress(OSError), self._judged(path, LeftoverKind.PARTIAL) as (found, age):
            yield Leftover(str(path), LeftoverKind.PARTIAL, found, path.lstat().st_size, age)

    @contextmanager
    def _judged(self, path: Path, kind: LeftoverKind) -> Iterator[tuple[Standing, float]]:
        """Judge something, and hold its lock meanwhile."""
        age = max(0.0, self.clock() - _changed(path))
        if kind is LeftoverKind.STAGED:
            staged = staged_at(path)
            yield (Standing.NEW if staged is None else staged.judge()[0]), age
            return
        lock = path if kind is LeftoverKind.PARTIAL else path / OWNER_FILE
        if not os.path.lexists(lock) or lock.is_symlink():
            yield standing(None, False, self.here, age), age
            return
        with locked(lock) as taken:
            if kind is LeftoverKind.PARTIAL:
                yield Standing.ELSEWHERE if taken is None else standing(None, not taken, self.here, age), age
            else:
                yield self._standing(read_owner(path), taken, age), age

    def _standing(self, owner: Owner | None, taken: bool | None, age: float) -> Standing:
        if taken is not None:
            return standing(owner, not taken, self.here, age)
        here = Machine(self.here.host)  # without locks only the list of this host's processes tells
        held = owner is not None and owner.machine.host == here.host and is_alive(owner.pid)
        return standing(owner, held, here, age)


def _kind(path: Path) -> LeftoverKind | None:
    """Tell what a name that caldp gives stands for."""
    for kind, pattern in _OWNED.items():
        match = pattern.fullmatch(path.name)
        if match is not None and is_dataset_name(match.groupdict().get("dataset", "ldfd01010")):
            return kind
    return None


def _has_note(directory: Path) -> bool:
    return read_owner(directory) is not None


def _places(directory: Path) -> Iterator[Path]:
    """List the directories in which files of an output or a CRDS cache are written, and the directory itself."""
    yield directory
    for pattern in (*_OUTPUT, *_CACHE):
        yield from (place for place in directory.glob(pattern) if place.resolve() == place)  # no link leads there


def _entries(directory: Path) -> list[Path]:
    """List a directory; one that is missing, or may not be read, holds nothing."""
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def _changed(path: Path) -> float:
    """Tell when a file or directory, or what lies directly in it, was last changed; seconds since 1970."""
    times = [path.lstat().st_mtime]
    if path.is_dir() and not path.is_symlink():
        with suppress(OSError):
            times += [entry.stat(follow_symlinks=False).st_mtime for entry in os.scandir(path)]
    return max(times)


def _size(directory: Path) -> int:
    """Add up the files below a directory; bytes."""
    total = 0
    for place, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).lstat().st_size
    return total
