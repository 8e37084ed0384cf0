"""Pages for a browser on this machine: a server on loopback that hands out texts to whoever knows its token."""

from __future__ import annotations

import hmac
import secrets
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from caldp.domain.errors import CaldpError

HOST: Final = "127.0.0.1"
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class LoopbackServer(ThreadingHTTPServer):
    """Server of pages at ``http://127.0.0.1:PORT/TOKEN/NAME``; it answers GET and HEAD, and writes nothing.

    Requests without the token find nothing. Neither do those for another host, by which a page elsewhere could reach
    this server through a name that leads here.

    Parameters
    ----------
    make
        Return the page of a name, such as ``index.html``; None if there is none. May be called from several threads.
    port
        Port; 0 for any that is free.
    """

    daemon_threads = True

    def __init__(self, make: Callable[[str], str | None], port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.make = make
        self.token = secrets.token_urlsafe(24)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away in the midst of an answer."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        """The address for a browser."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names by which a browser may call this server."""
        return tuple(f"{name}:{self.server_port}" for name in (HOST, "localhost"))


class _Handler(BaseHTTPRequestHandler):
    server: LoopbackServer
    server_version = "caldp"
    sys_version = ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool = True) -> None:
        status, text = self._page()
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _page(self) -> tuple[HTTPStatus, str]:
        token, slash, name = self.path.removeprefix("/").partition("/")
        is_ours = hmac.compare_digest(token.encode(), self.server.token.encode())
        if not (is_ours and slash) or self.headers.get("Host") not in self.server.hosts:
            return HTTPStatus.NOT_FOUND, "Not found."
        try:
            page = self.server.make(name or "index.html")
        except CaldpError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, _plain(f"{error.message} {error.advice}")
        return (HTTPStatus.NOT_FOUND, "Not found.") if page is None else (HTTPStatus.OK, page)

    def log_message(self, *_words: object) -> None:
        """Say nothing: the address has the token in it."""


def _plain(text: str) -> str:
    from html import escape

    from caldp.cli.text import discreet

    return f"<!DOCTYPE html><title>caldp</title><p>{escape(discreet(text))}</p>"
