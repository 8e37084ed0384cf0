"""Sides of a comparison, from the way in which a user names them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from caldp.app.compare.compare_sides import files_in
from caldp.app.compare.output_side import OutputSide
from caldp.app.compare.side import LooseSide, Side
from caldp.domain.errors import CaldpError, InvalidRecord, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import MESSAGES, RECORD
from caldp.domain.output.location import FileLocation, Nowhere, parse_output
from caldp.domain.run.quoting import quoted
from caldp.domain.run.recorded import RecordedRun
from caldp.domain.run.settings import Settings
from caldp.factories import make_mast_side, open_store, unpack_tarball

_TARBALLS: Final = (".tar.gz", ".tgz", ".tar")
_OUTPUT: Final = ("data", "outputs", MESSAGES.rstrip("/"))
"""Directories that only an output has."""
_ARCHIVE: Final = ("astroquery:", "mast:")
_EXPECTED: Final = (
    "Expected an output (a directory or s3://bucket/prefix), a directory of FITS files, a FITS file, a tarball"
    " of products, a record.json, or astroquery:."
)


def open_side(
    place: str | PurePath, dataset: str, settings: Settings, environment: Mapping[str, str], scratch: Path
) -> Side:
    """Open one side of a comparison.

    Parameters
    ----------
    place
        An output, a directory of files, a FITS file, a tarball, a record, or ``astroquery:`` for the archive's
        products.
    dataset
        The only dataset that is wanted; empty for all.
    settings
        Settings that say how S3 is reached, and the limits of tarballs.
    environment
        With the credentials for S3.
    scratch
        A new directory for what has to be fetched or unpacked.

    Raises
    ------
    UsageError
        If there is no such place, or nothing in it to compare.
    InputTarError
        If a tarball is damaged or unsafe.
    PublishError
        If an output cannot be read.
    ArchiveError, InputNotFound
        If the archive cannot be reached, or has nothing of the dataset.
    """
    try:
        return _open(place, dataset, settings, environment, scratch)
    except OSError as error:
        if isinstance(error, CaldpError):
            raise
        raise UsageError(
            f"{quoted(place)} cannot be read: {(error.strerror or str(error)).lower()}.",
            advice="Check its permissions, and the room in the directory of temporary files.",
        ) from error


def _open(
    place: str | PurePath, dataset: str, settings: Settings, environment: Mapping[str, str], scratch: Path
) -> Side:
    if str(place) in _ARCHIVE:
        if not dataset:
            raise UsageError(f"{place} holds very many datasets.", advice="Name the dataset after the two sides.")
        return make_mast_side(DatasetName.given(dataset), settings, environment, scratch)
    location, name = parse_output(place), str(place)
    if isinstance(location, Nowhere):
        raise UsageError("none holds nothing to compare.", advice=_EXPECTED)
    if isinstance(location, FileLocation):
        path = Path(location.path).expanduser().absolute()
        if not path.exists():
            raise UsageError(f"There is no {quoted(path)}.", advice="Check the path.")
        if path.is_file():
            return _file(path, name, settings, scratch)
        if not any((path / one).is_dir() for one in _OUTPUT):
            return _directory(path, name)
    else:
        path = None
    store = open_store(location, settings, environment)
    if store is None:
        raise UsageError(f"{name} holds nothing to compare.", advice=_EXPECTED)
    return OutputSide(
        name, store, scratch, lambda tarball, where: unpack_tarball(tarball, where, settings), path, dataset
    )


def _file(path: Path, name: str, settings: Settings, scratch: Path) -> LooseSide:
    if path.name.lower().endswith(_TARBALLS):
        return LooseSide(name, _some(unpack_tarball(path, scratch / "unpacked", settings), path))
    if path.suffix == ".json":
        record = _record(path)
        beside = path.parent.parent if path.parent.name == "logs" else path.parent
        files = files_in(beside)
        delivered = {one: files[one] for one in record.delivered if one in files}
        return LooseSide(name, delivered, record)
    if path.suffix != ".fits":
        raise UsageError(f"{quoted(path)} is nothing that can be compared.", advice=_EXPECTED)
    return LooseSide(name, {path.name: path})


def _directory(path: Path, name: str) -> LooseSide:
    """Take a directory of files, with the record of their run if that is where a run leaves it."""
    record = next((one for one in (path / "logs" / RECORD, path / RECORD) if one.is_file()), None)
    found = {one: file for one, file in files_in(path).items() if one != RECORD}
    return LooseSide(name, _some(found, path), None if record is None else _record(record))


def _some(files: Mapping[str, Path], path: Path) -> Mapping[str, Path]:
    if not any(name.endswith(".fits") for name in files):
        raise UsageError(f"{quoted(path)} holds no FITS file.", advice=_EXPECTED)
    return files


def _record(path: Path) -> RecordedRun:
    """Read a record.

    Raises
    ------
    InvalidRecord
        If it is none; the message names the file.
    """
    try:
        return RecordedRun.from_json(path.read_text(encoding="utf-8"))
    except InvalidRecord as error:
        raise InvalidRecord(f"{quoted(path)}: {error.message}", advice=error.advice) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRecord(f"{quoted(path)} cannot be read: {error}.", advice="Expected a record.json.") from error
