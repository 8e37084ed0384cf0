"""A scratch directory of its own for every run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caldp.app.flow import WorkDirectory
from caldp.domain.dataset import AnyDataset
from caldp.domain.errors import WorkDirectoryError

# HSTCAL holds a path in 255 characters; a reference's name takes up to 40 of them.
_LONGEST_REFERENCE_DIRECTORY = 200


@contextmanager
def short_path(directory: Path) -> Iterator[Path]:
    """Give a directory a path that HSTCAL can hold: its own, or where that is too long a link to it."""
    if len(str(directory)) <= _LONGEST_REFERENCE_DIRECTORY:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="caldp-") as temporary:
        link = Path(temporary) / "r"
        link.symlink_to(directory, target_is_directory=True)
        yield link


def make_work_directory(dataset: AnyDataset, home: Path, exact: Path | None = None) -> WorkDirectory:
    """Make the scratch directory of a run.

    Parameters
    ----------
    dataset
        For its name.
    home
        Where it is made, under a name that no other run has.
    exact
        The directory itself if the user named one; it must not exist or be empty.

    Raises
    ------
    WorkDirectoryError
        If it cannot be made, or is in use.
    """
    try:
        if exact is None:
            home.mkdir(parents=True, exist_ok=True)
            root = Path(tempfile.mkdtemp(prefix=f"caldp-work-{dataset.name}-", dir=home.resolve()))
        else:
            exact.mkdir(parents=True, exist_ok=True)
            root = exact.resolve()
            if any(root.iterdir()):
                raise WorkDirectoryError(
                    f"The work directory {root} is not empty.",
                    advice="Name an empty or new directory: files of an earlier run would mix with this one's.",
                )
        work = WorkDirectory(root)
        for directory in (work.data, work.references, work.previews, work.logs):
            directory.mkdir()
    except OSError as error:
        raise WorkDirectoryError(
            f"No work directory can be made in {exact or home}: {error.strerror or error}.",
            advice="Set CALDP_HOME (or --work-dir) to a directory that you can write to.",
        ) from error
    return work


def remove_work_directory(work: WorkDirectory) -> None:
    """Remove a scratch directory; what cannot be removed is left, since the run itself went well."""
    shutil.rmtree(work.root, ignore_errors=True)
