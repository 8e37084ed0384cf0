"""Folders of downloads: each rootname's files in a folder of its own, as MAST's own tools and its portal leave them.

astroquery and the portal's scripts write ``mastDownload/HST/<rootname>/``, the portal's archives hold
``HST/<rootname>/``. Members of an association have folders of their own beside that of its table
(docs/reference/contracts/locations.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from caldp.domain.hst.dataset import is_dataset_name

_BELOW: Final = (".", "mastDownload/HST", "HST")
"""Directories in which folders may lie, the first to win."""


def find_folder(place: Path, root: str) -> Path | None:
    """Find the folder of a rootname below an input directory; None if there is none with a file in it."""
    folders = (place / below / name for below in _BELOW for name in (root, root.upper()))
    return next((folder for folder in folders if folder_files(folder)), None)


def folder_files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by name; none if it is no directory that can be read."""
    try:
        return {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
    except OSError:
        return {}


def files_in_folders(place: Path) -> dict[str, Path]:
    """Return the files of all folders below an input directory, by name."""
    found: dict[str, Path] = {}
    for folder in _folders(place):
        for name, path in folder_files(folder).items():
            found.setdefault(name, path)
    return found


def _folders(place: Path) -> Iterator[Path]:
    for below in _BELOW:
        try:
            names = sorted(path.name for path in (place / below).iterdir() if is_dataset_name(path.name))
        except OSError:
            continue
        yield from (place / below / name for name in names)
