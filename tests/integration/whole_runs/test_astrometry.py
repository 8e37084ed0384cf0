"""Whole runs of an ACS association beside servers of astrometry that answer, fail, are silent, or are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.astrometry_server import AstrometryServer, astrometry_server, at
from tests.support.records import read_record
from tests.support.scripted import Script, install
from tests.support.site import Site

pytestmark = pytest.mark.shared_data

OFF = {"ASTROMETRY_APPLY_APRIORI": "off", "ASTROMETRY_COMPUTE_APOSTERIORI": "off"}

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def server() -> Iterator[AstrometryServer]:
    with astrometry_server() as running:
        yield running


@pytest.fixture
def run(tmp_path: Path, shared_hst: Path) -> Run:
    """Return a function that runs until the first engine, which gives up, and returns the record."""
    for engine in ("calacs.e", "runastrodriz"):
        install(tmp_path / "bin", engine, Script(lines=("This is a script.",), status=1))
    exports = {
        "CRDS_PATH": str(shared_hst / "crds_cache"), "CRDS_CONTEXT": "hst_0729.pmap",
        "PATH": f"{tmp_path / 'bin'}:/bin:/usr/bin",
    }  # fmt: skip

    def process(variables: Mapping[str, str], *options: str) -> dict[str, Any]:
        site = Site(tmp_path, {**exports, **variables})
        site.run("process", "-q", "jbz504010", f"file:{shared_hst / 'inputs'}", "file:out", *options)
        [path] = (tmp_path / "out").rglob("record.json")
        return read_record(path)

    return process


def seen(record: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return the switches that the engines got, and the notes on astrometry."""
    switches = {name: value for name, value in record["environment"].items() if name in OFF}
    return switches, [note for note in record["notes"] if "astrometry" in note]


def test_servers_that_answer_are_left_to_the_engines(run: Run, server: AstrometryServer) -> None:
    assert seen(run(server.variables)) == ({}, [])
    assert sorted(server.asked) == ["/availability", "/webservices/vo/CatalogSearch.aspx"]


@pytest.mark.parametrize("trouble", ["503", "silent", "closed", "no name"])
def test_servers_that_do_not_answer_are_left_out_and_the_record_says_so(
    trouble: str, run: Run, server: AstrometryServer
) -> None:
    server.status, server.silent = 503 if trouble == "503" else 200, trouble == "silent"
    variables = {"closed": at("http://127.0.0.1:9"), "no name": at("http://no-such-host.invalid")}
    switches, [note] = seen(run(variables.get(trouble, server.variables)))
    assert switches == OFF
    assert note.startswith("Better astrometry is left out (ASTROMETRY_APPLY_APRIORI=off, ")
    assert len(server.asked) == (2 if trouble in ("503", "silent") else 0)


def test_off_asks_nobody_and_variables_of_the_users_own_win(run: Run, server: AstrometryServer) -> None:
    server.status = 503
    record = run({**server.variables, "ASTROMETRY_COMPUTE_APOSTERIORI": "on"}, "--astrometry", "off")
    assert seen(record) == ({**OFF, "ASTROMETRY_COMPUTE_APOSTERIORI": "on"}, [])
    assert record["request"]["settings"]["astrometry"] == "off"
    assert server.asked == []
