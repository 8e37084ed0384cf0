"""Locks of runs, for a program or a command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from caldp.app.scratch.ownership import owned_temporary
from caldp.app.scratch.work_directory import EXCHANGE_PREFIX
from caldp.domain.errors import InvalidLock, InvalidRecord, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.lock.lock import Lock
from caldp.domain.lock.make import make_lock
from caldp.domain.run.quoting import quoted
from caldp.domain.run.recorded import RecordedRun
from caldp.profiles import environment_under, resolve_settings

_LARGEST: Final = 64 << 20
"""Bytes of a lock, which comes from elsewhere and is read as a whole; one of 100 exposures has a hundredth of that."""


def lock(
    output: str | PurePath,
    dataset: str = "",
    *,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
) -> Lock:
    """Make the lock of a run from its record alone. `Lock.to_json` writes it.

    Parameters
    ----------
    output
        The output that the run published to, or its ``record.json``.
    dataset
        Its dataset; may be left out for a record, and for an output of one dataset.
    profile
        Name or path of the profile that says how S3 is reached.
    environment
        Environment variables to go by instead of this process's.

    Raises
    ------
    UsageError
        If there is no such output or dataset.
    InvalidRecord
        If there is no record, the run failed, or the record does not say enough.
    """
    return make_lock(record_in(output, dataset, profile, environment))


def record_in(output: str | PurePath, dataset: str, profile: str, environment: Mapping[str, str] | None) -> RecordedRun:
    """Read the record of a dataset in an output.

    Parameters
    ----------
    output, dataset, profile, environment
        As for `lock`.

    Raises
    ------
    UsageError
        If there is no such output or dataset.
    InvalidRecord
        If there is no record.
    """
    from caldp.reproduction.sides import open_side

    environ = dict(os.environ if environment is None else environment)
    settings, environ = resolve_settings(profile, {}, environ).settings, environment_under(profile, environ)
    wanted = str(DatasetName.given(dataset)) if dataset else ""
    with owned_temporary(EXCHANGE_PREFIX) as scratch:
        side = open_side(output, wanted, settings, environ, scratch / "output")
        names = sorted(side.datasets)
        if not wanted and len(names) != 1:
            raise UsageError(
                f"{quoted(output)} holds {len(names)} datasets.", advice="Name the dataset after the output."
            )
        name = wanted or names[0]
        if name not in names:
            raise UsageError(f"{quoted(output)} does not hold {name}.", advice="Check the output and the name.")
        holding = side.holding(name)
    if holding.record is None:
        said = "; ".join(holding.remarks) or f"{quoted(output)} has no record of {name}"
        raise InvalidRecord(f"{said}.", advice="Process the dataset with caldp, which writes a record.")
    return holding.record


def read_lock(path: Path) -> Lock:
    """Read a lock from a file.

    Raises
    ------
    InvalidLock
        If there is no such file, or it is no lock; the message names the file.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise InvalidLock(f"It has {path.stat().st_size} bytes.", advice="Expected a lock that caldp has written.")
        return Lock.from_json(path.read_text(encoding="utf-8"))
    except InvalidLock as error:
        raise InvalidLock(f"{quoted(path)}: {error.message}", advice=error.advice) from error
    except OSError as error:
        raise InvalidLock(
            f"{quoted(path)} cannot be read: {(error.strerror or str(error)).lower()}.", advice="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidLock(
            f"{quoted(path)} is no text.", advice="Expected a file that caldp lock has written."
        ) from error
