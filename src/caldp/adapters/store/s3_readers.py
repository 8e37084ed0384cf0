"""Child processes that read many small objects of a bucket.

botocore takes some milliseconds of CPU for a request, and Python's threads share one core. The program of a child reads
orders from standard input, a line of JSON each: first the bucket, then lists of keys. It writes a line for each key,
as `_answer` makes it.
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from io import BufferedReader
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from caldp.adapters.support.disk import why
from caldp.adapters.support.supervised import Supervised
from caldp.app.pool import working
from caldp.domain.errors import PublishError, UploadError
from caldp.domain.output.location import S3Location
from caldp.domain.run.plain import from_plain, to_plain
from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from io import RawIOBase

_MARK: Final = b"\x1dcaldp-object "
_PROCESSES: Final = 2
"""They read as fast as one process can look at records."""
_ORDER: Final = 32
"""Keys of an order."""
_AHEAD: Final = 2
"""Orders that a child has before the answers to the first are wanted."""
_AT_ONCE: Final = 8
"""Requests of a child at the same time; S3 takes tens of milliseconds to answer."""
_COMMAND: Final = (sys.executable, "-P", "-m", "caldp.adapters.store.s3_readers")


def read_in_processes(
    keys: Iterable[str], location: S3Location, settings: Settings, environment: Mapping[str, str]
) -> Iterator[bytes | None]:
    """Yield small objects in the order of their keys; None for what is not there.

    Parameters
    ----------
    keys
        Keys relative to the location.
    location, settings, environment
        As a store of the location is made with.

    Raises
    ------
    UploadError
        If an object cannot be read, or a process is lost.
    """
    with ExitStack() as stack:
        pools = []
        for _ in range(_PROCESSES):
            child = stack.enter_context(_Child(location, settings, environment))
            pool = ThreadPoolExecutor(1, "caldp-reader")
            # However this ends: the child dies, its thread hears of it, and nobody reads the pipe any more.
            stack.callback(pool.shutdown, cancel_futures=True)
            stack.callback(child.kill)
            pools.append((pool, child))
        begun: deque[Future[list[bytes | None]]] = deque()
        turns, remaining = cycle(pools), iter(keys)
        while order := list(islice(remaining, _ORDER)):
            pool, child = next(turns)
            begun.append(pool.submit(child.ask, order))
            if len(begun) > _AHEAD * _PROCESSES:
                yield from begun.popleft().result()
        while begun:
            yield from begun.popleft().result()


class _Child:
    """A child process, as its owner sees it; use it as a context manager."""

    def __init__(self, location: S3Location, settings: Settings, environment: Mapping[str, str]) -> None:
        try:
            self._process = Supervised(
                _COMMAND, executable=Path(sys.executable), directory=Path(), environment=environment, has_input=True
            )
        except OSError as error:
            raise UploadError(f"No process can be started that reads {location}: {why(error)}.") from error
        self._lines = BufferedReader(cast("RawIOBase", self._process.stdout))
        self._said = b""
        with suppress(OSError):
            self._process.say({"bucket": location.bucket, "prefix": location.prefix, "settings": to_plain(settings)})

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._lines.detach()  # the process closes its stream
        self._process.close()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()

    def ask(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return objects in the order of their keys."""
        with suppress(OSError):  # it has died, as its silence will say
            self._process.say(keys)
        return [self._next() for _ in keys]

    def _next(self) -> bytes | None:
        for line in self._lines:
            if line.startswith(_MARK):
                return _read(line.removeprefix(_MARK))
            self._said = line
        raise UploadError(
            f"A process that read records is lost. It said: {self._said.decode(errors='replace').strip()}",
            advice="Run the command again.",
        )


def _answer(get: Callable[[str], bytes | None], key: str) -> bytes:
    """Write an object as a line: base64 behind ``+``, nothing behind ``-`` if there is none, an error behind ``!``."""
    try:
        data = get(key)
    except PublishError as error:
        words = json.dumps([error.message, error.advice])
        return b"%s!%s\n" % (_MARK, words.encode())
    return b"%s-\n" % _MARK if data is None else b"%s+%s\n" % (_MARK, b64encode(data))


def _read(answer: bytes) -> bytes | None:
    kind, rest = answer[:1], answer[1:].strip()
    if kind == b"!":
        message, advice = json.loads(rest)
        raise UploadError(message, advice=advice)
    return b64decode(rest) if kind == b"+" else None


def main() -> None:
    """Answer orders until there are no more."""
    from caldp.adapters.store.s3 import make_s3_store

    place: dict[str, Any] = json.loads(sys.stdin.readline())
    location = S3Location(place["bucket"], place["prefix"])
    store = make_s3_store(location, from_plain(Settings, place["settings"]), os.environ)
    with working(_AT_ONCE, "caldp-reads") as pool:
        for line in sys.stdin:
            for answer in pool.map(lambda key: _answer(store.get_bytes, key), json.loads(line)):
                sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
