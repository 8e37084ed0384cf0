"""The end of a batch before its time."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from caldp.api import Place
from caldp.batches.engines import Engine
from caldp.batches.outputs import follow
from caldp.profiles import environment_under

if TYPE_CHECKING:
    from caldp.app.ports.launcher import Launcher


@frozen
class Cancelled:
    """Outcome of a request to give a batch up.

    Attributes
    ----------
    batch
        Its id.
    is_driven
        True if a driver is at work, which heeds it.
    jobs
        Number of jobs of a cluster that went on without a driver, and were cancelled.
    """

    batch: str
    is_driven: bool
    jobs: int = 0


def cancel(
    output: Place,
    batch: str | None = None,
    *,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
    engine: str = "",
    options: Sequence[str] = (),
) -> Cancelled:
    """Give a batch up: its driver ends what runs; without one, jobs of a cluster are cancelled from here.

    Parameters
    ----------
    output, batch, profile, environment
        As for `caldp.batches.outputs.batch_status`.
    engine
        Engine whose jobs they are; empty for the one that the batch was made for.
    options
        As for `Engine`; AWS Batch needs its queue.

    Raises
    ------
    UsageError
        If there is no such batch.
    LaunchError
        If the cluster does not answer.
    PublishError
        If the output cannot be read or written.
    """
    environ = environment_under(profile, dict(os.environ if environment is None else environment))
    followed = follow(output, batch, profile=profile, environment=environ)
    if followed.cancel():
        return Cancelled(followed.head.batch, is_driven=True)
    launcher = _launcher(Engine(engine or followed.head.engine, tuple(options)), environ)
    return Cancelled(followed.head.batch, False, 0 if launcher is None else followed.cancel_jobs(launcher))


def _launcher(engine: Engine, environment: Mapping[str, str]) -> Launcher | None:
    """Return the cluster; None for an engine whose jobs end with their driver."""
    from caldp.factories import make_aws_batch_launcher, make_slurm_launcher

    match engine.name:
        case "slurm":
            return make_slurm_launcher(lambda _name: (), environment, Path(), engine.options, 0)
        case "aws-batch":
            return make_aws_batch_launcher(environment, engine.named("queue"), engine.named("definition", "caldp"), ())
        case _:
            return None
