"""A scratch directory of its own for every run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from caldp.app.process.flow import WorkDirectory
from caldp.app.scratch.ownership import Claim, owned_temporary, remove_owned
from caldp.domain.errors import WorkDirectoryError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.run.leftovers import OwnerState
from caldp.domain.run.quoting import quoted

WORK_PREFIX: Final = "caldp-work-"
LINKS_PREFIX: Final = "caldp-links-"
EXCHANGE_PREFIX: Final = "caldp-crds-"
WORK_PARTS: Final = ("data", "ref", "previews", "logs")
"""Names in a scratch directory."""

# HSTCAL holds a path in 255 characters; a reference's name takes up to 40 of them.
_LONGEST_REFERENCE_DIRECTORY = 200


@contextmanager
def short_path(directory: Path) -> Iterator[Path]:
    """Give a directory a path that HSTCAL can hold: its own, or where that is too long a link to it."""
    if len(str(directory)) <= _LONGEST_REFERENCE_DIRECTORY:
        yield directory
        return
    with owned_temporary(LINKS_PREFIX) as temporary:
        link = temporary / "r"
        link.symlink_to(directory, target_is_directory=True)
        yield link


def place_for_trial(home: Path, exact: Path | None = None) -> Path:
    """Find a directory for trying a run's plan, where one can be made if one could be made for the run.

    It is the nearest one that exists: a trial leaves nothing behind.

    Raises
    ------
    WorkDirectoryError
        If the run's own directory is in use.
    """
    wanted = (home if exact is None else exact).absolute()
    if exact is not None and exact.is_dir():
        _refuse_unless_empty(exact.resolve())
    return next(place for place in (wanted, *wanted.parents) if place.exists())


def _refuse_unless_empty(root: Path) -> None:
    if any(root.iterdir()):
        raise WorkDirectoryError(
            f"The work directory {quoted(root)} is not empty.",
            advice="Name an empty or new directory: files of an earlier run would mix with this one's.",
        )


def make_work_directory(dataset: AnyDataset, home: Path, exact: Path | None = None, *, run: str = "") -> WorkDirectory:
    """Make the scratch directory of a run, and claim it for this process.

    Parameters
    ----------
    dataset
        For its name.
    home
        Directory in which it is made, under a name that no other run has.
    exact
        The directory itself if the user named one; it must not exist or be empty.
    run
        Identity of the run.

    Raises
    ------
    WorkDirectoryError
        If it cannot be made, or is in use.
    """
    try:
        if exact is None:
            home.mkdir(parents=True, exist_ok=True)
            root = Path(tempfile.mkdtemp(prefix=f"{WORK_PREFIX}{dataset.name}-", dir=home.resolve()))
        else:
            exact.mkdir(parents=True, exist_ok=True)
            root = exact.resolve()
            _refuse_unless_empty(root)
        work = WorkDirectory(root, Claim.take(root, dataset=dataset.name, run=run))
        for directory in (work.data, work.references, work.previews, work.logs):
            directory.mkdir()
    except OSError as error:
        raise WorkDirectoryError(
            f"No work directory can be made in {quoted(exact or home)}: {error.strerror or error}.",
            advice="Set CALDP_HOME (or CALDP_WORK_DIR) to a directory that you can write to.",
        ) from error
    return work


def remove_work_directory(work: WorkDirectory) -> None:
    """Remove a scratch directory; what cannot be removed is left, since the run itself went well."""
    remove_owned(work.root)
    if work.claim is not None:
        work.claim.release()


def leave_work_directory(work: WorkDirectory, *, ok: bool, keep: bool) -> str:
    """End the use of a scratch directory.

    That of a good run is removed, and one into which no input has come. What is left says why, for ``caldp clean``.

    Parameters
    ----------
    work
        The directory.
    ok
        True if the run has done all of its work.
    keep
        True if the user wants it kept in any case.

    Returns
    -------
    str
        Path under which it is kept; empty if it was removed.
    """
    if not keep and (ok or _holds_nothing(work)):
        remove_work_directory(work)
        return ""
    if work.claim is not None:
        with suppress(OSError):
            work.claim.note(OwnerState.KEPT if keep else OwnerState.FAILED)
        work.claim.release()
    return str(work.root)


def what_is_left(work: WorkDirectory) -> str:
    """Tell the user of a run that was stopped where its files are."""
    again = "To begin anew, run it again."
    return again if _holds_nothing(work) else f"The files that it had fetched and made are in {work.root}. {again}"


def _holds_nothing(work: WorkDirectory) -> bool:
    """Tell whether no input has come into a scratch directory, hidden remains of downloads apart."""
    try:
        return all(path.name.startswith(".") for path in work.data.iterdir())
    except OSError:
        return False
