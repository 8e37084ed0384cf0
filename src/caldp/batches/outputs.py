"""Batches of an output, opened by their names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from caldp.api import Place
from caldp.app.batch.files import BatchFiles
from caldp.app.layouts import LAYOUTS
from caldp.domain.batch.files import BatchHead
from caldp.domain.errors import InvalidRecord, PublishError, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.location import parse_output
from caldp.profiles import environment_under, resolve_settings

if TYPE_CHECKING:
    from caldp.app.batch.follow import FollowBatch
    from caldp.app.ports.object_store import ObjectStore
    from caldp.domain.batch.status import BatchStatus
    from caldp.domain.output.layout import Layout
    from caldp.domain.run.request import RunRequest


def batch_status(
    output: Place, batch: str | None = None, *, profile: str = "", environment: Mapping[str, str] | None = None
) -> BatchStatus:
    """Tell the state of a batch, from wherever its output can be read.

    Parameters
    ----------
    output
        Its output.
    batch
        Its id; None for the latest.
    profile
        Profile that says how S3 is reached.
    environment
        Environment variables to go by instead of this process's.

    Raises
    ------
    UsageError
        If there is no such batch.
    PublishError
        If the output cannot be read.
    """
    return follow(output, batch, profile=profile, environment=environment).status()


def follow(
    output: Place, batch: str | None = None, *, profile: str = "", environment: Mapping[str, str] | None = None
) -> FollowBatch:
    """Open a batch, to follow or to cancel it.

    Takes the parameters of `batch_status`, and raises what that raises.
    """
    from caldp.app.batch.follow import FollowBatch

    environ = os.environ if environment is None else environment
    files, head, common = find_batch(output, batch, profile, environ)
    return FollowBatch(files, LAYOUTS[common.settings.layout], head)


def list_batches(
    output: Place, *, profile: str = "", environment: Mapping[str, str] | None = None
) -> tuple[BatchHead, ...]:
    """List the batches of an output, the latest last.

    Takes parameters of `batch_status`.

    Raises
    ------
    PublishError
        If the output cannot be read.
    """
    environ = os.environ if environment is None else environment
    return open_files(output, profile, environ).heads()


def find_batch(
    output: Place, batch: str | None, profile: str, environment: Mapping[str, str]
) -> tuple[BatchFiles, BatchHead, RunRequest]:
    """Find a batch; return the files of its output, its description, and the request of its first dataset.

    Takes the parameters of `batch_status`, and raises what that raises.
    """
    files = open_files(output, profile, environment)
    head = files.latest() if batch is None else files.open(batch)
    try:
        return files, head, head.request
    except InvalidRecord as error:
        raise PublishError(f"The batch {head.batch} cannot be read: {error.message}", advice=error.advice) from error


def open_files(output: Place, profile: str, environment: Mapping[str, str]) -> BatchFiles:
    """Open the files of batches in an output.

    Takes parameters of `batch_status`.
    """
    from caldp.factories import open_store

    settings = resolve_settings(profile, {}, environment).settings
    environ = environment_under(profile, environment)
    return BatchFiles(_a_store(open_store(parse_output(output), settings, environ)))


def make_files(common: RunRequest, environment: Mapping[str, str]) -> tuple[BatchFiles, Layout]:
    """Return the files of batches at the root of a request's output, and its layout.

    Raises
    ------
    UsageError
        If nothing is published.
    """
    from caldp.factories import make_store

    layout = LAYOUTS[common.settings.layout]
    root = layout.root(common.target, DatasetName.parse(str(common.dataset)))
    return BatchFiles(_a_store(make_store(root, common.settings, environment))), layout


def _a_store(store: ObjectStore | None) -> ObjectStore:
    if store is None:
        raise UsageError(
            "A batch needs an output: its state and messages lie there.",
            advice="Expected a directory or s3://bucket/prefix.",
        )
    return store
