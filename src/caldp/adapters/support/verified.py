"""Memory of files whose checksums have been taken, kept for the user between runs."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field, frozen

from caldp.domain.calibration.reference_check import Identity

_LARGEST: Final = 8 << 20  # bytes of a memory before it is begun anew; an entry has about 300
_CHUNK: Final = 1 << 20


@frozen
class Stamp:
    """Properties of a file that change when it does: size, times in nanoseconds, inode.

    The time of the last change of the inode is among them, because no program can set it back.
    """

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Read a file's stamp."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@frozen
class Entry:
    """Note on a verified file.

    Attributes
    ----------
    stamp
        Of the file when it was read.
    sha1
        Checksum; empty if the size alone differed from the catalogue's.
    known
        Catalogue entry that the file was compared with; None if there was none.
    catalogue
        Digest of that catalogue.
    """

    stamp: Stamp
    sha1: str
    known: Identity | None
    catalogue: str = ""

    @property
    def found(self) -> Identity:
        """The file's own size and checksum."""
        return Identity(self.stamp.size, self.sha1)

    @property
    def verified(self) -> bool:
        """True if the file agreed with the catalogue, which never gives its name to other contents."""
        if self.known is None or (self.known.sha1 and not self.sha1):
            return False
        return not self.known.differs(self.found)


@define
class VerifiedFiles:
    """Entries by path, in a file to which each process appends lines.

    A line has a checksum of its own: one that is damaged, or cut off, is as good as none. A memory that cannot be read
    or written costs time, nothing else.

    Attributes
    ----------
    place
        The file; it need not exist.
    """

    place: Path
    _entries: dict[str, Entry] | None = field(default=None, init=False, repr=False)

    @classmethod
    def of_cache(cls, cache: Path) -> VerifiedFiles:
        """Open the user's memory of one CRDS cache."""
        from platformdirs import user_cache_path

        name = hashlib.sha256(os.fsencode(cache.resolve())).hexdigest()[:16]
        return cls(user_cache_path("caldp") / "verified" / f"{name}.txt")

    def lookup(self, path: Path) -> Entry | None:
        """Return what is known of a file as it is now."""
        if self._entries is None:
            self._entries = dict(self._read())
        entry = self._entries.get(str(path))
        return entry if entry is not None and entry.stamp == Stamp.of(path) else None

    def remember(self, path: Path, entry: Entry) -> None:
        """Add an entry; it replaces an earlier one of its path."""
        stamp, known = entry.stamp, entry.known
        values = [
            str(path), stamp.size, stamp.modified, stamp.changed, stamp.inode, entry.sha1,
            None if known is None else [known.size, known.sha1], entry.catalogue,
        ]  # fmt: skip
        if self._entries is not None:
            self._entries[str(path)] = entry
        text = json.dumps(values)
        with suppress(OSError):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            descriptor = os.open(self.place, flags, 0o600)
            try:
                if os.fstat(descriptor).st_size > _LARGEST:
                    os.ftruncate(descriptor, 0)
                # A line that another process left unfinished ends here, too.
                os.write(descriptor, f"\n{zlib.crc32(text.encode()):08x} {text}\n".encode())
            finally:
                os.close(descriptor)

    def _read(self) -> Iterator[tuple[str, Entry]]:
        try:
            lines = self.place.read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            digits, _, text = line.partition(b" ")
            if digits == b"%08x" % zlib.crc32(text):
                with suppress(ValueError, TypeError, IndexError):
                    yield _entry(json.loads(text))


def _entry(values: list[Any]) -> tuple[str, Entry]:
    path, size, modified, changed, inode, sha1, known, catalogue = values
    identity = None if known is None else Identity(*known)
    return path, Entry(Stamp(size, modified, changed, inode), sha1, identity, catalogue)


def read_sha1(path: Path) -> str:
    """Take a file's SHA-1, which is what CRDS publishes."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def examine(path: Path, known: Identity | None, catalogue: str) -> tuple[Entry, bool]:
    """Read a file as far as is needed to compare it.

    Returns
    -------
    tuple
        The entry, and whether it may be remembered: the file has not changed meanwhile.
    """
    before = Stamp.of(path)
    entry = Entry(before, "", known, catalogue)
    if known is not None and known.size == before.size and known.sha1:
        entry = evolve(entry, sha1=read_sha1(path))
    return entry, Stamp.of(path) == before
