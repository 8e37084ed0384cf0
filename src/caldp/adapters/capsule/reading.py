"""Reading of a capsule from untrusted hands: all of it is checked, and nothing is written outside of a directory."""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import define

from caldp.adapters.support.disk import advice_on, why, writing_scratch
from caldp.adapters.support.tar_gate import TarLimits
from caldp.domain.capsule import bag
from caldp.domain.errors import InvalidCapsule
from caldp.domain.run.quoting import quoted

_CHUNK: Final = 1 << 20
_LARGEST_TAG: Final = 16 << 20
"""Bytes of a manifest; one of 10,000 files has a tenth of that."""
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@define
class OpenCapsule:
    """A capsule whose structure has been checked, though not yet its contents.

    Attributes
    ----------
    name
        Name of the bag.
    digests
        SHA-256 of each file by path in the bag; that of the manifest of tags apart, which nothing names.
    """

    archive: zipfile.ZipFile
    name: str
    digests: dict[str, str]

    def verify(self, directory: Path | None = None) -> None:
        """Read every file, and compare it with its digest.

        Parameters
        ----------
        directory
            An existing directory to unpack the payload into; None to write nothing.

        Raises
        ------
        InvalidCapsule
            If a file has other contents.
        WorkDirectoryError
            If the directory cannot be written.
        """
        for path, digest in sorted(self.digests.items()):
            target = None
            if directory is not None and path.startswith(bag.PAYLOAD):
                target = directory / path.removeprefix(bag.PAYLOAD)
            if self._read(path, target) != digest:
                raise bag.refused(f"{path} is not what its manifest says: its SHA-256 differs")

    def _read(self, path: str, target: Path | None) -> str:
        digest = hashlib.sha256()
        with self.archive.open(f"{self.name}/{path}") as source:
            if target is None:
                while piece := source.read(_CHUNK):
                    digest.update(piece)
                return digest.hexdigest()
            with writing_scratch(target.parent):
                target.parent.mkdir(parents=True, exist_ok=True)
                out = target.open("xb")
            with out:
                while piece := source.read(_CHUNK):
                    digest.update(piece)
                    with writing_scratch(target.parent):
                        out.write(piece)
        return digest.hexdigest()


@contextmanager
def opened_capsule(path: Path, limits: TarLimits) -> Iterator[OpenCapsule]:
    """Open a capsule and check its structure: names, sizes, manifests.

    Parameters
    ----------
    path
        The zip file.
    limits
        Greatest number and size of its files.

    Raises
    ------
    InvalidCapsule
        If it is no capsule, is damaged, or may be unsafe; also from the work inside.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            name = _check_entries(archive, path, limits)
            yield OpenCapsule(archive, name, _manifests(archive, name))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise InvalidCapsule(
            f"{quoted(path)} is no capsule, or damaged: {_words(error)}.",
            advice="Get it again from where it was made.",
        ) from error
    except OSError as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise InvalidCapsule(
                f"{quoted(path)} cannot be read: {why(error)}.", advice=advice_on(error, "Check the path.")
            ) from error
        raise


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:160].rstrip(".") or "it ends early"


def _check_entries(archive: zipfile.ZipFile, path: Path, limits: TarLimits) -> str:
    """Check the list of files, and return the one directory that they lie in."""
    seen: set[str] = set()
    total, roots = 0, set[str]()
    for entry in archive.infolist():
        root, _, below = entry.filename.partition("/")
        shown = repr(entry.filename[:100])
        if entry.is_dir():
            raise bag.refused(f"{shown} is a directory")
        if not (bag.is_plain(root) and bag.is_plain(below)):
            raise bag.refused(f"its file {shown} may lie outside of it, or has unusual characters")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise bag.refused(f"its file {shown} is no plain file but a link or special file")
        if entry.flag_bits & 0x1 or entry.compress_type not in _COMPRESSIONS:
            raise bag.refused(f"its file {shown} is encrypted, or compressed in an unusual way")
        if entry.filename.lower() in seen:
            raise bag.refused(f"its file {shown} comes twice, but for case")
        seen.add(entry.filename.lower())
        roots.add(root)
        total += entry.file_size
    if len(seen) > limits.files or total > limits.total_bytes:
        raise bag.refused(
            f"it has {len(seen)} files of {total} bytes, more than may be unpacked"
            " (CALDP_TAR_MAX_FILES, CALDP_TAR_MAX_BYTES)"
        )
    if len(roots) != 1:
        raise InvalidCapsule(
            f"{quoted(path)} is no capsule: it holds {len(roots)} directories at its top.",
            advice="Expected a zip file that caldp capsule create has written.",
        )
    return roots.pop()


def _manifests(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Read both manifests, and check that they name all that is there and nothing else."""
    texts = {tag: _tag(archive, name, tag) for tag in (bag.DECLARATION, bag.MANIFEST, bag.TAG_MANIFEST)}
    if texts[bag.DECLARATION].split() != bag.DECLARED.split():
        raise bag.refused(f"{bag.DECLARATION} is not that of a bag of BagIt 1.0 in UTF-8")
    payload = bag.parse_manifest(texts[bag.MANIFEST], bag.MANIFEST)
    tags = bag.parse_manifest(texts[bag.TAG_MANIFEST], bag.TAG_MANIFEST)
    found = {entry.filename.partition("/")[2] for entry in archive.infolist()}
    problem = next(bag.problems(found, payload, tags), None)
    if problem is not None:
        raise bag.refused(problem)
    if payload.keys() & tags.keys():
        raise bag.refused(f"{min(payload.keys() & tags.keys())} is in both manifests")
    return {**payload, **tags}


def _tag(archive: zipfile.ZipFile, name: str, tag: str) -> str:
    try:
        entry = archive.getinfo(f"{name}/{tag}")
    except KeyError:
        raise bag.refused(f"{tag} is missing") from None
    if entry.file_size > _LARGEST_TAG:
        raise bag.refused(f"{tag} has {entry.file_size} bytes")
    return archive.read(entry).decode("utf-8")
