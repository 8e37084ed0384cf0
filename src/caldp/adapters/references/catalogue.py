"""Catalogue of reference files, from the CRDS server, its bucket, or the cache's copy of its configuration."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import SystemRandom
from typing import Any, Final, TypeVar
from urllib.error import HTTPError

from attrs import define, field

from caldp.domain.calibration.reference_check import Identity
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event, Level, Note
from caldp.domain.run.secrets import blotted
from caldp.domain.run.settings import NO_SERVER

SERVERLESS: Final = NO_SERVER
_LONGEST_PAUSE: Final = 20.0  # seconds
_OF_SERVER: Final = ("operational_context", "latest_context", "bad_files_list")
_JITTER: Final = SystemRandom()
_PASSING: Final = (408, 429, 500, 502, 503, 504)
_Result = TypeVar("_Result")


@define
class Catalogue:
    """Configuration that CRDS works by, with sizes and checksums of its files.

    Attributes
    ----------
    info
        CRDS's configuration, which CRDS shares.
    origin
        Source of the catalogue, for messages.
    can_fetch
        True if missing files can be downloaded.
    """

    info: Any = field(repr=False)
    origin: str
    can_fetch: bool
    _entries: Mapping[str, Mapping[str, str]] | None = field(default=None, init=False, repr=False)
    _digest: str | None = field(default=None, init=False, repr=False)

    @property
    def digest(self) -> str:
        """Identify the catalogue without decoding it, which takes a third of a second."""
        if self._digest is None:
            metadata = self.info.get("download_metadata", {})
            encoded = metadata.get("crds_payload") or json.dumps(metadata, sort_keys=True)
            self._digest = hashlib.sha1(encoded.encode(), usedforsecurity=False).hexdigest()
        return self._digest

    def identity(self, name: str) -> Identity | None:
        """Return what is known of a file; None if the catalogue does not have it."""
        from crds.client.proxy import crds_decode
        from crds.core import config

        if self._entries is None:
            entries = crds_decode(self.info.get("download_metadata", {}))
            self._entries = entries if isinstance(entries, dict) else {}
        entry = self._entries.get(name)
        try:
            size = int(entry["size"]) if entry is not None else -1
        except (KeyError, TypeError, ValueError):
            size = -1  # the server says of a file that it does not know it
        if entry is None or size < 0:
            return None
        sha1 = str(entry.get("sha1sum", "")).lower()
        return Identity(size, sha1 if sha1 != "none" and config.get_checksum_flag() else "")

    @property
    def withdrawn(self) -> frozenset[str]:
        """Files that the CRDS team has designated as scientifically invalid."""
        return frozenset(str(name).lower() for name in self.info.get("bad_files_list", ()))


def read_catalogue(
    cache: Path,
    *,
    sync: bool,
    attempts: int,
    tell: Callable[[Event], None],
    pause: float = 1.0,
    as_server: bool = False,
) -> Catalogue:
    """Read the catalogue from the server or the bucket, else from the cache's copy.

    Parameters
    ----------
    cache
        The CRDS cache.
    sync
        True if the cache may be written.
    attempts
        Number of requests to a server while its trouble may pass.
    tell
        Hears of trouble that does not end the run.
    pause
        Seconds, about, before the second try; it doubles from try to try.
    as_server
        True if a server's context and list of bad files count although the cache is not to be written: CRDS goes by
        the cache's copy then.

    Raises
    ------
    BestrefsError
        If nobody says anything.
    """
    from crds.client import api
    from crds.core import config, heavy_client

    server = str(config.get_server_url("hst"))
    bucket = config.get_uri("server_config")
    name = "the CRDS server " + blotted(server) if bucket == "none" else blotted(bucket)
    api.set_crds_server(server)
    try:
        heard = patiently(api.get_server_info, attempts, lambda why: tell(Note(f"{_capital(name)} {why}")), pause)
        trouble = ""
    except Exception as error:  # whatever CRDS and what it uses raise
        heard, trouble = None, reason(error)
    if heard is None:
        _forget_server()
    info = _configuration(heavy_client, cache, name, trouble)
    if heard is None:
        if "serverless" not in server and "server-less" not in server:
            answer = f"using the cache's copy of its configuration, of {info.get('last_synced', 'an unknown day')}"
            tell(Note(f"{_capital(name)} {trouble}; {answer}", Level.WARNING))
        _add_withdrawn(info, cache)
        return Catalogue(info, "the cache's server_config", can_fetch=False)
    if sync:
        heavy_client.update_config_info("hst")  # so that the cache serves without a server, too
    elif info is not heard and "download_metadata" in heard:
        info["download_metadata"] = heard["download_metadata"]
    if as_server and info is not heard:
        info.update({key: heard[key] for key in _OF_SERVER if key in heard})
    if not sync:
        _add_withdrawn(info, cache)
    # From now on CRDS finds in the cache whatever it needs, and asks nobody.
    info["connected"] = False
    return Catalogue(info, name, can_fetch=sync)


def patiently(ask: Callable[[], _Result], attempts: int, tell: Callable[[str], None], pause: float = 1.0) -> _Result:
    """Repeat a question while the trouble may pass; a server that cannot be reached at all is asked twice only."""
    for attempt in range(1, attempts + 1):
        try:
            return ask()
        except Exception as error:
            left = min(attempts, 2) if _unreachable(error) else attempts if _passing(error) else 0
            if attempt >= left:
                raise
            seconds = min(pause * 2 ** (attempt - 1) * _JITTER.uniform(0.5, 1.0), _LONGEST_PAUSE)
            tell(f"{reason(error)}; asking again in {seconds:.1f} s")
            time.sleep(seconds)
    raise AssertionError("the last attempt returns or raises")


def reason(error: BaseException) -> str:
    """Return the reason that a server did not answer, as the rest of a sentence that begins with its name."""
    for cause in _causes(error):
        if isinstance(cause, HTTPError):
            return f"answers with the status {cause.code}"
        if isinstance(cause, json.JSONDecodeError):
            return "answers with something else than JSON, such as a page of a proxy"
        if isinstance(cause, TimeoutError):
            return "does not answer in time"
        if isinstance(cause, ConnectionResetError | ConnectionAbortedError | BrokenPipeError | EOFError):
            return "breaks the connection"
        if isinstance(cause, OSError) and (cause.errno is not None or isinstance(cause, socket.gaierror)):
            return f"cannot be reached ({(cause.strerror or str(cause)).lower()})"
    return f"answers with an error: {blotted(' '.join(str(error).split()))[:300]}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """List an error and what it came from: CRDS wraps, and urllib hides the system's error in its own."""
    from http.client import HTTPException

    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        inner = getattr(cause, "reason", None)
        todo += [item for item in (inner, cause.__cause__, cause.__context__) if isinstance(item, BaseException)]
        yield ConnectionResetError() if isinstance(cause, HTTPException) else cause


