"""A real HTTP proxy before a server, which makes trouble on demand."""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import urlsplit

from attrs import define, field, frozen


@frozen
class Answer:
    """Answer of a server."""

    status: int
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""

    def with_headers(self, **headers: str) -> Answer:
        """Return the same answer with other headers; underscores in names stand for hyphens."""
        changed = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in changed}
        return Answer(self.status, {**kept, **changed}, self.body)


class Cut(Exception):
    """Break the connection: after some bytes of the answer's body, politely or with a reset."""

    def __init__(self, answer: Answer | None = None, after: int = 0, *, reset: bool = True) -> None:
        super().__init__()
        self.answer, self.after, self.reset = answer, after, reset


class Trickle(Exception):
    """Send the answer's body a few bytes at a time, so that no wait for the next ones is long."""

    def __init__(self, answer: Answer, size: int, pause: float) -> None:
        super().__init__()
        self.answer, self.size, self.pause = answer, size, pause


class Forward(Protocol):
    """Asks the server, with a changed body if that is wanted."""

    def __call__(self, change: Callable[[bytes], bytes] | None = None) -> Answer: ...


Trouble = Callable[[Forward], Answer]
"""Function that gets a way to ask the server, and answers in its stead; may raise `Cut` or `Trickle`."""


def status(code: int, error: str = "", headers: Mapping[str, str] | None = None) -> Trouble:
    """Answer with a status, and S3's way to say why."""
    body = f"<?xml version='1.0'?><Error><Code>{error}</Code><Message>Injected</Message></Error>" if error else ""
    return lambda _forward: Answer(code, {"Content-Type": "application/xml", **(headers or {})}, body.encode())


def reset(_forward: Forward) -> Answer:
    """Break the connection without asking the server."""
    raise Cut


def lose_answer(forward: Forward) -> Answer:
    """Let the server do it, and break the connection then."""
    forward()
    raise Cut


def cut_after(size: int, *, hard: bool = True) -> Trouble:
    """Break the connection in the middle of the answer's body."""

    def trouble(forward: Forward) -> Answer:
        raise Cut(forward(), size, reset=hard)

    return trouble


def trickle(size: int = 17, pause: float = 0.05) -> Trouble:
    """Send the answer's body so many bytes at a time, with so many seconds between."""

    def trouble(forward: Forward) -> Answer:
        raise Trickle(forward(), size, pause)

    return trouble


def damaged(forward: Forward) -> Answer:
    """Flip a bit of the request's body, on the way to a server that does not look at checksums."""
    return forward(lambda body: bytes([body[0] ^ 1]) + body[1:])


def page_of_html(_forward: Forward) -> Answer:
    """Answer as a network's login page does, in HTML that is XML too."""
    body = b"<html><head><title>Welcome</title></head><body><p>Please log in.</p></body></html>"
    return Answer(200, {"Content-Type": "text/html"}, body)


def changed(**headers: str) -> Trouble:
    """Change headers of the answer."""
    return lambda forward: forward().with_headers(**headers)


@define
class _Rule:
    method: str
    pattern: re.Pattern[str]
    trouble: Trouble
    times: int
    skip: int


class FaultyProxy:
    """Passes requests on to a server, but for those that a rule catches.

    Add a rule with `on`: the next `times` requests of a method whose path and query match a pattern meet trouble,
    after `skip` that do not; `requests` lists what came in::

        with faulty_proxy(server) as proxy:
            proxy.on("PUT", "/bucket/outputs/", status(503, "SlowDown"), times=2)
            client = boto3.client("s3", endpoint_url=proxy.url)
    """

    def __init__(self, server: str) -> None:
        self._server = urlsplit(server)
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self.requests: list[tuple[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.bodies: list[bytes] = []
        self.url = ""

    def on(self, method: str, pattern: str, trouble: Trouble, *, times: int = 1, skip: int = 0) -> None:
        """Make trouble for requests."""
        self._rules.append(_Rule(method, re.compile(pattern), trouble, times, skip))

    def clear(self) -> None:
        """Make no more trouble."""
        self._rules.clear()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request, with the trouble that waits for it."""
        with self._lock:
            self.requests.append((method, path))
            self.headers.append(dict(headers))
            self.bodies.append(body)
            trouble = self._trouble(method, path)

        def forward(change: Callable[[bytes], bytes] | None = None) -> Answer:
            if change is None:
                return self._ask(method, path, headers, body)
            unchecked = {name: value for name, value in headers.items() if "checksum" not in name.lower()}
            return self._ask(method, path, unchecked, change(body))

        return trouble(forward) if trouble else forward()

    def _trouble(self, method: str, path: str) -> Trouble | None:
        for rule in self._rules:
            if rule.method == method and rule.times > 0 and rule.pattern.search(path):
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                return rule.trouble
        return None

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self._server.hostname or "", self._server.port or 80, timeout=60)
        try:
            connection.request(method, path, body or None, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultyProxy

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"connection", "expect"}}
        try:
            self._send(self.proxy.answer(self.command, self.path, headers, body))
        except Cut as cut:
            if cut.answer is not None:
                self._send(cut.answer, cut.after)
            if cut.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        except Trickle as slow:
            self._trickle(slow)
        except ConnectionError:
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve  # noqa: N815

    def _send(self, answer: Answer, after: int | None = None) -> None:
        self.send_response_only(answer.status)
        declared = {name.lower(): value for name, value in answer.headers.items()}
        for name, value in declared.items():
            if name not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        length = declared.get("content-length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or declared.get("x-wrong-length") or str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:after])
        self.wfile.flush()

    def _trickle(self, slow: Trickle) -> None:
        body = slow.answer.body
        try:
            self._send(slow.answer, 0)
            for start in range(0, len(body), slow.size):
                self.wfile.write(body[start : start + slow.size])
                self.wfile.flush()
                time.sleep(slow.pause)
        except ConnectionError:  # whoever asked has had enough
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Be silent."""


@contextmanager
def faulty_proxy(server: str) -> Iterator[FaultyProxy]:
    """Run a proxy before a server, such as ``http://127.0.0.1:5000``."""
    proxy = FaultyProxy(server)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        listener.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            listener.shutdown()
            thread.join()
