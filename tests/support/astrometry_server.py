"""A stand-in for the servers of astrometry: the database of solutions, guide stars, and catalogues."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NO_SOLUTION = b"<?xml version='1.0'?><observation><solutions/></observation>"
NO_GUIDE_STAR = b"<?xml version='1.0'?><gsc><msg>Failure of a stand-in</msg></gsc>"
NO_SOURCES = b"0 sources\r\nra,dec,mag\r\n"


class AstrometryServer:
    """Knows nothing, and says so in the forms of the real servers.

    Attributes
    ----------
    url
        Its address, with a slash at the end.
    status
        Status of each answer.
    silent
        True if it takes requests and does not answer.
    asked
        Paths of the requests.
    """

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.silent = False
        self.asked: list[str] = []
        self.over = threading.Event()

    @property
    def variables(self) -> dict[str, str]:
        """Variables with which engines ask this server."""
        return {
            "ASTROMETRY_SERVICE_URL": self.url,
            "ASTROMETRIC_CATALOG_URL": f"{self.url}webservices",
            "GSSS_WEBSERVICES_URL": f"{self.url}webservices",
        }

    def answer(self, path: str) -> bytes:
        """Return the body for a path."""
        self.asked.append(path)
        if self.silent:
            self.over.wait()
        if "GSCconvert" in path:
            return NO_GUIDE_STAR
        return NO_SOURCES if "CatalogSearch" in path else NO_SOLUTION


@contextmanager
def astrometry_server() -> Iterator[AstrometryServer]:
    """Run a server."""
    server = AstrometryServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = server.answer(self.path)
            with suppress(ConnectionError):
                self.send_response_only(server.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        server.url = f"http://127.0.0.1:{listener.server_address[1]}/"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            listener.shutdown()
            thread.join()


def at(address: str) -> Mapping[str, str]:
    """Return the variables with which engines ask an address for all of it."""
    return {
        "ASTROMETRY_SERVICE_URL": f"{address}/",
        "ASTROMETRIC_CATALOG_URL": address,
        "GSSS_WEBSERVICES_URL": address,
    }
