"""``caldp doctor`` and ``caldp --version`` through the console script, with servers of this machine."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from caldp.adapters.health.network import examine_network
from caldp.domain.run.settings import Settings
from caldp.simulation import simulate
from tests.support.scripted import Script, install

CALDP = str(Path(sys.executable).parent / "caldp")
SECRET = "abracadabra"
DEAF = "http://127.0.0.1:9"


class _Answer(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_HEAD(self) -> None:
        self.send_response(int(self.path.strip("/") or 200))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class has it
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answer) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CRDS", "CALDP"))}
    return subprocess.run([CALDP, *words], env={**kept, **environ}, capture_output=True, text=True, check=False)


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {one["subject"]: one for one in json.loads(done.stdout)}


@pytest.mark.shared_data
def test_a_machine_that_can_work_is_found_to_be_so(crds_cache: Path, tmp_path: Path) -> None:
    done = run("doctor", "--offline", CRDS_PATH=str(crds_cache), CALDP_HOME=str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert re.search(rf"^ok +CRDS cache +{re.escape(str(crds_cache))}$", done.stdout, re.MULTILINE)
    assert "hst_0729.pmap (the cache's operational one)" in done.stdout


@pytest.mark.parametrize(("profile", "verdict"), [("onsite", "problem"), ("offsite", "ok")])
def test_references_that_a_dataset_lacks_are_told_with_their_sizes(tmp_path: Path, profile: str, verdict: str) -> None:
    simulated = simulate("cos", tmp_path)
    references = simulated.crds_cache / "references" / "hst"
    lost = sorted(references.rglob("simnuv_*.fits"))[:2]
    for path in lost:
        path.unlink()
    config = simulated.crds_cache / "config" / "hst" / "server_config"
    info = ast.literal_eval(config.read_text())
    sizes = {"simnuv_1dx.fits": "1500000000", "simnuv_bpix.fits": "250000000"}
    info["download_metadata"] = {name: {"size": size, "sha1sum": "0" * 40} for name, size in sizes.items()}
    config.write_text(repr(info))
    before = sorted(tmp_path.rglob("*"))
    done = run(
        "doctor", simulated.dataset, str(simulated.inputs), "--profile", profile, "--offline", "--json",
        CRDS_PATH=str(simulated.crds_cache), CRDS_CONTEXT=simulated.context, CALDP_HOME=str(tmp_path),
    )  # fmt: skip
    found = findings(done)["references"]
    assert found["verdict"] == verdict, done.stdout + done.stderr
    assert (
        f"2 of 10 by {simulated.context} are not in the cache, 1.750 GB: simnuv_1dx.fits (1.500 GB), " in found["text"]
    )
    assert sorted(tmp_path.rglob("*")) == before, "nothing is left there, and nothing fetched"


def test_a_dataset_without_inputs_is_a_finding_too(tmp_path: Path) -> None:
    done = run("doctor", "lsim01010", str(tmp_path), "--offline", "--json", CALDP_HOME=str(tmp_path))
    assert done.returncode == 1
    assert findings(done)["lsim01010"]["verdict"] == "problem"
    assert findings(done)["lsim01010"]["remedy"]


def test_a_machine_without_a_cache_has_a_problem_and_a_remedy() -> None:
    done = run("doctor", "--offline", "--json", CRDS_PATH="/nowhere")
    assert done.returncode == 1
    assert findings(done)["CRDS cache"] == {
        "subject": "CRDS cache",
        "verdict": "problem",
        "text": "/nowhere does not exist",
        "remedy": "Set CRDS_PATH, or use another profile (offsite).",
    }
    assert findings(done)["Python"]["text"].endswith(sys.executable)


def test_credentials_are_found_and_never_shown(server: str) -> None:
    done = run(
        "doctor", "--profile", "aws", "--json",
        AWS_ACCESS_KEY_ID="AKIAXYZ", AWS_SECRET_ACCESS_KEY=SECRET, AWS_ENDPOINT_URL=server,
    )  # fmt: skip
    found = findings(done)
    assert found["AWS credentials"]["text"] == "found by way of env"
    assert found["S3"] == {"subject": "S3", "verdict": "ok", "text": f"{server} answers", "remedy": ""}
    assert SECRET not in done.stdout + done.stderr
    assert "AKIAXYZ" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("path", "input_", "verdict"),
    [("", "file:.", "ok"), ("/404", "file:.", "ok"), ("/503", "file:.", "warning"), ("/503", "astroquery:", "problem")],
)
def test_a_server_that_answers_is_reached(
    server: str, path: str, input_: str, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caldp.adapters.health.network.MAST", server + path)
    found = {
        one.subject: one for one in examine_network(Settings(profile="x", input=input_), {"AWS_ENDPOINT_URL": server})
    }
    assert found["MAST"].severity.value == verdict


@pytest.mark.parametrize(
    ("url", "context", "verdict", "text"),
    [
        ("https://hst-serverless-mode.stsci.edu", "", "ok", "none is asked"),
        ("http://127.0.0.1:9", "", "problem", "http://127.0.0.1:9 cannot be reached: [Errno 111] Connection refused"),
        (
            "http://127.0.0.1:9",
            "hst_1.pmap",
            "warning",
            "http://127.0.0.1:9 cannot be reached: [Errno 111] Connection refused",
        ),
        ("ftp://x", "", "problem", "ftp://x cannot be reached: it is no http address"),
    ],
)
def test_a_crds_server_matters_as_much_as_it_is_needed(
    server: str, url: str, context: str, verdict: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caldp.adapters.health.network.MAST", server)
    settings = Settings(profile="x", crds_server_url=url, crds_context=context)
    found = {one.subject: one for one in examine_network(settings, {"AWS_ENDPOINT_URL": server})}
    assert (found["CRDS server"].severity.value, found["CRDS server"].text) == (verdict, text)


def test_the_version_lists_the_engines_too(tmp_path: Path) -> None:
    install(tmp_path, "calacs.e", Script(lines=("10.5.0 (16-Mar-2026)",)))
    done = run("--version", PATH=f"{tmp_path}:/bin:/usr/bin")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].startswith("caldp ")
    assert lines[1].startswith("python 3.")
    assert "calacs.e 10.5.0 (16-Mar-2026)" in lines
    assert not any(line.startswith("cs0.e") for line in lines), "what is not installed is left out"


def test_the_demo_asks_nobody_and_has_its_own_references(tmp_path: Path) -> None:
    words = ("doctor", "--profile", "demo", "--json")
    subjects = {finding["subject"] for finding in json.loads(run(*words, CRDS_PATH=str(tmp_path / "none")).stdout)}
    assert {"calcos", "scratch space"} <= subjects
    assert not subjects & {"CRDS cache", "context", "MAST", "CRDS server"}
