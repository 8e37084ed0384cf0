"""Reference files of a CRDS cache: found in any layout, compared with the catalogue, downloaded where necessary."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.references.catalogue import Catalogue
from caldp.adapters.references.fetching import CacheFiller
from caldp.adapters.support.disk import why
from caldp.adapters.support.verified import Entry, VerifiedFiles, examine
from caldp.domain.calibration.reference_check import CacheJudgement, Comparison, Identity, ReferenceCheck, judge_cache
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Level, Note

_READERS: Final = 4
_MOST_NEIGHBOURS: Final = 200
"""Files whose sizes are looked at where one differs: a cache may hold tens of thousands."""


@frozen
class CachedReferences:
    """Reference files in one cache.

    Attributes
    ----------
    directory
        The cache's ``references/hst``.
    catalogue
        Catalogue of their sizes and checksums.
    check
        Strictness of comparing them with it.
    filler
        Tells, and downloads what is missing or damaged if the catalogue is of somebody who has the files.
    memory
        Remembers which have been compared.
    """

    directory: Path
    catalogue: Catalogue
    check: ReferenceCheck
    filler: CacheFiller
    memory: VerifiedFiles

    def provide(self, names: Iterable[str], *, inspect: bool = True) -> dict[str, Path]:
        """Find files, or where they would be.

        Parameters
        ----------
        names
            Names of reference files.
        inspect
            Also download what is missing, and compare what is there.

        Raises
        ------
        BestrefsError
            If a file is damaged or cannot be downloaded. That one is missing where nothing can be downloaded is told
            by its path alone.
        """
        places = {name: self._locate(name) for name in sorted(set(names))}
        if not inspect:
            return places
        judgement = self._compare({name: place for name, place in places.items() if place.is_file()})
        if judgement.no_copy and not self.catalogue.can_fetch:
            self.filler.tell(Note(
                f"The CRDS cache at {self.directory.parent.parent} is no copy of the server's: {judgement.no_copy}."
                " They are used as they are",
                Level.WARNING,
            ))  # fmt: skip
        damaged = {item.name: item for item in judgement.damaged}
        if damaged and not self.catalogue.can_fetch:
            raise _damaged(damaged[min(damaged)], self.catalogue.origin)
        for item in damaged.values():
            text = f"The reference file {item.path} is damaged ({item.difference}) and is fetched anew"
            self.filler.tell(Note(text, Level.WARNING))
        if self.catalogue.can_fetch:
            self.filler.fill({name: places[name] for name in places if name in damaged or not places[name].is_file()})
        return places

    def _locate(self, name: str) -> Path:
        """Find a reference where the cache's layout has it, else in any layout's place."""
        from crds.core import config

        expected = Path(config.locate_reference(name, "hst"))
        for place in (expected, self.directory / name):
            if place.is_file():
                return place.resolve()
        # Only now: a flat cache has tens of thousands of entries to look through.
        elsewhere = (place for place in sorted(self.directory.glob(f"*/{name}")) if place.is_file())
        return next((place.resolve() for place in elsewhere), expected)

    def _compare(self, places: Mapping[str, Path]) -> CacheJudgement:
        if self.check is ReferenceCheck.OFF:
            return CacheJudgement()
        with ThreadPoolExecutor(_READERS) as pool:
            entries = dict(zip(places, pool.map(self._entry, places, places.values()), strict=True))
        comparisons = [Comparison(name, str(places[name]), entry.known, entry.found) for name, entry in entries.items()]
        if self.catalogue.can_fetch:  # a server that has the files decides alone: whatever differs is fetched
            return judge_cache(comparisons, ReferenceCheck.STRICT)
        differing = [Path(comparison.path) for comparison in comparisons if comparison.difference]
        return judge_cache(comparisons, self.check, self._neighbours(differing[0].parent) if differing else ())

    def _neighbours(self, directory: Path) -> list[Comparison]:
        """Compare the sizes of some files of a directory of the cache."""
        found: list[Comparison] = []
        with suppress(OSError), os.scandir(directory) as entries:
            for entry in islice(entries, _MOST_NEIGHBOURS):
                known = self.catalogue.identity(entry.name)
                if known is not None and entry.is_file():
                    path = str(Path(entry.path).resolve())
                    found.append(Comparison(entry.name, path, known, Identity(entry.stat().st_size)))
        return found

    def _entry(self, name: str, path: Path) -> Entry:
        """Return what is remembered of a file, or read it."""
        try:
            entry = self.memory.lookup(path)
            if entry is not None and (entry.verified or entry.catalogue == self.catalogue.digest):
                return entry
            entry, stable = examine(path, self.catalogue.identity(name), self.catalogue.digest)
        except OSError as error:
            raise BestrefsError(
                f"The reference file {path} cannot be read: {why(error)}.",
                advice="Check its permissions, or set CRDS_PATH to another cache.",
            ) from error
        if stable:
            self.memory.remember(path, entry)
        return entry


def _damaged(item: Comparison, origin: str) -> BestrefsError:
    return BestrefsError(
        f"The reference file {item.path} is damaged: by {origin}, {item.difference}.",
        advice="Delete it from the CRDS cache and sync the cache again (crds sync), or use a profile that may download"
        " (offsite). If it is meant to differ, set CALDP_VERIFY_REFERENCES=off.",
    )
