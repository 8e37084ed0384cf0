"""Datasets that a place holds inputs of, told from the names of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import define, field

from caldp.domain.hst.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.instrument import instrument_of
from caldp.domain.hst.selection import plain_name

_TARBALLS: Final = (".tar.gz", ".tgz", ".tar")
_VISIT: Final = 6  # characters that exposures of one visit have in common: ldfd01
_POLLER: Final = "_input.out"


@define
class Holdings:
    """Names of an input's files, by what they belong to.

    Attributes
    ----------
    packed
        Size of the tarball of a dataset, bytes, by its name.
    guides
        Names of association tables and poller files, as they lie there, by dataset.
    raws
        Size of the raw files of a rootname, bytes.
    exposures
        Size of all other files of a rootname, bytes.
    names
        Name of the last tarball of a dataset, or raw file of a rootname, as it lies there.
    """

    packed: dict[str, int] = field(factory=dict)
    guides: dict[str, str] = field(factory=dict)
    raws: dict[str, int] = field(factory=dict)
    exposures: dict[str, int] = field(factory=dict)
    names: dict[str, str] = field(factory=dict)

    @classmethod
    def of(cls, files: Iterable[tuple[str, int]]) -> Holdings:
        """Sort files, given as names without directory and sizes in bytes."""
        found = cls()
        for name, size in files:
            found._take(name, size)
        return found

    def _take(self, name: str, size: int) -> None:
        plain = plain_name(name)
        tarball = next((ending for ending in _TARBALLS if name.lower().endswith(ending)), "")
        parsed = HstFileName.parse(plain)
        if tarball:
            dataset = name.lower().removesuffix(tarball)
            self.packed[dataset], self.names[dataset] = size, name
        elif plain.endswith(_POLLER):
            self.guides[plain.removesuffix(_POLLER)] = name
        elif parsed is None or not is_dataset_name(parsed.root):
            return
        elif parsed.suffix == "asn":
            self.guides[parsed.root] = name
        elif parsed.suffix in instrument_of(parsed.root).recipe.raw_suffixes:
            self.raws[parsed.root] = self.raws.get(parsed.root, 0) + size
            if parsed.root not in self.packed:
                self.names[parsed.root] = name
        else:
            self.exposures[parsed.root] = self.exposures.get(parsed.root, 0) + size

    def lacks(self, dataset: AnyDataset) -> str:
        """Name the files without which a dataset cannot be processed; empty if they are there.

        Members of an association are not looked for: its table names them.
        """
        name = dataset.name
        if name in self.packed or name in self.guides or (name in self.raws and not dataset.is_mosaic):
            return ""
        if dataset.is_mosaic or dataset.is_association:
            return f"neither {dataset.guide_file} nor {name}.tar.gz"
        return f"neither a raw exposure {name}_raw.fits, or the like, nor {name}.tar.gz"

    def datasets(self, members: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
        """List the datasets: tarballs, associations, mosaics, and raw exposures that are no members of these.

        Parameters
        ----------
        members
            Reads the rootnames in an association table, given by its name.
        """
        named = {name for name in (*self.packed, *self.guides) if is_dataset_name(name)}
        tables = [file for file in self.guides.values() if not file.endswith(_POLLER)]
        taken = {root for file in tables for root in members(file)}
        return tuple(sorted(named | (self.raws.keys() - taken)))

    @property
    def is_empty(self) -> bool:
        """True if nothing is there that a dataset could be processed from."""
        return not (self.packed or self.guides or self.raws or self.exposures)

    def likely(self) -> tuple[str, ...]:
        """List the datasets as far as names tell: a raw exposure of a visit with an association may be its member."""
        named = {name for name in (*self.packed, *self.guides) if is_dataset_name(name)}
        visits = {name[:_VISIT] for name in named}
        return tuple(sorted(named | {root for root in self.raws if root[:_VISIT] not in visits}))

    def sizes(self, dataset: str, members: Iterable[str] = ()) -> tuple[int, int]:
        """Return number and size, in bytes, of a dataset's raw files, as far as names tell.

        Parameters
        ----------
        dataset
            Its name.
        members
            Rootnames in its association table.
        """
        if dataset in self.packed:
            return 1, self.packed[dataset]
        roots = {root for root in (dataset, *members) if root in self.raws}
        return len(roots), sum(self.raws[root] for root in roots)

    def example(self, dataset: str, members: Iterable[str] = ()) -> str:
        """Return the name of a file whose header stands for a dataset's raw files; empty if there is none.

        Takes the parameters of `sizes`.
        """
        return next((self.names[root] for root in (dataset, *sorted(members)) if root in self.names), "")


def missing(holdings: Mapping[str, Holdings], names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the reason for each dataset that its input lacks, by name.

    Parameters
    ----------
    holdings
        Holdings of each input that can be listed, by its location.
    names
        Dataset and location of its input.
    """
    return {
        name: reason
        for name, place in names
        if place in holdings and (reason := holdings[place].lacks(DatasetName.parse(name)))
    }
