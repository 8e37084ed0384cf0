"""Downloads by HTTP that take up where a broken connection left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import Factory, define, field

from caldp.adapters.support.pace import Deadline, Patience, TransferLimits
from caldp.adapters.support.paced_socket import paced_pools
from caldp.adapters.support.retrying import LONGEST_PAUSE, retrying

if TYPE_CHECKING:
    from requests import Response, Session

_PASSING: Final = (429, 500, 502, 503, 504)
_NO_SUCH_RANGE: Final = 416


class BrokenDownloadError(Exception):
    """Download that cannot be used or completed. It may be whole if it is begun again."""


def persistent(
    session: Session,
    attempts: int,
    timeout: float,
    limits: TransferLimits = TransferLimits(),  # noqa: B008
    connections: int = 10,
) -> None:
    """Make a session try again what may pass, with growing random pauses, and wait for no silent or trickling server.

    Parameters
    ----------
    attempts
        Number of tries of a request.
    timeout
        Longest silence of a server; seconds.
    limits
        Slowest pace.
    connections
        Number that is kept open to a server for the next request; as many as there are downloads at the same time.
    """
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            self.poolmanager.pool_classes_by_scheme = paced_pools(self.poolmanager.pool_classes_by_scheme, limits)

        def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
            known = proxy in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **options)
            if not known:
                manager.pool_classes_by_scheme = paced_pools(manager.pool_classes_by_scheme, limits)
            return manager

        def send(self, *arguments: Any, **options: Any) -> Response:
            return super().send(*arguments, **{**options, "timeout": options.get("timeout") or timeout or None})

    retry = Retry(
        total=attempts - 1,
        status_forcelist=_PASSING,
        allowed_methods=None,  # any: what is posted are questions
        backoff_factor=0.5,
        backoff_max=LONGEST_PAUSE,
        backoff_jitter=0.5,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(max_retries=retry, pool_maxsize=connections))


@define
class HttpReader:
    """A file that is read to its end, from its beginning or from where an earlier process left it.

    Attributes
    ----------
    session
        As `persistent` made it.
    url
        The file's address.
    attempts
        Number of requests for a piece.
    limits
        Slowest pace, and longest time.
    deadline
        Time at which the file must be there, if it was set before.
    start
        Position of the first byte to read. From any but 0 on the file may have another beginning than the reader's
        caller has: the caller compares checksums.
    size
        Of the file; bytes. None until something was read, or if the server does not say.
    """

    session: Session = field(repr=False)
    url: str
    attempts: int
    limits: TransferLimits = field(factory=TransferLimits)
    deadline: Deadline = field(default=Factory(lambda self: Deadline(self.limits.deadline), takes_self=True))
    start: int = 0
    size: int | None = field(default=None, init=False)
    _patience: Patience = field(
        default=Factory(lambda self: Patience(self.attempts, self.limits, self.deadline), takes_self=True), init=False
    )
    _answer: Response | None = field(default=None, init=False, repr=False)
    _position: int = field(default=Factory(lambda self: self.start, takes_self=True), init=False)
    _version: str = field(default="", init=False)

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none only at the end.

        Raises
        ------
        BrokenDownloadError
            If the rest cannot be had without the beginning.
        requests.RequestException, urllib3.exceptions.HTTPError
            If the server refuses, cannot be reached, or does not send the file to its end.
        TooLongError
            If the file takes too long.
        """
        from urllib3.exceptions import HTTPError

        data = retrying(self._patience, (HTTPError,), self.close)(self._read_on, size)
        self._position += len(data)
        self._patience.came(len(data))
        return data

    def close(self) -> None:
        """Give the connection back."""
        if self._answer is not None:
            self._answer.close()
            self._answer = None

    def _read_on(self, size: int) -> bytes:
        from urllib3.exceptions import ProtocolError

        if self._answer is None:
            self._answer = self._ask()
        # What has come, as soon as some has: to wait for all of it could outlast the deadline.
        data: bytes = self._answer.raw.read1(size)
        if not data and self.size is not None and self._position < self.size:
            raise ProtocolError(f"{self._position} bytes came of {self.size}")
        return data

    def _ask(self) -> Response:
        headers = {"Accept-Encoding": "identity"}  # sizes and ranges are the file's own
        if self._position:
            headers |= {"Range": f"bytes={self._position}-"} | ({"If-Range": self._version} if self._version else {})
        answer = self.session.get(self.url, headers=headers, stream=True)
        try:
            self._check(answer)
        except BaseException:
            answer.close()
            raise
        return answer

    def _check(self, answer: Response) -> None:
        """See that it is the file, or the rest of it."""
        if self._position and answer.status_code == _NO_SUCH_RANGE:
            raise BrokenDownloadError("the server's file ends before it")
        answer.raise_for_status()
        part = answer.headers.get("Content-Range", "")
        if self._position and not part.startswith(f"bytes {self._position}-"):
            raise BrokenDownloadError("the server began the file again")
        if self._position == self.start:
            length = part.rpartition("/")[2] if self._position else answer.headers.get("Content-Length", "")
            self.size = int(length) if length.isdigit() else None
            self._version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
