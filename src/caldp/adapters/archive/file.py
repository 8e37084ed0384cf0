"""Inputs from this machine's file system: raw files in a directory, or a tarball of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from os import fstat
from pathlib import Path

from attrs import frozen

from caldp.adapters.support.disk import Metered, pour, why
from caldp.adapters.support.inputs import Shelf, holds_any, keep_selected, take_selected
from caldp.adapters.support.mast_folders import files_in_folders, find_folder, folder_files
from caldp.adapters.support.tar_gate import TarLimits
from caldp.adapters.support.unpacking import inspect, unpack
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.errors import InputNotFound, InputTarError
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.selection import Guide
from caldp.domain.output.location import FileLocation
from caldp.domain.run.events import Level, Note
from caldp.domain.run.quoting import quoted
from caldp.domain.run.settings import Settings

_TARBALLS = (".tar.gz", ".tgz", ".tar")


@frozen
class FileArchive:
    """A directory that holds raw files or ``<dataset>.tar.gz``, or a tarball; implements the port ArchiveSource.

    In a directory, raw files (``.fits``, ``.fits.gz``) of the dataset come before a tarball, and which was taken
    is told. Where the directory itself has neither, they are taken from folders below it, as MAST's downloads have
    them. The source may be read-only.

    Attributes
    ----------
    path
        The directory or tarball.
    fits
        Reads association tables.
    limits
        Greatest size of a tarball.
    """

    path: Path
    fits: FitsFiles
    limits: TarLimits = TarLimits()

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Copy the dataset's files, or unpack them."""
        if self.path.is_file():
            return self._from_tarball(self.path, dataset, destination, tell)
        files = self._files()
        if not (self._tarballs(dataset, files) or holds_any(dataset, tuple(files))):
            folder = find_folder(self.path, dataset.name)
            files = folder_files(folder) if folder else files_in_folders(self.path) | files
            if folder:
                tell(Note(f"Taking the files of {dataset} from {quoted(folder)}."))
        return self._from_files(files, dataset, destination, tell)

    def _from_files(
        self, files: dict[str, Path], dataset: AnyDataset, destination: Path, tell: Listener
    ) -> tuple[Path, ...]:
        tarballs = self._tarballs(dataset, files)
        if not tarballs or holds_any(dataset, tuple(files)):
            for tarball in tarballs:
                tell(
                    Note(
                        f"Took the files of {dataset} that lie in {quoted(self.path)}, not {tarball.name}: "
                        f"to take that, name it as the input (file:{tarball}).",
                        Level.WARNING,
                    )
                )
            copy = partial(self._copy, files, tell)
            beyond = partial(self._of_members, files, dataset)
            shelf = Shelf(quoted(self.path), tuple(files), copy, self.limits.total_bytes, beyond)
            return take_selected(dataset, shelf, destination, self.fits, tell)
        if len(tarballs) > 1:
            raise InputTarError(
                f"{quoted(self.path)} holds more than one tarball of {dataset}: {', '.join(t.name for t in tarballs)}.",
                advice=f"Name the one that you mean as the input, such as file:{tarballs[0]}.",
            )
        return self._from_tarball(tarballs[0], dataset, destination, tell)

    def _of_members(self, files: dict[str, Path], dataset: AnyDataset, guide: Guide) -> tuple[str, ...]:
        """Add the files of members that lie in folders of their own, beside that of the dataset."""
        first = next(iter(files.values()))
        if first.parent == self.path or not isinstance(guide, Association):
            return ()
        known = set(files)
        for root in sorted(guide.roots - {dataset.name}):
            folder = find_folder(first.parent.parent, root)
            files.update({} if folder is None else folder_files(folder) | files)
        return tuple(sorted(files.keys() - known))

    def _files(self) -> dict[str, Path]:
        try:
            return {path.name: path for path in sorted(self.path.iterdir()) if path.is_file()}
        except FileNotFoundError as error:
            if self.path.name.lower().endswith(_TARBALLS):
                raise InputTarError(f"There is no tarball {quoted(self.path)}.", advice="Check the path.") from error
            raise InputNotFound(
                f"There is no input directory {quoted(self.path)}.", advice="Check the path."
            ) from error
        except OSError as error:
            raise self._unreadable(self.path, error) from error

    @staticmethod
    def _tarballs(dataset: AnyDataset, files: Mapping[str, Path]) -> tuple[Path, ...]:
        wanted = {f"{dataset.name}{ending}" for ending in _TARBALLS}
        return tuple(path for name, path in files.items() if name.lower() in wanted)

    def _copy(self, files: Mapping[str, Path], tell: Listener, name: str, target: Path) -> None:
        try:
            with files[name].open("rb") as source:
                pour(Metered(source, target.name, fstat(source.fileno()).st_size, tell), target)
        except OSError as error:
            raise self._unreadable(files[name], error) from error

    def _from_tarball(self, tarball: Path, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        tell(Note(f"Unpacking {quoted(tarball)}."))
        try:
            with tarball.open("rb") as source:
                inspect(source, quoted(tarball), self.limits)
                source.seek(0)
                metered = Metered(source, tarball.name, fstat(source.fileno()).st_size, tell)
                unpacked = unpack(metered, destination, quoted(tarball), self.limits)
        except OSError as error:
            raise InputTarError(
                f"The tarball {quoted(tarball)} cannot be read: {why(error)}.",
                advice="Check the path and its permissions.",
            ) from error
        return keep_selected(dataset, unpacked, quoted(tarball), self.fits, tell, self.limits.total_bytes)

    @staticmethod
    def _unreadable(path: Path, error: OSError) -> InputNotFound:
        return InputNotFound(
            f"{quoted(path)} cannot be read: {why(error)}.", advice="Check the path and its permissions."
        )


def make_file_archive(location: FileLocation, settings: Settings, fits: FitsFiles) -> FileArchive:
    """Build the source of a ``file:`` location."""
    limits = TarLimits(files=settings.tar_max_files, total_bytes=settings.tar_max_bytes)
    return FileArchive(Path(location.path).expanduser(), fits, limits)
