"""``caldp watch``: a page on loopback that nobody reaches without its token, and that changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from caldp.cli.loopback import LoopbackServer
from caldp.cli.main import main
from caldp.cli.watch import Pages
from tests.unit.cli.test_report import check
from tests.unit.cli.test_report import home as home  # noqa: PLC0414  a fixture


@pytest.fixture
def server(home: Path) -> Iterator[LoopbackServer]:
    with LoopbackServer(Pages("out", "", 1, "")) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: LoopbackServer, path: str, method: str = "GET", host: str | None = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{server.server_port}")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), dict(answer.getheaders())
    connection.close()
    return found


def test_the_list_and_the_pages_about_datasets_are_served(server: LoopbackServer, home: Path) -> None:
    status, text, headers = ask(server, f"/{server.token}/")
    assert status == 200
    check(text)
    assert '<meta http-equiv="refresh" content="1">' in text
    assert 'href="ldfd01010.html"' in text
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    status, text, _ = ask(server, f"/{server.token}/ldfd01010.html")
    assert status == 200
    check(text)
    assert ask(server, f"/{server.token}/", "HEAD")[:2] == (200, "")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/index.html", "/wrong/", "/wrong/index.html", "{token}/../../etc/passwd", "/{token}", "/{token}/x.html",
        "/{token}/ldfd09010.html", "/{token}/../{token}/", "/{token}/logs/process.txt", "/{token}/%2e%2e/x",
        "/{token}/ldfd01010.html?x", "/%C3%A9/",
    ],
)  # fmt: skip
def test_anything_else_is_not_found(path: str, server: LoopbackServer) -> None:
    asked = path.format(token=server.token).encode().decode("latin-1")
    assert ask(server, asked)[:2] == (404, "Not found.")


def test_another_host_and_another_method_are_refused(server: LoopbackServer) -> None:
    path = f"/{server.token}/"
    assert ask(server, path, host="evil.example.org")[0] == 404
    assert ask(server, path, host=f"localhost:{server.server_port}")[0] == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(server, path, method, **{"Content-Length": "0"})[0] == 501


def test_an_output_that_is_gone_is_said_to_be_so(server: LoopbackServer, home: Path) -> None:
    assert isinstance(server.make, Pages)
    server.make._made = float("-inf")  # as if time had passed
    home.parents[2].rename(home.parents[3] / "elsewhere")
    status, text, _ = ask(server, f"/{server.token}/")
    assert status == 503
    assert "There is no output directory &#x27;out&#x27;." in text


def test_mistakes_are_told_before_anything_is_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(tmp_path / "nowhere")]) == 1
    assert "There is no output directory" in capsys.readouterr().err
    assert main(["watch", str(tmp_path)]) == 1
    assert "is not an output of caldp" in capsys.readouterr().err


def test_the_command_prints_its_address_and_ends_by_a_signal(home: Path) -> None:
    command = [sys.executable, "-m", "caldp", "watch", "out"]
    with subprocess.Popen(command, cwd=home.parents[3], stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as run:
        assert run.stdout is not None
        address = run.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 143


def test_a_browser_that_goes_away_is_no_error_of_the_server(
    server: LoopbackServer, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(error: Exception) -> str:
        try:
            raise error
        except type(error):
            server.handle_error(None, ("127.0.0.1", 1))
        return capsys.readouterr().err

    assert told(BrokenPipeError()) == told(TimeoutError()) == ""
    assert "ValueError: odd" in told(ValueError("odd"))
