"""Downloads of single files into a CRDS cache, by HTTP, from S3, or by a program of the user's own.

A download that breaks off leaves what has come beside the file's place, under a name that stands for the contents. The
next one, also of another run, takes it up there.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from caldp.adapters.references.s3_objects import Order, PluginError, client_for, download
from caldp.adapters.support.http_download import BrokenDownloadError, HttpReader, persistent
from caldp.adapters.support.pace import Deadline, TooLongError, TransferLimits
from caldp.adapters.support.partial import PartialFile
from caldp.adapters.support.retrying import retrying
from caldp.adapters.support.verified import examine
from caldp.domain.calibration.reference_check import Identity
from caldp.domain.errors import BestrefsError
from caldp.domain.run.secrets import blotted

if TYPE_CHECKING:
    from requests import Session

_CHUNK: Final = 1 << 18


@define
class Downloads:
    """Downloads files by the addresses that CRDS gives; several threads may.

    Attributes
    ----------
    attempts
        Number of requests for each file while the trouble may pass.
    timeout
        Seconds that a server may be silent.
    limits
        Slowest pace, and longest time for a file.
    at_once
        Connections that are kept open.
    say
        Hears of trouble.
    """

    attempts: int
    timeout: float
    limits: TransferLimits
    at_once: int
    say: Callable[[str], None]
    _session: Session | None = field(default=None, init=False, repr=False)
    _s3: Any = field(default=None, init=False, repr=False)

    def connect(self) -> None:
        """Make the session that all downloads share, so that each connection serves many files."""
        import requests

        if self._session is None:
            self._session = requests.Session()
            persistent(self._session, self.attempts, self.timeout, self.limits, self.at_once)

    def __call__(self, name: str, place: Path, known: Identity, moved: Callable[[int], None]) -> None:
        """Download a file, check it, and only then give it its name.

        Parameters
        ----------
        name
            Name of the file, by which CRDS knows its address.
        place
            Path of the file.
        known
            Size and checksum that it must have.
        moved
            Hears how many bytes of the file have come by now.

        Raises
        ------
        BestrefsError
            If the file cannot be had.
        OSError
            If it cannot be written.
        """
        from crds.client import api
        from crds.core import config
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        address = str(api.get_flex_uri(name, "hst"))
        plugin, deadline = str(config.get_download_plugin() or ""), Deadline(self.limits.deadline)
        again = retrying(self.attempts, (BrokenDownloadError,), tell=lambda text: self.say(f"{name}: {text}"))
        try:
            if address.startswith("s3://"):
                self._from_s3(address, place, known, moved, deadline)
            elif plugin and not plugin.startswith("crds_s3_get"):
                again(self._by_plugin, plugin, address, place, known, deadline)
            else:
                again(self._by_http, address, place, known, moved, deadline)
        except (BrokenDownloadError, TooLongError, PluginError, RequestException, HTTPError) as error:
            raise BestrefsError(
                f"{name} cannot be downloaded from {blotted(address)}: {_words(error)}.",
                advice="Try again later; if it stays so, check CRDS_SERVER_URL, CRDS_CONTEXT and the network.",
            ) from error

    def _by_http(
        self, address: str, place: Path, known: Identity, moved: Callable[[int], None], deadline: Deadline
    ) -> None:
        part = PartialFile.resume(place, known.sha1)
        if part.size:
            try:
                self.say(f"the download of {place.name} is taken up after {part.size} of {known.size} bytes")
                return self._pour(part, address, known, moved, deadline)
            except BrokenDownloadError:
                self.say(f"{place.name} is begun anew: what an earlier download left is of no use")
                part = PartialFile.begin(place)
        return self._pour(part, address, known, moved, deadline)

    def _pour(
        self, part: PartialFile, address: str, known: Identity, moved: Callable[[int], None], deadline: Deadline
    ) -> None:
        """Read the rest of a file into its part, and check the whole."""
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        if self._session is None:
            raise AssertionError("the session has been made")
        digest = hashlib.sha1(usedforsecurity=False)
        reader = HttpReader(self._session, address, self.attempts, self.limits, deadline, start=part.size)
        try:
            for data in part.read(_CHUNK):
                digest.update(data)
            while (part.size < known.size or not part.size) and (data := reader.read(_CHUNK)):
                digest.update(data)
                part.write(data)
                moved(part.size)
            difference = known.differs(Identity(part.size, digest.hexdigest()))
            if difference:
                self.say(f"{part.place.name} arrived damaged: {difference}")
                raise BrokenDownloadError(difference)
            part.sync()
            part.finish()
        except (RequestException, HTTPError, TooLongError):
            part.leave()
            raise
        except BaseException:
            part.discard()
            raise
        finally:
            reader.close()

    def _from_s3(
        self, address: str, place: Path, known: Identity, moved: Callable[[int], None], deadline: Deadline
    ) -> None:
        def progress(done: int) -> None:
            deadline.check()
            moved(done)

        if self._s3 is None:
            self._s3 = client_for(address, self.limits)
        order = Order(address, place, known.size, known.sha1)
        download(order, self._s3, tries=self.attempts, say=self.say, progress=progress)

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
