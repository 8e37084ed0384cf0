"""Sides of a comparison: files of datasets, their records, and a way to read each file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from caldp.domain.errors import UsageError
from caldp.domain.run.recorded import RecordedFile, RecordedRun

LOOSE = ""
"""Name of the dataset of files that no output holds."""


@frozen
class Holding:
    """Files of one dataset on one side.

    Attributes
    ----------
    sizes
        Size in bytes of each file, by name; none if there is only a record.
    record
        Record of the run that made them; None if there is none.
    path
        Return the path of a file on this machine, given its name; it may be fetched for that.
    remarks
        Remarks on the state of the dataset.
    is_catalogue
        True if it lists files that no run makes, too: what only it has is no difference.
    scratch
        Directory of what was fetched or unpacked for it, which `close` removes; None if there is none.
    """

    sizes: Mapping[str, int]
    record: RecordedRun | None
    path: Callable[[str], Path] = field(repr=False)
    remarks: tuple[str, ...] = ()
    is_catalogue: bool = False
    scratch: Path | None = None

    def close(self) -> None:
        """Remove what was fetched or unpacked: a bucket may hold more than this machine has room for."""
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def names(self) -> frozenset[str]:
        """Names of its files; of a mere record those of the files that were delivered."""
        return frozenset(self.sizes) or frozenset({} if self.record is None else self.record.delivered)

    @property
    def has_files(self) -> bool:
        """True if there is more than a record."""
        return bool(self.sizes)

    def recorded(self, name: str) -> RecordedFile | None:
        """Return what the record says of a file; None if it says nothing, or the file has another size now."""
        found = None if self.record is None else self.record.delivered.get(name)
        return found if found is None or self.sizes.get(name, found.size) == found.size else None


class Side(Protocol):
    """A side of a comparison."""

    @property
    def name(self) -> str:
        """The side as the user named it."""

    @property
    def is_single(self) -> bool:
        """True for files of one dataset, whatever its name."""

    @property
    def datasets(self) -> frozenset[str]:
        """Names of the datasets that it holds; `LOOSE` for files of no certain dataset."""

    def holding(self, dataset: str) -> Holding:
        """Return the files of a dataset that it holds."""


@frozen
class LooseSide:
    """Files in a directory, or a record.

    Attributes
    ----------
    name
        The side as the user named it.
    files
        Paths by name.
    record
        Record of the run that made them; None if there is none.
    """

    name: str
    files: Mapping[str, Path]
    record: RecordedRun | None = None
    is_single = True

    @property
    def datasets(self) -> frozenset[str]:
        """The dataset of the record, if there is one."""
        return frozenset({LOOSE if self.record is None else self.record.dataset})

    def holding(self, _dataset: str) -> Holding:
        """Return all of its files."""
        sizes = {name: path.stat().st_size for name, path in self.files.items()}
        return Holding(sizes, self.record, self.files.__getitem__)


@frozen
class CatalogueSide:
    """Files of one dataset that an archive lists, and gives when they are asked for.

    Attributes
    ----------
    name
        The side as the user named it.
    dataset
        The dataset.
    sizes
        Size in bytes of each file, by name.
    fetch
        Return the path of a file on this machine, given its name.
    """

    name: str
    dataset: str
    sizes: Mapping[str, int]
    fetch: Callable[[str], Path] = field(repr=False)
    is_single = True

    @property
    def datasets(self) -> frozenset[str]:
        """The dataset."""
        return frozenset({self.dataset})

    def holding(self, _dataset: str) -> Holding:
        """Return its files."""
        return Holding(self.sizes, None, self.fetch, is_catalogue=True)


def pairs_of(a: Side, b: Side, dataset: str) -> tuple[tuple[str, str, str], ...]:
    """Pair the datasets of two sides.

    Parameters
    ----------
    a, b
        The sides.
    dataset
        The dataset that is wanted; empty for all.

    Returns
    -------
    tuple of (name, name in a, name in b)

    Raises
    ------
    UsageError
        If a side does not hold the dataset that is wanted, or it must be named and is not.
    """
    if dataset:
        return ((dataset, _named(a, dataset), _named(b, dataset)),)
    if not (a.is_single or b.is_single):
        return tuple((name, name, name) for name in sorted(a.datasets & b.datasets))
    ours, theirs = _only(a, b), _only(b, a)
    return ((ours or theirs, ours, theirs),)


def _named(side: Side, dataset: str) -> str:
    if dataset in side.datasets:
        return dataset
    if LOOSE in side.datasets:
        return LOOSE
    raise UsageError(
        f"{side.name} does not hold {dataset}.", advice=f"It holds {_listed(side)}: name one of these, or another side."
    )


def _only(side: Side, other: Side) -> str:
    """Return the dataset that is meant: the only one, or the one that a single other side is about."""
    if len(side.datasets) == 1:
        return next(iter(side.datasets))
    meant = next(iter(other.datasets), LOOSE)
    if meant in side.datasets:
        return meant
    raise UsageError(
        f"{side.name} holds {len(side.datasets)} datasets, and {other.name} files of one.",
        advice=f"Name the dataset to compare: {_listed(side)}.",
    )


def _listed(side: Side) -> str:
    names = sorted(side.datasets)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "") or "no dataset"
