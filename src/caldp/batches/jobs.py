"""One dataset of a batch: the work of each job."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from attrs import evolve

from caldp.api import Place
from caldp.batches.outputs import find_batch, open_files
from caldp.domain.batch.files import BatchPlace, request_of
from caldp.domain.errors import UsageError
from caldp.domain.run.secrets import BLOT
from caldp.profiles import resolve_settings

_INDEX: Final = ("SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX")

if TYPE_CHECKING:
    from caldp.app.batch.files import BatchFiles
    from caldp.app.ports.listener import Listener
    from caldp.domain.run.outcome import Outcome
    from caldp.domain.run.request import RunRequest


def run_job(
    output: Place,
    batch: str,
    number: int | None = None,
    *,
    launch: str = "",
    gathered: str = "",
    profile: str = "",
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Outcome:
    """Process one dataset of a batch.

    Parameters
    ----------
    output, batch, profile, environment
        As for `caldp.batches.outputs.batch_status`.
    number
        Number of the dataset in the manifest, counted from 0.
    launch
        In the place of the number, name of the launch that the job belongs to: its index in the array, which Slurm
        or AWS Batch put into the environment, selects the dataset.
    gathered
        CRDS context whose rules and references for this dataset its driver has put into the cache; empty if not.
    listener
        As for `caldp.process`.

    Raises
    ------
    UsageError
        If there is no such batch, or no such dataset in it.
    PublishError
        If the output cannot be read.
    """
    from caldp.container import build_pipeline

    environ = dict(os.environ if environment is None else environment)
    files, head, common = find_batch(output, batch, profile, environ)
    if number is None:
        number = _selected(files.launch(head.batch, launch).numbers, environ)
    request = request_of(common, files.entry(head.batch, number))
    return build_pipeline(with_credentials(request, environ), environ, gathered=gathered)(listener)


def _selected(numbers: Sequence[int], environ: Mapping[str, str]) -> int:
    """Return the number that the index of this job in its array selects; a single job has no index."""
    index = next((environ[name] for name in _INDEX if environ.get(name)), "0")
    if not (index.isascii() and index.isdigit() and int(index) < len(numbers)):
        raise UsageError(
            f"This job has index {index[:20]!r} in an array of {len(numbers)}.", advice="Submit it by caldp batch."
        )
    return numbers[int(index)]


def driver_word(output: str, batch: str, driver: str) -> str:
    """Return the word that a driver has left for its jobs, as jobs ask for it; empty if there is none.

    Parameters
    ----------
    output, batch, driver
        The output, the batch's id, and the id of the driver's run.

    Raises
    ------
    PublishError
        If the output cannot be read.
    """
    return (_opened(output).store.get_bytes(BatchPlace(batch).word(driver)) or b"").decode("utf-8", "replace")


@cache
def _opened(output: str) -> BatchFiles:
    """Open an output once for all jobs of a worker."""
    return open_files(output, "", os.environ)


def with_credentials(request: RunRequest, environment: Mapping[str, str]) -> RunRequest:
    """Return a request with the credentials that were blotted out of it, as its profile and environment give them here.

    Raises
    ------
    InvalidSetting
        If its profile is not to be found here.
    """
    there = request.to_plain()["settings"]
    hidden = [name for name, value in there.items() if BLOT in str(value)]
    if not hidden:
        return request
    here = resolve_settings(request.settings.profile, {}, environment).settings
    shown = evolve(request, settings=here).to_plain()["settings"]
    known = {name: getattr(here, name) for name in hidden if shown[name] == there[name]}
    return evolve(request, settings=evolve(request.settings, **known))
