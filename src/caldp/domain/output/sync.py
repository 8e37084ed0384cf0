"""Datasets that are brought from an output into a directory: objects of each, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from caldp.domain.errors import DownloadError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.quoting import quoted
from caldp.domain.run.record import RunRecord

_PART: Final = re.compile(r"(?!\.{1,2}$)[^/\x00-\x1f\x7f]+")


class SyncOutcome(Enum):
    """Fate of a dataset. One that was removed from the directory after it was synced is fetched only on request."""

    SYNCED = "synced"
    THERE = "already synced"
    GONE = "synced before, and removed since"
    FAILED = "not synced"


@frozen
class SyncedDataset:
    """A dataset, and what came of it.

    Attributes
    ----------
    name
        Its name.
    outcome
        Fate of the dataset.
    files
        Absolute paths of its files in the directory, sorted; none if it is not there.
    fetched, fetched_bytes
        Number and size in bytes of the files that were fetched now.
    status
        Exit status that it stands for.
    message, advice
        Reason that it is not there, and the user's next step.
    """

    name: str
    outcome: SyncOutcome
    files: tuple[str, ...] = ()
    fetched: int = 0
    fetched_bytes: int = 0
    status: ExitCode = ExitCode.SUCCESS
    message: str = ""
    advice: str = ""


@frozen
class WantedObject:
    """An object of a finished dataset.

    Attributes
    ----------
    key
        Relative to the root of the output.
    size
        Bytes.
    crc32
        CRC-32 of its content, eight hexadecimal digits; empty if nobody has noted it.
    """

    key: str
    size: int
    crc32: str = ""


def wanted_objects(
    home: str, listed: Mapping[str, int], record: RunRecord | None, record_key: str, files: Iterable[str]
) -> tuple[WantedObject, ...]:
    """List the objects of a dataset that must be fetched, all of which are there.

    Parameters
    ----------
    home
        Prefix of the dataset.
    listed
        Size in bytes of each object below it, by key.
    record
        The record of the run that published it; None for an older program's.
    record_key
        Key of the record.
    files
        Keys of objects that a layout knows as files of the dataset: what is fetched if no record names its objects.

    Raises
    ------
    DownloadError
        If an object is missing, or has another size than the run noted, or a key is no place below the dataset's.
    """
    if record is not None and record.status != ExitCode.SUCCESS:
        raise _unfit(f"its record says that the run ended with status {int(record.status)}")
    named = () if record is None else record.objects
    wanted = {item.key: WantedObject(item.key, item.size, item.crc32) for item in named}
    if wanted:
        wanted[record_key] = WantedObject(record_key, listed.get(record_key, 0))
    else:
        wanted = {key: WantedObject(key, listed[key]) for key in files}
    if not wanted:
        raise _unfit("no file of it is there")
    for item in wanted.values():
        if not item.key.startswith(home) or not all(map(_PART.fullmatch, item.key.split("/"))):
            raise _unfit(f"{quoted(item.key)} is no key of a file of this dataset")
        if item.key not in listed:
            raise _unfit(f"{quoted(item.key)} is missing")
        if listed[item.key] != item.size:
            raise _unfit(f"{quoted(item.key)} has {listed[item.key]} bytes, and {item.size} in the record")
    return tuple(sorted(wanted.values(), key=lambda item: item.key))


def synced_message(paths: Iterable[str]) -> bytes:
    """Write the body of the message *synced*: the absolute path of each file, a line each."""
    return "".join(f"{path}\n" for path in paths).encode("utf-8", errors="surrogateescape")


def _unfit(why: str) -> DownloadError:
    return DownloadError(f"The dataset is not whole where it was published: {why}.", advice="Process it again.")
