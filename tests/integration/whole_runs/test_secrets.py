"""Secrets of engines and environments: no credential and no escape sequence leaves a run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.recorder import Recorder
from tests.support.scripted import Script, install
from tests.support.site import Site

SECRETS = ("opensesame", "sesame-open", "abracadabra", "hocuspocus", "simsalabim", "open sesame")
"""Words that must never be seen, whatever is around them."""
STEERING = ("\x1b", "\x9b", "\x07", "\x08")

SERVER = "http://user:opensesame@127.0.0.1:9"
ENVIRONMENT = {
    "CRDS_SERVER_URL": SERVER,
    "CRDS_READONLY_CACHE": "1",
    "MAST_API_TOKEN": "abracadabra",
    "AWS_SECRET_ACCESS_KEY": "hocuspocus",
    "ASTROMETRY_PWD": "sesame-open",
    "SVM_PASSPHRASE": "simsalabim",
    "https_proxy": "http://me:hocuspocus@127.0.0.1:9",
}
LINES = (
    "\x1b[2J\x1b[1;31mCALCOS\x1b[0m \x1b]0;a title\x07\x08\x9b5mbegins",
    f"asking {SERVER}/jsonrpc",
    (
        "GET https://s3.example.org/k?X-Amz-Algorithm=AWS4&X-Amz-Credential=AKIAopensesame%2F20260101&"
        "X-Amz-Security-Token=opensesame&X-Amz-Signature=opensesame"
    ),
    "GET https://b.s3.example.org/k?AWSAccessKeyId=AKIAopensesame&Expires=1&Signature=opensesame%3D",
    "ASTROMETRY_PWD=open sesame",
    "SVM_PASSPHRASE=open sesame",
    "MY_APIKEY=opensesame",
    "environ({'AWS_SECRET_ACCESS_KEY': 'opensesame', 'PATH': '/bin'})",
    "Authorization: Bearer opensesame.opensesame",
    "by itself: abracadabra",
    "ERROR: cannot log in to https://me:opensesame@mast.example.org with password=opensesame",
)


def leaks(texts: dict[str, str]) -> list[tuple[str, str]]:
    """Find credentials in any text, and what steers a terminal in all but FITS files."""
    return [
        (place, secret)
        for place, text in texts.items()
        for secret in (*SECRETS, *(() if place.endswith(".fits") else STEERING))
        if secret in text
    ]


@pytest.mark.parametrize("options", [("--verbose",), ("--log-format", "json", "--verbose", "--json"), ("--debug",)])
def test_nothing_that_a_run_publishes_or_says_has_a_credential(
    options: tuple[str, ...], site: Site, simulated: SimulatedObservation, tmp_path: Path
) -> None:
    install(tmp_path / "bin", "calcos", Script(lines=LINES, status=1))
    done = site.run(
        "process", "lsim01010", f"file:{simulated.inputs}", "file:out", *options,
        PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin", **ENVIRONMENT,
    )  # fmt: skip
    assert done.returncode == 23, done.stderr
    texts = {"stdout": done.stdout, "stderr": done.stderr}
    for path in (site.directory / "out").rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode(errors="replace")
    assert {"process.txt", "record.json", "process_metrics.txt"} <= {Path(place).name for place in texts}
    assert leaks(texts) == []
    (log,) = (text for place, text in texts.items() if place.endswith("process.txt"))
    assert "CALCOS" in log
    assert "asking http://***@127.0.0.1:9/jsonrpc" in log
    assert "by itself: ***" in log


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",),
        ("doctor", "--json"),
        ("profile", "show", "offsite", "--resolved"),
        ("profile", "show", "offsite", "--resolved", "--json"),
        ("profile", "env", "offsite"),
        ("process", "lsim01010", "file:{inputs}", "none", "--dry-run"),
        ("process", "lsim01010", "file:{inputs}", "none", "--dry-run", "--json"),
        ("process", "lsim01010", f"s3://{SERVER}", "none"),
        ("process", "lsim01010", "file:nowhere\x1b[2J", "none"),
        ("--debug", "status", "https://me:opensesame@example.org"),
        ("docker", "run", "j8cb010b0", "--dry-run"),
    ],
)
def test_no_command_says_a_credential(words: tuple[str, ...], site: Site, simulated: SimulatedObservation) -> None:
    done = site.run(*(word.format(inputs=simulated.inputs) for word in words), **ENVIRONMENT)
    assert leaks({"stdout": done.stdout, "stderr": done.stderr}) == []
    assert done.stdout + done.stderr
    if "--json" in words:
        json.loads(done.stdout)


def test_a_shell_gets_a_credential_only_if_it_asks(site: Site) -> None:
    (site.directory / "lab.toml").write_text(f"extends = 'offsite'\ncrds_server_url = '{SERVER}'")
    shown = site.run("profile", "env", "./lab.toml")
    assert "CRDS_SERVER_URL holds a credential and is left out" in shown.stderr
    script = f"{shown.stdout}\nenv"
    found = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout
    assert "CRDS_SERVER_URL" not in found
    assert "CRDS_OBSERVATORY=hst" in found
    assert f"export CRDS_SERVER_URL={SERVER}" in site.run("profile", "env", "./lab.toml", "--with-secrets").stdout


def test_docker_is_told_the_name_of_an_address_with_a_user(site: Site, tmp_path: Path) -> None:
    (site.directory / "lab.toml").write_text(f"extends = 'offsite'\ncrds_server_url = '{SERVER}'")
    recorder = Recorder(tmp_path)
    recorder.install("docker")
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    done = site.run("docker", "run", "j8cb010b0", "--profile", "./lab.toml", PATH=path)
    assert done.returncode == 0, done.stderr
    (call,) = recorder.calls
    assert leaks({"argv": " ".join(call.words), "stdout": done.stdout, "stderr": done.stderr}) == []
    assert "CRDS_SERVER_URL" in call.words
    assert call.environment["CRDS_SERVER_URL"] == SERVER
