"""Files in an engine's working directory: their state, and those written since an earlier look."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from attrs import frozen

from caldp.app.calibration.signature import Signature, signature_of
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.calibration.diagnosis import Room
from caldp.domain.calibration.expected import ExpectedProduct
from caldp.domain.calibration.judgement import Found
from caldp.domain.hst.files import Extension, FitsFacts, UnreadableFits
from caldp.domain.run.record import FileRecord, WcsRecord


@frozen
class Snapshot:
    """The files that lay in a directory at one moment.

    Attributes
    ----------
    files
        Signature by file name.
    """

    files: Mapping[str, Signature]

    @staticmethod
    def take(directory: Path) -> Snapshot:
        """Look at the files that lie directly in a directory."""
        files = {path.name: signature_of(path) for path in sorted(directory.iterdir()) if path.is_file()}
        return Snapshot(files)

    def written_since(self, earlier: Snapshot) -> tuple[str, ...]:
        """List the files that are new or have changed since an earlier look, sorted."""
        return tuple(name for name, signature in self.files.items() if earlier.files.get(name) != signature)


def room_left(directory: Path) -> Room | None:
    """Ask how much room the disk of a directory has left for this user; None if the system does not say."""
    try:
        disk = os.statvfs(directory)
    except OSError:
        return None
    is_root = os.geteuid() == 0  # for whom a part of some file systems is reserved
    files = (disk.f_ffree if is_root else disk.f_favail) if disk.f_files else None
    return Room(str(directory), disk.f_frsize * (disk.f_bfree if is_root else disk.f_bavail), files)


def find(
    directory: Path,
    expected: Iterable[ExpectedProduct],
    others: Iterable[str],
    written: Container[str],
    fits: FitsFiles,
) -> dict[str, Found]:
    """Look for expected products, and at other files that would be delivered.

    Parameters
    ----------
    directory
        Directory to look in.
    expected
        Files to look for.
    others
        Names of files that nobody asked for.
    written
        Names of the files that the stage wrote.
    fits
        Reads headers, and of expected products the science.
    """
    found: dict[str, Found] = {}
    for product in expected:
        path = directory / product.name
        if path.is_file():
            facts = fits.facts(path, science=product.structure is not None) if product.is_fits else None
            found[product.name] = Found(facts, product.name in written, has_other_names(path))
    for name in others:
        path = directory / name
        if name not in found and path.is_file():
            facts = fits.facts(path) if name.endswith(".fits") else None
            found[name] = Found(facts, name in written, has_other_names(path))
    return found


def has_other_names(path: Path) -> bool:
    """Tell whether a file is a symbolic link, or has a second name: it could be changed from elsewhere."""
    return path.is_symlink() or path.lstat().st_nlink > 1


def written_files(
    directory: Path, earlier: Snapshot, inputs: Container[str], fits: FitsFiles
) -> tuple[FileRecord, ...]:
    """Describe the files that were written since an earlier look, inputs apart."""
    now = Snapshot.take(directory)
    names = (name for name in now.written_since(earlier) if name not in inputs)
    return tuple(_record(directory / name, now.files[name][1], fits) for name in names)


def _record(path: Path, size: int, fits: FitsFiles) -> FileRecord:
    return file_record(path.name, size, fits.facts(path) if path.name.endswith(".fits") else None)


def file_record(name: str, size: int, facts: FitsFacts | UnreadableFits | None) -> FileRecord:
    """Describe a file by what its headers say, if it has any."""
    if not isinstance(facts, FitsFacts):
        return FileRecord(name, size)
    return FileRecord(name, size, switches=facts.switches, wcs=tuple(map(_wcs, _solved(facts))))


def _solved(facts: FitsFacts) -> Iterable[Extension]:
    return (extension for extension in facts.extensions if "WCSNAME" in extension.keywords)


def _wcs(extension: Extension) -> WcsRecord:
    name, kind = (str(extension.keywords.get(keyword, "")).strip() for keyword in ("WCSNAME", "WCSTYPE"))
    return WcsRecord(f"{extension.name},{extension.version}", name, kind)
