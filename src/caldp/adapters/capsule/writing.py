"""Writing of a capsule: files into a zip file that is a BagIt bag."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from attrs import define, field

from caldp.adapters.support.partial import PartialFile
from caldp.domain.capsule import bag

_CHUNK: Final = 1 << 20
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16


def write_capsule(
    target: Path, name: str, files: Mapping[str, Path], texts: Mapping[str, str], made: date, software: str
) -> int:
    """Write a capsule whole or not at all; an earlier file of its name is replaced.

    FITS files are stored as they are; texts are compressed.

    Parameters
    ----------
    target
        The zip file.
    name
        Name of the bag: the one directory in the zip file.
    files
        Files of the payload by path relative to it.
    texts
        Further files of the payload.
    made
        Day for the bag's metadata.
    software
        Program and version for the bag's metadata.

    Returns
    -------
    int
        Bytes of the payload.

    Raises
    ------
    OSError
        If it cannot be written, or a file cannot be read.
    """
    partial = PartialFile.begin(target)
    try:
        with zipfile.ZipFile(_Stream(partial), "w", allowZip64=True) as archive:  # type: ignore[call-overload]
            bagged = _Bag(archive, name)
            for path, text in sorted(texts.items()):
                bagged.add_text(bag.PAYLOAD + path, text)
            for path, source in sorted(files.items()):
                bagged.add_file(bag.PAYLOAD + path, source)
            payload, size = dict(bagged.digests), bagged.size
            for tag, text in (
                (bag.DECLARATION, bag.DECLARED),
                (bag.INFO, bag.info_text(name, made, len(payload), size, software)),
                (bag.MANIFEST, bag.manifest_text(payload)),
            ):
                bagged.add_text(tag, text)
            tags = {tag: bagged.digests[tag] for tag in bag.TAGS}
            bagged.add_text(bag.TAG_MANIFEST, bag.manifest_text(tags))
        partial.finish()
    except BaseException:
        partial.discard()
        raise
    return size


@define
class _Bag:
    archive: zipfile.ZipFile
    name: str
    digests: dict[str, str] = field(factory=dict)
    size: int = 0

    def add_text(self, path: str, text: str) -> None:
        """Add a text, compressed."""
        data = text.encode()
        self.archive.writestr(self._entry(path, zipfile.ZIP_DEFLATED), data)
        self.digests[path] = hashlib.sha256(data).hexdigest()
        self.size += len(data)

    def add_file(self, path: str, source: Path) -> None:
        """Add a file, FITS as it is."""
        kind = zipfile.ZIP_STORED if source.suffix == ".fits" else zipfile.ZIP_DEFLATED
        entry, digest = self._entry(path, kind), hashlib.sha256()
        entry.file_size = source.stat().st_size
        with source.open("rb") as data, self.archive.open(entry, "w") as out:
            while piece := data.read(_CHUNK):
                digest.update(piece)
                out.write(piece)
                self.size += len(piece)
        self.digests[path] = digest.hexdigest()

    def _entry(self, path: str, kind: int) -> zipfile.ZipInfo:
        if not bag.is_plain(path):
            raise bag.refused(f"{path[:100]!r} is no plain path")
        entry = zipfile.ZipInfo(f"{self.name}/{path}", _EPOCH)
        entry.compress_type, entry.external_attr, entry.create_system = kind, _MODE, 3
        return entry


@define
class _Stream:
    """A partial file as zipfile writes to it: forward only."""

    partial: PartialFile
    position: int = 0

    def write(self, data: bytes) -> int:
        self.partial.write(bytes(data))
        self.position += len(data)
        return len(data)

    def tell(self) -> int:
        return self.position

    def flush(self) -> None:
        pass