def _unreachable(error: BaseException) -> bool:
    return any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in _causes(error))


def _passing(error: BaseException) -> bool:
    for cause in _causes(error):
        if isinstance(cause, HTTPError):
            return cause.code in _PASSING
        if isinstance(cause, json.JSONDecodeError | TimeoutError | ConnectionError | socket.gaierror):
            return True
    return any(isinstance(cause, OSError) for cause in _causes(error))


def _configuration(heavy_client: Any, cache: Path, name: str, trouble: str) -> Any:
    """Let CRDS read its configuration: the server's, or the cache's."""
    from crds.core import config

    place = cache / "config" / "hst" / "server_config"
    local = not (config.get_uri("server_config") == "none" and place.is_file())
    if trouble and local:
        raise BestrefsError(
            f"{_capital(name)} {trouble}, and the cache at {cache} has no copy of its configuration.",
            advice="Check CRDS_SERVER_URL and the network, or set CRDS_PATH to a cache that has a copy.",
        )
    try:
        return heavy_client.get_config_info("hst")
    except (Exception, SystemExit) as error:  # CRDS exits where it cannot go on
        raise BestrefsError(
            f"The configuration of the CRDS cache, {place}, cannot be read.",
            advice="Sync the cache (crds sync), or remove that file and use a profile that may download (offsite).",
        ) from error


def _add_withdrawn(info: Any, cache: Path) -> None:
    """Take the cache's own list into account: CRDS writes it for readers, and reads its configuration only."""
    try:
        names = (cache / "config" / "hst" / "bad_files.txt").read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return
    info["bad_files_list"] = sorted({*info.get("bad_files_list", ()), *names})


def _forget_server() -> None:
    """Keep CRDS from asking a server that does not answer, once more at every question."""
    from crds.client import api

    os.environ["CRDS_SERVER_URL"] = SERVERLESS
    api.set_crds_server(SERVERLESS)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
