"""A local stand-in for the MAST archive, which speaks its API by HTTP."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import field, frozen

TOKEN = "a-secret-token-of-the-archive"
PUBLIC = 52537.7  # modified Julian dates of release
PRIVATE = 99999.0

_COLUMNS = {
    "Mast.Caom.Cone": {
        "obs_id": {"vot.datatype": "char"},
        "obs_collection": {"vot.datatype": "char"},
        "t_obs_release": {"vot.datatype": "double"},
        "obsid": {"vot.datatype": "long"},
    },
    "Mast.Caom.Products": {"obsID": {"vot.datatype": "long"}, "productFilename": {"vot.datatype": "char"}},
}


@frozen
class Observation:
    """An observation and its files.

    Attributes
    ----------
    released
        PUBLIC or PRIVATE.
    sizes
        Sizes in the catalogue where they are wrong; bytes.
    """

    name: str
    files: Mapping[str, bytes]
    released: float = PUBLIC
    sizes: Mapping[str, int] = field(factory=dict)


class MastServer:
    """Answers as MAST does; drive it with observations, and read its address from `url`::

        with mast_server([Observation("lsim01aaq", {"lsim01aaq_rawtag_a.fits": b"..."})]) as server:
            settings = Settings(profile="test", mast_server=server.url)

    Attributes
    ----------
    busy
        Number of times that a question is answered by EXECUTING before there is an answer.
    rows_a_page
        Greatest number of rows in an answer.
    """

    def __init__(self, observations: list[Observation]) -> None:
        self.observations = observations
        self.busy = 1
        self.rows_a_page = 3
        self.url = ""
        self.questions: list[str] = []
        self._polls = 0

    def invoke(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer a question to the catalogue."""
        self._polls += 1
        if self._polls % (self.busy + 1):
            return {"status": "EXECUTING", "msg": "", "data": []}
        self.questions.append(request["service"])
        if request["service"] == "Mast.Caom.Filtered":
            rows = [_caom_row(number, item) for number, item in self._matching(request["params"]["filters"])]
        else:
            wanted = request["params"]["obsid"].split(",")
            chosen = [(number, item) for number, item in enumerate(self.observations) if str(number) in wanted]
            rows = [_product_row(number, item, name) for number, item in chosen for name in item.files]
        return self._page(rows, request["page"])

    def _matching(self, filters: list[dict[str, Any]]) -> Iterator[tuple[int, Observation]]:
        patterns = {
            entry["paramName"]: [*entry["values"], *([entry["freeText"]] if "freeText" in entry else [])]
            for entry in filters
        }
        assert patterns.pop("obs_collection") == ["HST"]
        [names] = patterns.values()
        regex = "|".join(re.escape(name).replace("%", ".*") for name in names)
        for number, item in enumerate(self.observations):
            if re.fullmatch(regex, item.name, re.IGNORECASE):
                yield number, item

    def _page(self, rows: list[dict[str, Any]], page: int) -> dict[str, Any]:
        pages = max(1, -(-len(rows) // self.rows_a_page))
        start = (page - 1) * self.rows_a_page
        return {
            "status": "COMPLETE",
            "msg": "",
            "data": rows[start : start + self.rows_a_page],
            "fields": [],
            "paging": {"page": page, "pagesFiltered": pages},
        }

    def file(self, uri: str) -> tuple[bytes, bool] | None:
        """Find a file, and whether it is private."""
        name = uri.rpartition("/")[2]
        for item in self.observations:
            if name in item.files and uri == f"mast:HST/product/{name}":
                return item.files[name], item.released == PRIVATE
        return None


def _caom_row(number: int, item: Observation) -> dict[str, Any]:
    return {"obsid": number, "obs_id": item.name.upper(), "obs_collection": "HST", "t_obs_release": item.released}


def _product_row(number: int, item: Observation, name: str) -> dict[str, Any]:
    root, _, suffix = name.removesuffix(".fits").partition("_")
    return {
        "obsID": number,
        "obs_id": root,
        "description": "DADS file",
        "dataURI": f"mast:HST/product/{name}",
        "productSubGroupDescription": (name[:-5].rpartition("_")[2] if name.startswith("hst_") else suffix).upper(),
        "productFilename": name,
        "size": item.sizes.get(name, len(item.files[name])),
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mast: MastServer

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        path = urlsplit(self.path).path
        if path == "/api/v0/invoke":
            self._json(self.mast.invoke(json.loads(form["request"][0])))
        elif path == "/portal/Mashup/Mashup.asmx/columnsconfig":
            self._json(_COLUMNS.get(form["colConfigId"][0], {}))
        else:
            self._answer(404)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/whoami":
            self._json({"anon": not self._known, "attrib": {"display_name": "A. Stronomer"}})
            return
        found = self.mast.file(parse_qs(address.query)["uri"][0]) if address.path == "/api/v0.1/Download/file" else None
        if found is None:
            self._answer(404)
        elif found[1] and not self._known:
            self._answer(401)
        else:
            self._send_file(found[0])

    @property
    def _known(self) -> bool:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("mast_token")
        return cookie is not None and cookie.value == TOKEN

    def _send_file(self, data: bytes) -> None:
        headers = {"Content-Type": "application/fits", "Accept-Ranges": "bytes", "ETag": f'"{hash(data):x}"'}
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted is None or self.headers.get("If-Range", headers["ETag"]) != headers["ETag"]:
            self._answer(200, data, headers)
        else:
            start = int(wanted[1])
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            self._answer(206, data[start:], headers)

    def _json(self, content: object) -> None:
        self._answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Be silent."""


@contextmanager
def mast_server(observations: list[Observation]) -> Iterator[MastServer]:
    """Run a server."""
    mast = MastServer(observations)
    handler = type("Handler", (_Handler,), {"mast": mast})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        listener.daemon_threads = True
        mast.url = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield mast
        finally:
            listener.shutdown()
            thread.join()
