"""One dataset on its way from an output into a directory.

Files are put together beside their place, under a hidden name, and compared with what the run noted of them. When all
are there and the source is still the same, they take their place in one step. The message *synced* comes last.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from attrs import field, frozen

from caldp.app.layouts import LAYOUTS
from caldp.app.pool import working
from caldp.app.ports.listener import Listener
from caldp.app.ports.object_store import ObjectStore, StoredObject
from caldp.domain.errors import DownloadError, InvalidRecord, PublishError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import RECORD, Layout, LayoutKind, staging_stem
from caldp.domain.output.messages import MessageState
from caldp.domain.output.sync import SyncedDataset, SyncOutcome, WantedObject, synced_message, wanted_objects
from caldp.domain.run.events import Note, Transfer
from caldp.domain.run.record import RunRecord

_TREE: Final = LAYOUTS[LayoutKind.TREE]
"""Layout of the messages *synced* and *archived*, which are the founding readme's, in every directory."""
_AFTER: Final = (MessageState.SYNCED, MessageState.ARCHIVED)
_FINAL: Final = (MessageState.PROCESSED, MessageState.ERROR)


@frozen
class _Published:
    """A dataset as it is in the source: its record, what is wanted of it, and its objects as they were listed."""

    layout: Layout
    home: str
    record: bytes | None
    wanted: tuple[WantedObject, ...]
    found: Mapping[str, StoredObject] = field(repr=False)

    @property
    def version(self) -> str:
        """Eight hexadecimal digits that change with its contents, as far as record and listing tell."""
        listed = [(item.key, item.size, self.found[item.key].version) for item in self.wanted]
        return hashlib.sha256(repr((self.record, listed)).encode()).hexdigest()[:8]


