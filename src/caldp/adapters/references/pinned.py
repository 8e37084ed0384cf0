"""Reference files that a lock names: found by name, compared by content, written into headers without CRDS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from attrs import field, frozen

from caldp.adapters.support.reference_places import find_reference
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.errors import BestrefsError, InvalidLock
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits
from caldp.domain.lock.entries import LockedReference
from caldp.domain.lock.lock import Lock
from caldp.domain.run.events import Note
from caldp.domain.run.quoting import quoted

_READERS: Final = 2
_MOST_NAMED: Final = 5


@frozen
class PinnedReferences:
    """References of a lock; implements the port ReferenceFileService. No context is looked up, no server asked.

    Attributes
    ----------
    lock
        The lock.
    cache
        The CRDS cache, in any layout.
    own
        The user's own files by keyword, where the locked run used such.
    fits
        Digests files, reads and edits headers.
    """

    lock: Lock = field(repr=False)
    cache: Path
    own: Mapping[str, Path]
    fits: FitsFiles = field(repr=False)

    def prepare(self, dataset: AnyDataset | None = None) -> None:
        """Do nothing: there is nothing that takes time and needs no exposures."""

    def close(self) -> None:
        """Do nothing."""

    def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
        """Write the lock's references into the headers of raw exposures.

        Raises
        ------
        BestrefsError
            If a file is missing or has other contents.
        InvalidLock
            If the lock is about other exposures, keywords or switches.
        """
        places = self.provide()
        for raw in raws:
            self._write(raw)
        tell(Note(f"The lock assigns {len(self.lock.references)} reference files, all with its contents"))
        references = (
            ReferenceFile(one.keyword, one.name, places[one], one.exposures, is_override=one.is_own)
            for one in self.lock.references
        )
        return Assignment(self.lock.context, tuple(references), not_applicable=self.lock.not_applicable)

    def provide(self) -> dict[LockedReference, Path]:
        """Find every file, and compare its contents with the lock.

        Raises
        ------
        BestrefsError
            If one is missing or has other contents.
        """
        places = self._places()
        self._verify(places)
        return places

    def _places(self) -> dict[LockedReference, Path]:
        places = {one: self._place(one) for one in self.lock.references}
        missing = [one for one, place in places.items() if place is None]
        if missing:
            named = ", ".join(f"{one.name} ({one.keyword})" for one in missing[:_MOST_NAMED])
            more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
            own = next((one for one in missing if one.is_own), None)
            raise BestrefsError(
                f"Reference files of the lock are missing from the CRDS cache at {self.cache}: {named}{more}.",
                advice=f"{own.name} was the user's own file: override {own.keyword} with it."
                if own
                else "Set CRDS_PATH to a cache that has them, or fetch them there: crds sync --files NAME.",
            )
        return {one: place for one, place in places.items() if place is not None}

    def _place(self, reference: LockedReference) -> Path | None:
        if reference.is_own:
            return self.own.get(reference.keyword)
        return find_reference(self.cache, reference.name)

    def _verify(self, places: Mapping[LockedReference, Path]) -> None:
        """Read every file once, several at a time, and compare its digest."""
        wanted = {place: one for one, place in places.items()}
        with ThreadPoolExecutor(_READERS, "caldp-verify") as pool:
            digests = dict(zip(wanted, pool.map(self.fits.digest, wanted), strict=True))
        for place, one in sorted(wanted.items()):
            digest = digests[place]
            if digest is None or digest.sha256 != one.sha256:
                found = "it cannot be read" if digest is None else f"its SHA-256 is {digest.sha256[:12]}..."
                raise BestrefsError(
                    f"The reference file {quoted(place)} ({one.keyword}) is not the lock's: {found}, and"
                    f" {one.sha256[:12]}... in the lock.",
                    advice="Get the file again, or set CRDS_PATH to a cache that has the one that was used.",
                )

    def _write(self, raw: Path) -> None:
        facts = self.fits.facts(raw)
        if isinstance(facts, UnreadableFits):
            raise BestrefsError(f"{raw.name} cannot be read: {facts.reason}.", advice="Fetch the file again.")
        locked = self.lock.switches.get(raw.name, {})
        if any(locked.get(switch) != state for switch, state in facts.switches.items()):
            named = ", ".join(f"{name} {state}" for name, state in facts.switches.items() if locked.get(name) != state)
            raise InvalidLock(
                f"{raw.name} has other switches than the lock: {named}.",
                advice="Make the lock again with caldp lock, and change nothing in it.",
            )
        self.fits.set_keywords(raw, dict(self._keywords(raw.name, facts)))

    def _keywords(self, raw: str, facts: FitsFacts) -> Iterator[tuple[str, HeaderValue]]:
        """Yield what CRDS would write, in its order; a type that the lock does not name is N/A."""
        variable = self.lock.dataset.instrument.recipe.reference_variable
        ours = {one.keyword: one.name for one in self.lock.references if raw in one.exposures}
        yield "CRDS_CTX", self.lock.context
        if version := self.lock.versions.get("crds"):
            yield "CRDS_VER", version
        stale = (key for key, value in facts.primary.items() if str(value).startswith(f"{variable}$"))
        for keyword in sorted({*ours, *stale, *self.lock.not_applicable.get(raw, ())}):
            yield keyword, f"{variable}${ours[keyword]}" if keyword in ours else "N/A"
