"""A local stand-in for the CRDS server: JSON-RPC, mappings and references by HTTP, and trouble on demand."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from attrs import evolve

from tests.support.replies import Fault, Reply


class CrdsServer:
    """Serves the mappings and references of a cache, as what they are there.

    Attributes
    ----------
    url
        Value for CRDS_SERVER_URL.
    requests
        Number of requests for each file and each method.
    order
        Names of the files in the order of their requests, and the position from which each was asked for.
    connections
        Number of connections that were made.
    takes_ranges
        True if it sends the part of a file that is asked for.
    withdrawn
        The list of bad files.
    """

    def __init__(self, cache: Path, context: str) -> None:
        self.context = context
        self.withdrawn: list[str] = []
        self.requests: Counter[str] = Counter()
        self.order: list[tuple[str, int]] = []
        self.connections = 0
        self.takes_ranges = True
        self.url = ""
        self._files = {path.name: path for kind in ("mappings", "references") for path in (cache / kind).rglob("*.*")}
        self._faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self._always: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self.closing = threading.Event()

    def fail(self, name: str, *faults: Fault) -> None:
        """Make trouble for the next requests of a file or method, one fault each."""
        self._faults[name].extend(faults)

    def fail_always(self, name: str, fault: Fault) -> None:
        """Make trouble for every request of a file or method."""
        self._always[name] = fault

    def fail_each(self, fault: Fault) -> None:
        """Make trouble once for every file and method."""
        for name in (*self._files, "get_server_info"):
            self.fail(name, fault)

    def mend(self) -> None:
        """Make no more trouble."""
        self._faults.clear()
        self._always.clear()

    def names(self, ending: str) -> list[str]:
        """List the files of a kind."""
        return sorted(name for name in self._files if name.endswith(ending))

    def path(self, name: str) -> Path:
        """Return the path of a file."""
        return self._files[name]

    def reply(self, name: str, body: bytes) -> Reply:
        """Count a request, and find its fault."""
        with self._lock:
            self.requests[name] += 1
            fault = self._faults[name].pop(0) if self._faults[name] else self._always.get(name)
        return fault(body) if fault else Reply(body)

    def file(self, name: str, start: int = 0) -> Reply:
        """Answer a download from a position on."""
        if name not in self._files:
            return Reply(b"no such file", 404)
        self.order.append((name, start))
        answer = self.reply(name, self._files[name].read_bytes())
        if not start or not self.takes_ranges or answer.status != 200:
            return answer
        size = len(answer.body) if answer.length is None else answer.length
        if start >= size:
            return Reply(b"", 416)
        rest, length = answer.body[start:], None if answer.length is None else size - start
        return evolve(answer, body=rest, length=length, status=206, part=f"bytes {start}-{size - 1}/{size}")

    def call(self, request: Mapping[str, Any]) -> Reply:
        """Answer a JSON-RPC call."""
        method = request["method"]
        answer: dict[str, Any] = {"result": None, "error": None, "id": request["id"]}
        try:
            answer["result"] = getattr(self, f"rpc_{method}")(*request["params"])
        except (AttributeError, LookupError) as error:
            answer["error"] = {"name": "OtherError", "code": 500, "message": str(error)}
        return self.reply(method, json.dumps(answer).encode())

    def rpc_get_server_info(self) -> dict[str, Any]:
        places = {f"{kind}_url": {"hst": f"{self.url}/unchecked_get/{kind}s/hst/"} for kind in ("mapping", "reference")}
        return {
            **places,
            "bad_files_list": self.withdrawn,
            "crds_version": {"str": "14.0.3"},
            "edit_context": self.context,
            "force_remote_mode": 0,
            "last_synced": "2026-11-25 00:00:00",
            "mappings": self.names("map"),
            "observatory": "hst",
            "operational_context": self.context,
            "versions_context": "",
            "download_metadata": self.rpc_get_file_info_map("hst"),
        }

    def rpc_get_mapping_names(self, context: str) -> list[str]:
        if context not in self._files:
            raise LookupError(f"unknown mapping {context}")
        return self.names("map")

    def rpc_get_default_context(self, _observatory: str, _state: str | None = None) -> str:
        return self.context

    def rpc_get_file_info_map(
        self, _observatory: str, files: list[str] | None = None, _fields: object = None
    ) -> dict[str, Any]:
        return {name: self._entry(name) for name in (files or self._files)}

    def _entry(self, name: str) -> dict[str, str] | str:
        if name not in self._files:
            return "NOT FOUND unknown file"
        body = self._files[name].read_bytes()
        return {"size": str(len(body)), "sha1sum": hashlib.sha1(body, usedforsecurity=False).hexdigest()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    crds: CrdsServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.crds.call(json.loads(body)))

    def do_GET(self) -> None:
        position = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-")
        self._send(self.crds.file(self.path.rpartition("/")[2], int(position)))

    def _send(self, reply: Reply) -> None:
        time.sleep(reply.pause)
        try:
            self.send_response_only(reply.status)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            if reply.part:
                self.send_header("Content-Range", reply.part)
            self.end_headers()
            step = 17 if reply.trickle else len(reply.body) or 1
            for start in range(0, len(reply.body), step):
                self.wfile.write(reply.body[start : start + step])
                self.wfile.flush()
                time.sleep(reply.trickle)
            self.crds.closing.wait(reply.stall)
        except ConnectionError:
            self.close_connection = True
        if reply.length is not None:
            self.close_connection = True
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def handle(self) -> None:
        self.crds.connections += 1
        with suppress(ConnectionError):  # whoever asked has gone
            super().handle()

    def log_message(self, *_arguments: object) -> None:
        """Be silent."""


@contextmanager
def crds_server(cache: Path, context: str) -> Iterator[CrdsServer]:
    """Run a server."""
    crds = CrdsServer(cache, context)
    handler = type("Handler", (_Handler,), {"crds": crds})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        listener.daemon_threads = True
        crds.url = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield crds
        finally:
            crds.closing.set()
            listener.shutdown()
            thread.join()