@frozen
class DatasetSync:
    """Fetches one dataset.

    Attributes
    ----------
    source, target
        Output and directory.
    dataset
        The dataset, which is processed in the output.
    at_once
        Number of files fetched at the same time.
    tell
        Hears what is done.
    """

    source: ObjectStore = field(repr=False)
    target: ObjectStore = field(repr=False)
    dataset: AnyDataset
    at_once: int
    tell: Listener = field(repr=False)

    def look(self, *, again: bool) -> SyncedDataset | None:
        """Return what there is to say of a dataset that need not be fetched; None for one that must be."""
        published = self._published()
        if again or not any(self._has(_TREE, state) for state in _AFTER):
            return None
        if self._has_arrived(published):
            return SyncedDataset(self.dataset.name, SyncOutcome.THERE, self._paths(published))
        empty = next(iter(self.target.list(published.home)), None) is None
        return SyncedDataset(self.dataset.name, SyncOutcome.GONE) if empty else None

    def __call__(self, *, again: bool) -> SyncedDataset:
        """Fetch it, unless it is there already.

        Raises
        ------
        DownloadError
            If it is not whole in the source, cannot be read, or changes meanwhile.
        PublishError
            If the directory cannot be written, or holds the dataset of another run.
        """
        known = self.look(again=again)
        if known is not None:
            return known
        published = self._published()
        there = self._has_arrived(published)
        self._refuse_others(published, there=there, again=again)
        sound = there and all(self._holds(StoredObject(item.key, item.size), item) for item in published.wanted)
        fetched = () if sound else self._fetch(published)
        files, processed = self._paths(published), self._message(published.layout, MessageState.PROCESSED)
        self.target.put_bytes(processed, self._get(processed) or b"")
        self.target.put_bytes(self._message(_TREE, MessageState.SYNCED), synced_message(files))
        size = sum(item.size for item in fetched)
        self.tell(Note(f"{self.dataset.name}: {len(fetched)} of {len(files)} files fetched, {size} bytes"))
        return SyncedDataset(self.dataset.name, SyncOutcome.SYNCED, files, len(fetched), size)

    def _published(self) -> _Published:
        """Find out what there is to fetch."""
        layout = self._processed()
        home, record_key = layout.prefix(self.dataset), self._record_key(layout)
        body = self._get(record_key)
        with _reading():
            found = {item.key: item for item in self.source.list(home)}
        try:
            record = None if body is None else RunRecord.from_json(body.decode())
        except (InvalidRecord, UnicodeDecodeError) as error:
            where = self.source.locate(record_key)
            raise DownloadError(f"{where} is damaged: {error}", advice="Process it again.") from error
        files = [key for key in found if (layout.read_file(key) or ("",))[0] == self.dataset.name]
        sizes = {key: item.size for key, item in found.items()}
        return _Published(layout, home, body, wanted_objects(home, sizes, record, record_key, files), found)

    def _processed(self) -> Layout:
        """Find the layout that the dataset is processed in, by its message."""
        for layout in LAYOUTS.values():
            for state in (MessageState.PROCESSED, *(_AFTER if layout is _TREE else ())):
                if self._get(self._message(layout, state)) is not None:
                    return layout
        raise self._changed()

    def _refuse_others(self, published: _Published, *, there: bool, again: bool) -> None:
        """Refuse to touch what the archive has taken, what a run is at work on, and what was made here."""
        place = self.target.locate(published.home)
        if self._has(_TREE, MessageState.ARCHIVED) and not again:
            raise PublishError(
                f"It was processed again after the archive had acknowledged what is in {place}.",
                advice="The option again fetches it nevertheless, and removes the acknowledgement.",
            )
        if any(self._has(each, MessageState.PROCESSING) for each in LAYOUTS.values()):
            raise PublishError(f"A run is processing it in {place}.", advice="Choose another directory.")
        made_here = any(self._has(each, state) for each in LAYOUTS.values() for state in _FINAL)
        if made_here and not there and not any(self._has(_TREE, state) for state in _AFTER):
            raise PublishError(
                f"{place} holds it as another run left it, and not as it was fetched.",
                advice="Choose another directory, or remove that one with its messages.",
            )

    def _fetch(self, published: _Published) -> tuple[WantedObject, ...]:
        """Fetch what is not there yet from an earlier try, and put all of it in place."""
        stem = f"{staging_stem(published.layout, self.dataset)}sync-"
        staging = f"{stem}{published.version}/"
        places = {item.key: staging + item.key.removeprefix(published.home) for item in published.wanted}
        begun = {item.key: item for item in self.target.list(stem)}
        missing = tuple(item for item in published.wanted if not self._holds(begun.get(places[item.key]), item))
        for key in begun.keys() - set(places.values()):  # of another version
            self.target.delete(key)
        self._copy(published, missing, places)
        record_key = self._record_key(published.layout)
        if self._get(record_key) != published.record or self._processed() is not published.layout:
            raise self._changed()
        for earlier in (self._message(published.layout, MessageState.PROCESSED), *self._messages_after):
            self.target.delete(earlier)
        try:
            if {item.key for item in self.target.list(staging)} != set(places.values()):
                raise PublishError(f"{self.target.locate(staging)} was changed by another.", advice="Run it again.")
            self.target.replace(staging, published.home, lambda: None)
        except PublishError:
            if not self._has_arrived(published):  # another sync of this directory was faster
                raise
        return missing

    def _copy(self, published: _Published, missing: Sequence[WantedObject], places: Mapping[str, str]) -> None:
        total, done = sum(item.size for item in missing), 0
        with working(max(1, self.at_once), "caldp-sync") as pool:
            stored = pool.map(
                lambda item: self.target.put_stream(places[item.key], self._checked(published.found[item.key], item)),
                missing,
            )
            for item in stored:
                done += item.size
                self.tell(Transfer(self.dataset.name, done, total))

    def _checked(self, found: StoredObject, item: WantedObject) -> Iterator[bytes]:
        """Yield an object's content; raise at its end if that is not what the run has noted."""
        crc = 0
        with _reading():
            for piece in self.source.get_stream(found):
                crc = zlib.crc32(piece, crc)
                yield piece
        if item.crc32 and f"{crc:08x}" != item.crc32:
            raise DownloadError(
                f"{self.source.locate(item.key)} is not what the run has stored: its checksum differs.",
                advice="Run it again; if it stays so, process the dataset again.",
            )

    def _holds(self, stored: StoredObject | None, item: WantedObject) -> bool:
        """Tell whether an object of the directory is one that is wanted, whole."""
        if stored is None or stored.size != item.size:
            return False
        crc = 0
        for piece in self.target.get_stream(stored) if item.crc32 else ():
            crc = zlib.crc32(piece, crc)
        return not item.crc32 or f"{crc:08x}" == item.crc32

    def _has_arrived(self, published: _Published) -> bool:
        """Tell whether the directory has all files in their sizes, and the record of the same run."""
        sizes = {item.key: item.size for item in self.target.list(published.home)}
        whole = all(sizes.get(item.key) == item.size for item in published.wanted)
        return whole and self.target.get_bytes(self._record_key(published.layout)) == published.record

    def _has(self, layout: Layout, state: MessageState) -> bool:
        return self.target.get_bytes(self._message(layout, state)) is not None

    def _message(self, layout: Layout, state: MessageState) -> str:
        return layout.message_key(self.dataset, state)

    @property
    def _messages_after(self) -> tuple[str, ...]:
        return tuple(self._message(_TREE, state) for state in _AFTER)

    def _get(self, key: str) -> bytes | None:
        with _reading():
            return self.source.get_bytes(key)

    def _paths(self, published: _Published) -> tuple[str, ...]:
        return tuple(self.target.locate(item.key) for item in published.wanted)

    def _record_key(self, layout: Layout) -> str:
        return layout.log_key(self.dataset, RECORD)

    def _changed(self) -> DownloadError:
        where = self.source.locate(_TREE.prefix(self.dataset))
        return DownloadError(f"It has changed while it was fetched; see {where}.", advice="Run it again.")


@contextmanager
def _reading() -> Iterator[None]:
    """Give a failure to read the source the status of a download: stores call every failure one of publication."""
    try:
        yield
    except PublishError as error:
        raise DownloadError(error.message, advice=error.advice) from error
