"""An output as one side of a comparison."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from attrs import define, field

from caldp.app.compare.side import Holding
from caldp.app.layouts import LAYOUTS
from caldp.app.ports.object_store import ObjectStore, StoredObject
from caldp.domain.errors import CaldpError, InvalidRecord, PublishError, UsageError, WorkDirectoryError
from caldp.domain.hst.dataset import DatasetName, is_dataset_name
from caldp.domain.output.layout import MESSAGES, RECORD, Category, Layout
from caldp.domain.output.messages import MessageState
from caldp.domain.run.quoting import quoted
from caldp.domain.run.recorded import RecordedRun

Unpack = Callable[[Path, Path], Mapping[str, Path]]
"""Unpacks a tarball into a new directory, and returns its files by name."""


@define
class _Found:
    layout: Layout
    objects: dict[str, StoredObject] = field(factory=dict)
    archive: StoredObject | None = None


@define
class OutputSide:
    """A directory or bucket that runs have published to, in either layout.

    Attributes
    ----------
    name
        The output as the user named it.
    store
        Its store.
    scratch
        Directory for what has to be fetched or unpacked.
    unpack
        Unpacks tarballs.
    root
        Directory of the store; None for a bucket, whose objects are fetched.
    dataset
        The only dataset that is wanted; empty for all.
    """

    name: str
    store: ObjectStore = field(repr=False)
    scratch: Path
    unpack: Unpack = field(repr=False)
    root: Path | None = None
    dataset: str = ""
    is_single: bool = field(default=False, init=False)
    _found: dict[str, _Found] | None = field(default=None, init=False, repr=False)
    _at_work: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    @property
    def datasets(self) -> frozenset[str]:
        """Names of the datasets with a file."""
        return frozenset(self._listing())

    def holding(self, dataset: str) -> Holding:
        """Return the files of a dataset; of a tarball those that its record names, or else all that are in it."""
        found, remarks = self._listing()[dataset], list[str]()
        record = self._record(dataset, found.layout, remarks)
        if dataset in self._at_work:
            remarks.append(f"{quoted(self.name)}: a run is at work on it; its files may be incomplete")
        if found.archive is None:
            sizes = {name: stored.size for name, stored in found.objects.items()}
            path = partial(self._fetched, dataset, found)
            return Holding(sizes, record, path, tuple(remarks), scratch=self.scratch / dataset)
        unpacked = _Unpacked(partial(self._unpacked, dataset, found.archive))
        delivered = {} if record is None else {name.lower(): file.size for name, file in record.delivered.items()}
        sizes = delivered or {name: path.stat().st_size for name, path in unpacked().items()}
        path = partial(_member, unpacked, self.name)
        return Holding(sizes, record, path, tuple(remarks), scratch=self.scratch / dataset)

    def _listing(self) -> dict[str, _Found]:
        """List what there is, once."""
        if self._found is None:
            found: dict[str, _Found] = {}
            for layout, stored in self._objects():
                self._add(found, layout, stored)
            self._found = {name: one for name, one in found.items() if one.objects or one.archive}
            self._at_work = frozenset(self._processing())
        return self._found

    def _objects(self) -> Iterator[tuple[Layout, StoredObject]]:
        for layout in LAYOUTS.values():
            prefixes = (layout.prefix(DatasetName.parse(self.dataset)),) if self.dataset else layout.places
            for prefix in prefixes:
                for stored in self.store.list(prefix):
                    yield layout, stored

    def _add(self, found: dict[str, _Found], layout: Layout, stored: StoredObject) -> None:
        read = layout.read_file(stored.key)
        if read is None or read[1] not in (Category.PRODUCT, Category.PREVIEW) or not is_dataset_name(read[0]):
            return
        one = found.setdefault(read[0], _Found(layout))
        if one.layout.kind is not layout.kind:
            raise UsageError(
                f"{quoted(self.name)} holds {read[0]} in two layouts.",
                advice="Name a directory that holds one of them.",
            )
        name = stored.key.rpartition("/")[2]
        if layout.archive_key(DatasetName.parse(read[0])):
            one.archive = stored
        elif name in one.objects:
            raise UsageError(
                f"{quoted(self.name)} holds two files {name}: {one.objects[name].key} and {stored.key}.",
                advice="Name the directory of one of them.",
            )
        else:
            one.objects[name] = stored

    def _processing(self) -> Iterator[str]:
        """Name the datasets that runs are at work on."""
        if self.dataset:
            name = DatasetName.parse(self.dataset)
            keys: Iterable[str] = (layout.message_key(name, MessageState.PROCESSING) for layout in LAYOUTS.values())
            yield from (self.dataset for key in keys if self.store.get_bytes(key) is not None)
            return
        for stored in self.store.list(MESSAGES):
            for layout in LAYOUTS.values():
                if (read := layout.read_message(stored.key)) and read[1] == MessageState.PROCESSING.value:
                    yield read[0]

    def _record(self, dataset: str, layout: Layout, remarks: list[str]) -> RecordedRun | None:
        data = self.store.get_bytes(layout.log_key(DatasetName.parse(dataset), RECORD))
        if data is None:
            remarks.append(f"{quoted(self.name)}: there is no record of its run")
            return None
        try:
            return RecordedRun.from_json(data.decode())
        except (InvalidRecord, UnicodeDecodeError, json.JSONDecodeError) as error:
            remarks.append(f"{quoted(self.name)}: its record cannot be read: {error}")
            return None

    def _fetched(self, dataset: str, found: _Found, name: str) -> Path:
        return self._here(dataset, found.objects[name])

    def _here(self, dataset: str, stored: StoredObject) -> Path:
        """Return the path of an object, which is fetched if it does not lie on this machine."""
        if self.root is not None:
            return self.root / stored.key
        target = self.scratch / dataset / stored.key
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                for piece in self.store.get_stream(stored):
                    file.write(piece)
        except OSError as error:
            if isinstance(error, CaldpError):
                raise
            raise WorkDirectoryError(
                f"{target.name} cannot be fetched to {quoted(target.parent)}: {error.strerror}.",
                advice="Free some space there, or set TMPDIR to another directory.",
            ) from error
        return target

    def _unpacked(self, dataset: str, archive: StoredObject) -> Mapping[str, Path]:
        return self.unpack(self._here(dataset, archive), self.scratch / dataset / "unpacked")


@define
class _Unpacked:
    """Files of a tarball, which is unpacked when the first of them is asked for."""

    make: Callable[[], Mapping[str, Path]]
    _files: Mapping[str, Path] | None = None

    def __call__(self) -> Mapping[str, Path]:
        if self._files is None:
            self._files = self.make()
        return self._files


def _member(unpacked: _Unpacked, side: str, name: str) -> Path:
    files = unpacked()
    if name not in files:
        raise PublishError(f"The tarball in {quoted(side)} does not hold {name}, which its record names.")
    return files[name]
