"""The plug-in with which CRDS downloads reference files from S3: ``crds_s3_get``.

CRDS runs it as a program, in the form of `caldp.domain.run.crds_variables.DOWNLOAD_PLUGIN`; it is found through
`plugin_directory`. The forms of earlier versions of CRDS and caldp are understood too.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from caldp.adapters.support.disk import why
from caldp.adapters.support.pace import TransferLimits
from caldp.adapters.support.partial import PartialFile
from caldp.adapters.support.s3 import keep_pace
from caldp.adapters.support.verified import read_sha1
from caldp.domain.run.secrets import Blotter

PROGRAM: Final = "crds_s3_get"
_FAILED, _INTERRUPTED, _WRONG_SIZE, _WRONG_CHECKSUM = 1, 2, 10, 11  # CRDS 13 takes 2 for a keyboard interrupt
_MOST_WAIT: Final = 20.0
_KINDS: Final = {".pmap": "MAPPING", ".imap": "MAPPING", ".rmap": "MAPPING", ".pickle": "PICKLE"}
_CONFIG_FILES: Final = frozenset({"server_config", "bad_files.txt"})


def plugin_directory() -> Path:
    """Return the directory whose ``crds_s3_get`` is ours; it belongs at the front of CRDS's PATH.

    The program runs the Python that ``CALDP_PYTHON`` names, else ``python3``.
    """
    return Path(__file__).with_name("crds_plugin")


def plugin_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which a process like this one finds our ``crds_s3_get``."""
    path = os.pathsep.join(filter(None, (str(plugin_directory()), environ.get("PATH"))))
    return {"PATH": path, "CALDP_PYTHON": sys.executable}


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

    def __init__(self, message: str, *, status: int = _FAILED, passing: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.passing = passing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, 1 failed, 2 usage or interrupt, 10 size, 11 checksum."""
    options = _parser().parse_args(arguments)
    try:
        order = _order(options, os.environ)
        if not options.ignore_cache and order.destination.is_file() and _difference(order, order.destination) is None:
            return 0
        download(order, client_for(order.source), tries=options.max_retries + 1)
    except PluginError as error:
        _say(str(error))
        return error.status
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(PROGRAM, description="Download one CRDS file from S3, and check it.")
    parser.add_argument("source", help="s3://bucket/key, or a file name to be found by CRDS_REFERENCE_URI and its like")
    parser.add_argument("target", nargs="?", default="", help="path of the file (or use -d)")
    parser.add_argument("-d", "--destination", default="", help="path of the file, or a directory for it")
    parser.add_argument("-s", "--file-size", default="", help="size it must have, bytes")
    parser.add_argument("-c", "--file-sha1sum", default="", help="SHA-1 checksum it must have")
    parser.add_argument("-r", "--max-retries", type=int, default=3, help="further tries after a passing failure")
    parser.add_argument("-I", "--ignore-cache", action="store_true", help="download even what is there and right")
    parser.add_argument("--loglevel", default="INFO", help=argparse.SUPPRESS)  # CRDS's own program has it
    return parser


def _order(options: argparse.Namespace, environ: Mapping[str, str]) -> Order:
    """Read the command line, which came from CRDS and not from a user's hand."""
    source = options.source if options.source.startswith("s3://") else _uri(options.source, environ)
    name = source.rpartition("/")[2]
    destination = Path(options.destination or options.target)
    if destination == Path() or not name:
        raise PluginError(f"{options.source} needs a destination: {PROGRAM} SOURCE -d PATH")
    if destination.name != name:
        destination = destination / name
    size, sha1 = (text.strip().lower() for text in (options.file_size, options.file_sha1sum))
    if size not in ("", "none") and not size.isdigit():
        raise PluginError(f"{options.source}: the size {size!r} is not a number of bytes")
    return Order(source, destination, int(size) if size.isdigit() else None, "" if sha1 == "none" else sha1)


def _uri(name: str, environ: Mapping[str, str]) -> str:
    kind = "CONFIG" if name in _CONFIG_FILES else _KINDS.get(Path(name).suffix, "REFERENCE")
    root = environ.get(f"CRDS_{kind}_URI", "")
    if not root.startswith("s3://"):
        raise PluginError(f"{name} is not an s3:// address, and CRDS_{kind}_URI does not say where it is")
    return f"{root.rstrip('/')}/{name}"


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
    say: Callable[[str], None] | None = None,
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
        Hears why it is tried again; by default standard error.
    progress
        Hears how many bytes have come, of each piece; may be called from other threads.

    Raises
    ------
    PluginError
        If the file cannot be had or written.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    def report(state: RetryCallState) -> None:
        if state.outcome is not None and state.next_action is not None:
            (say or _say)(f"{state.outcome.exception()}; trying again in {state.next_action.sleep:.1f} s")

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
        part = PartialFile.begin(order.destination)
        try:
            _transfer(order, client, part, progress)
            difference = _difference(order, part.path)
            if difference is not None:
                raise difference
            part.sync()
            part.finish()
        finally:
            part.discard()
    except OSError as error:
        raise PluginError(f"{order.destination} cannot be written: {why(error)}") from error


def _transfer(order: Order, client: Any, part: PartialFile, progress: Callable[[int], None]) -> None:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    bucket, _, key = order.source.removeprefix("s3://").partition("/")
    try:
        client.download_fileobj(bucket, key, part, Callback=progress)
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise PluginError(f"{order.source}: S3 says {code}", passing=status >= 500 or status == 429) from error
    except (BotoCoreError, Boto3Error) as error:
        hopeless = isinstance(error, NoCredentialsError | PartialCredentialsError)
        raise PluginError(f"{order.source}: {error}", passing=not hopeless) from error


def _difference(order: Order, path: Path) -> PluginError | None:
    """Say how a file differs from what was ordered; None if it does not."""
    size = path.stat().st_size
    if order.size is not None and size != order.size:
        return PluginError(
            f"{order.source} should have {order.size} bytes and has {size}", status=_WRONG_SIZE, passing=True
        )
    if order.sha1 and (found := read_sha1(path)) != order.sha1:
        return PluginError(
            f"{order.source} should have the SHA-1 {order.sha1} and has {found}", status=_WRONG_CHECKSUM, passing=True
        )
    return None


def _say(text: str) -> None:
    sys.stderr.write(f"{PROGRAM}: {Blotter.of(os.environ)(text)}\n")


if __name__ == "__main__":
    raise SystemExit(main())
