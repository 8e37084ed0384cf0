"""Downloads into a CRDS cache: a file has its name there only once its size and checksum are right."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from caldp.adapters.references.catalogue import Catalogue
from caldp.adapters.references.crds_s3_get import Order, PluginError, client_for, download
from caldp.adapters.support.disk import advice_on, why
from caldp.adapters.support.exclusive import exclusive
from caldp.adapters.support.http_download import BrokenDownloadError, HttpReader, persistent
from caldp.adapters.support.pace import Deadline, TooLongError, TransferLimits
from caldp.adapters.support.partial import PartialFile
from caldp.adapters.support.retrying import retrying
from caldp.adapters.support.verified import Entry, Stamp, VerifiedFiles, examine
from caldp.domain.calibration.reference_check import Identity
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event, Level, Note, Transfer
from caldp.domain.run.secrets import blotted

if TYPE_CHECKING:
    from requests import Session

_CHUNK: Final = 1 << 20


@define
class CacheFiller:
    """Downloads what a cache lacks, several files at once.

    Attributes
    ----------
    catalogue
        Catalogue of the files' sizes and checksums.
    memory
        Remembers what was verified.
    attempts
        Number of requests for each file while the trouble may pass.
    timeout
        Seconds that a server may be silent.
    limits
        Slowest pace, and longest time for a file.
    at_once
        Downloads at the same time.
    tell
        Hears of progress and trouble; called from several threads.
    """

    catalogue: Catalogue
    memory: VerifiedFiles
    attempts: int
    timeout: float
    limits: TransferLimits
    at_once: int
    tell: Callable[[Event], None]
    _session: Session | None = field(default=None, init=False, repr=False)
    _s3: Any = field(default=None, init=False, repr=False)

    def fill(self, places: Mapping[str, Path]) -> None:
        """Download files to their places; one that is there already and right is left alone.

        Raises
        ------
        BestrefsError
            If a file cannot be had or written. The others that were under way are finished.
        """
        if not places:
            return
        self._connect()
        with ThreadPoolExecutor(min(self.at_once, len(places))) as pool:
            futures = [pool.submit(self._fill_one, name, place) for name, place in sorted(places.items())]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _connect(self) -> None:
        import requests

        if self._session is None:
            self._session = requests.Session()
            persistent(self._session, self.attempts, self.timeout, self.limits)

    def _fill_one(self, name: str, place: Path) -> None:
        known = self.catalogue.identity(name)
        if known is None:
            raise BestrefsError(
                f"{_capital(self.catalogue.origin)} does not know the file {name}.",
                advice="Check CRDS_CONTEXT (or --context) and CRDS_SERVER_URL: do they belong together?",
            )
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with exclusive(place, lambda: self._say(f"another run fetches {name}; waiting for it")):
                if not self._is_right(place, known):
                    self._download(name, place, known)
                    self._remember(place, known)
        except OSError as error:
            raise BestrefsError(
                f"{name} cannot be written to the CRDS cache at {place.parent}: {why(error)}.",
                advice=advice_on(
                    error, "Check its permissions, set CRDS_PATH to another cache, or CRDS_READONLY_CACHE=1."
                ),
            ) from error

    def _is_right(self, place: Path, known: Identity) -> bool:
        """Tell whether another run has made the file meanwhile."""
        with suppress(FileNotFoundError):
            entry, stable = examine(place, known, self.catalogue.digest)
            if entry.verified and stable:
                self.memory.remember(place, entry)
                return True
        return False

    def _remember(self, place: Path, known: Identity) -> None:
        self.memory.remember(place, Entry(Stamp.of(place), known.sha1, known, self.catalogue.digest))

    def _download(self, name: str, place: Path, known: Identity) -> None:
        from crds.client import api
        from crds.core import config
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        address = str(api.get_flex_uri(name, "hst"))
        plugin, deadline = str(config.get_download_plugin() or ""), Deadline(self.limits.deadline)
        try:
            if address.startswith("s3://"):
                self._from_s3(address, name, place, known, deadline)
            elif plugin and not plugin.startswith("crds_s3_get"):
                retrying(self.attempts, (BrokenDownloadError,))(
                    self._by_plugin, plugin, address, place, known, deadline
                )
            else:
                retrying(self.attempts, (BrokenDownloadError,))(self._by_http, address, name, place, known, deadline)
        except (BrokenDownloadError, TooLongError, PluginError, RequestException, HTTPError) as error:
            raise BestrefsError(
                f"{name} cannot be downloaded from {blotted(address)}: {_words(error)}.",
                advice="Try again later; if it stays so, check CRDS_SERVER_URL, CRDS_CONTEXT and the network.",
            ) from error

    def _by_http(self, address: str, name: str, place: Path, known: Identity, deadline: Deadline) -> None:
        if self._session is None:
            raise AssertionError("the session has been made")
        reader = HttpReader(self._session, address, self.attempts, self.limits, deadline)
        digest = hashlib.sha1(usedforsecurity=False)
        part = PartialFile.begin(place)
        try:
            while data := reader.read(_CHUNK):
                digest.update(data)
                part.write(data)
                self.tell(Transfer(name, part.size, known.size))
                if part.size > known.size:
                    break
            difference = known.differs(Identity(part.size, digest.hexdigest()))
            if difference:
                self._say(f"{name} arrived damaged: {difference}")
                raise BrokenDownloadError(difference)
            part.sync()
            part.finish()
        finally:
            reader.close()
            part.discard()

    def _from_s3(self, address: str, name: str, place: Path, known: Identity, deadline: Deadline) -> None:
        done = 0

        def progress(size: int) -> None:
            nonlocal done
            deadline.check()
            done += size
            self.tell(Transfer(name, done, known.size))

        if self._s3 is None:
            self._s3 = client_for(address, self.limits)
        order = Order(address, place, known.size, known.sha1)
        download(order, self._s3, tries=self.attempts, say=self._say, progress=progress)

    def _by_plugin(self, plugin: str, address: str, place: Path, known: Identity, deadline: Deadline) -> None:
        """Run a download program of the user's own, as CRDS describes CRDS_DOWNLOAD_PLUGIN."""
        part = PartialFile.begin(place)
        try:
            values = {
                "SOURCE_URL": address, "FILENAME": address, "OUTPUT_PATH": str(part.path),
                "FILE_SIZE": str(known.size), "FILE_SHA1SUM": known.sha1,
            }  # fmt: skip
            try:
                status = subprocess.run(
                    _filled(plugin, values), check=False, stdin=subprocess.DEVNULL, timeout=deadline.left
                ).returncode
            except subprocess.TimeoutExpired:
                deadline.check()
                raise
            if status:
                raise BrokenDownloadError(f"the plug-in {plugin.split(maxsplit=1)[0]} ended with the status {status}")
            entry, _ = examine(part.path, known, "")
            if not entry.verified:
                raise BrokenDownloadError(known.differs(entry.found))
            os.replace(part.path, place)  # noqa: PTH105  the plug-in may have replaced the file, not written into it
        finally:
            part.discard()

    def _say(self, text: str) -> None:
        self.tell(Note(_capital(blotted(text)), Level.INFO))


def _filled(plugin: str, values: Mapping[str, str]) -> list[str]:
    """Fill a command's template in, word by word: no value becomes two words, and there is no shell."""
    words = shlex.split(plugin)
    for name, value in values.items():
        words = [word.replace(f"${{{name}}}", value) for word in words]
    return words


def _words(error: Exception) -> str:
    from requests import HTTPError, RequestException
    from urllib3.exceptions import HTTPError as TransportError

    if isinstance(error, HTTPError) and error.response is not None:
        return f"the server answers with the status {error.response.status_code}"
    if isinstance(error, RequestException | TransportError):
        return f"the server cannot be reached, or breaks the connection ({type(error).__name__})"
    return blotted(str(error))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
