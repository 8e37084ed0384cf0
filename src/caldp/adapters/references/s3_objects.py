"""Downloads of single CRDS files from S3: checked before they get their names, and taken up where they broke off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from caldp.adapters.support.disk import why
from caldp.adapters.support.pace import TooLongError, TransferLimits
from caldp.adapters.support.partial import PartialFile
from caldp.adapters.support.s3 import keep_pace
from caldp.adapters.support.verified import read_sha1

FAILED, WRONG_SIZE, WRONG_CHECKSUM = 1, 10, 11
"""Statuses of the program ``crds_s3_get``: no download, or one of another size or checksum than ordered."""
_MOST_WAIT: Final = 20.0
_CHUNK: Final = 1 << 18


@frozen
class Order:
    """Order for one download.

    Attributes
    ----------
    source
        ``s3://bucket/key``.
    destination
        Path of the file.
    size, sha1
        Size and checksum that the file must have; None and empty if they are unknown. Size in bytes.
    """

    source: str
    destination: Path
    size: int | None = None
    sha1: str = ""


class PluginError(Exception):
    """Download that failed.

    Attributes
    ----------
    status
        Exit status of the program.
    passing
        True if another try may help.
    """

    def __init__(self, message: str, *, status: int = FAILED, passing: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.passing = passing


def client_for(source: str, limits: TransferLimits | None = None) -> Any:
    """Make an S3 client that may read a file, whose connections are held to limits."""
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    session = boto3.Session()
    retries: Any = {"mode": "standard", "max_attempts": 3}
    # Buckets of public data answer whoever asks, and refuse a signature that they do not know.
    public = session.get_credentials() is None or source.startswith("s3://stpubdata/")
    config = Config(retries=retries, signature_version=UNSIGNED) if public else Config(retries=retries)
    client = session.client("s3", config=config)
    if limits is not None:
        keep_pace(client, limits)
    return client


def download(
    order: Order,
    client: Any,
    *,
    tries: int,
    say: Callable[[str], None],
    progress: Callable[[int], None] = lambda _size: None,
) -> None:
    """Download a file, check it, and only then give it its name.

    Parameters
    ----------
    order
        The order.
    client
        As `client_for` makes it.
    tries
        Number of tries while the failure may pass.
    say
        Hears why it is tried again.
    progress
        Hears how many bytes of the file have come by now; may be called from other threads.

    Raises
    ------
    PluginError
        If the file cannot be had or written.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    def report(state: RetryCallState) -> None:
        if state.outcome is not None and state.next_action is not None:
            say(f"{state.outcome.exception()}; trying again in {state.next_action.sleep:.1f} s")

    for attempt in Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, PluginError) and error.passing),
        stop=stop_after_attempt(max(tries, 1)),
        wait=wait_random_exponential(max=_MOST_WAIT),
        before_sleep=report,
        reraise=True,
    ):
        with attempt:
            _download(order, client, progress)


def _download(order: Order, client: Any, progress: Callable[[int], None]) -> None:
    try:
        part = PartialFile.resume(order.destination, order.sha1)
        if part.size:
            try:
                return _complete(order, client, part, progress)
            except PluginError as error:
                if error.status == FAILED:
                    raise
                part = PartialFile.begin(order.destination)
        return _complete(order, client, part, progress)
    except OSError as error:
        raise PluginError(f"{order.destination} cannot be written: {why(error)}") from error


def _complete(order: Order, client: Any, part: PartialFile, progress: Callable[[int], None]) -> None:
    """Download what a part lacks, and check the whole."""
    try:
        _transfer(order, client, part, progress)
        wrong = difference(order, part.path)
        if wrong is not None:
            raise wrong
        part.sync()
        part.finish()
    except (PluginError, TooLongError) as error:
        if isinstance(error, PluginError) and error.status != FAILED:
            part.discard()
        else:
            part.leave()
        raise
    except BaseException:
        part.discard()
        raise


def _transfer(order: Order, client: Any, part: PartialFile, progress: Callable[[int], None]) -> None:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
    from urllib3.exceptions import HTTPError

    bucket, _, key = order.source.removeprefix("s3://").partition("/")
    try:
        if part.size == 0:
            # In pieces side by side, which are written in order: what there is of the file is its beginning.
            client.download_fileobj(bucket, key, part, Callback=lambda _size: progress(part.size))
        elif order.size is None or part.size < order.size:
            answer = client.get_object(Bucket=bucket, Key=key, Range=f"bytes={part.size}-")
            with closing(answer["Body"]) as body:
                if not answer.get("ContentRange", "").startswith(f"bytes {part.size}-"):
                    raise PluginError(f"{order.source} was begun again by the server", status=WRONG_SIZE, passing=True)
                for data in body.iter_chunks(_CHUNK):
                    part.write(data)
                    progress(part.size)
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise PluginError(f"{order.source}: S3 says {code}", passing=status >= 500 or status == 429) from error
    except (BotoCoreError, Boto3Error, HTTPError) as error:  # botocore lets some of urllib3's errors through
        hopeless = isinstance(error, NoCredentialsError | PartialCredentialsError)
        raise PluginError(f"{order.source}: {error}", passing=not hopeless) from error


def difference(order: Order, path: Path) -> PluginError | None:
    """Say how a file differs from what was ordered; None if it does not."""
    size = path.stat().st_size
    if order.size is not None and size != order.size:
        return PluginError(
            f"{order.source} should have {order.size} bytes and has {size}", status=WRONG_SIZE, passing=True
        )
    if order.sha1 and (found := read_sha1(path)) != order.sha1:
        return PluginError(
            f"{order.source} should have the SHA-1 {order.sha1} and has {found}", status=WRONG_CHECKSUM, passing=True
        )
    return None
