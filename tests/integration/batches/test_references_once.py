"""References of a batch come once from a real server, and its jobs ask nobody and write nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.batches.engines import Engine
from caldp.batches.manifest import read
from caldp.batches.prepared import PreparedBatch
from caldp.batches.run import prepare
from caldp.cli.batch.show import show_plan
from caldp.domain.batch.events import BatchEvent
from caldp.domain.run.events import Note
from caldp.simulation import SimulatedObservation
from tests.support.batch_site import BatchSite
from tests.support.crds_server import CrdsServer, crds_server

NAMES = ("lsim01010", "lsim01a1q", "lsim01a2q")
SHARED = "simnuv_flat.fits"


@pytest.fixture
def server(simulated: SimulatedObservation) -> Iterator[CrdsServer]:
    with crds_server(simulated.crds_cache, simulated.context) as server:
        yield server


def prepared(site: BatchSite, server: CrdsServer, *names: str, is_dry: bool = False) -> PreparedBatch:
    """Prepare a batch of somebody whose CRDS cache is empty, and whose engine fails at once."""
    site.engine("#!/bin/sh\nexit 3\n")
    home, config = site.directory / "home", site.directory / "cache" / "config" / "hst"
    for place in (home, config):
        place.mkdir(parents=True)
    (config / "ref_cache_subdir_mode").write_text("flat")  # simulated names do not tell their instrument
    environment = {
        **site.environment, "CRDS_PATH": str(site.directory / "cache"), "CRDS_SERVER_URL": server.url,
        "CALDP_HOME": str(home), "CALDP_INPUT": "", "CRDS_CONTEXT": "",
    }  # fmt: skip
    return prepare(
        read(names), site.directory / "inputs", site.directory / "out", profile="offsite", environment=environment,
        is_dry=is_dry,
    )  # fmt: skip


def stamps(cache: Path) -> dict[str, int]:
    return {str(path.relative_to(cache)): path.stat().st_mtime_ns for path in cache.rglob("*")}


def test_each_file_is_downloaded_once_and_jobs_find_all_in_the_cache(site: BatchSite, server: CrdsServer) -> None:
    batch, cache = prepared(site, server, *NAMES), site.directory / "cache"
    gathered: list[tuple[Counter[str], dict[str, int]]] = []

    def listener(event: BatchEvent) -> None:
        if isinstance(event, Note) and "are in the CRDS cache for all datasets" in event.text:
            gathered.append((Counter(server.requests), stamps(cache)))

    outcome = batch.run(Engine(), listener=listener)
    assert [job.status for job in outcome.jobs] == [23, 23, 23], "the engine was reached"
    ((requests, files),) = gathered
    assert requests[SHARED] == 1
    assert {name: count for name, count in requests.items() if name.endswith(("fits", "map")) and count != 1} == {}
    assert server.requests == requests, "no job has asked the server"
    assert stamps(cache) == files, "no job has written to the cache"
    records = [json.loads(path.read_text()) for path in (site.directory / "out").rglob("record.json")]
    assert [record["context"] for record in records] == [server.context] * 3
    assert all(SHARED in [reference["name"] for reference in record["references"]] for record in records)


def test_a_dry_run_tells_the_gigabytes_that_are_to_be_fetched(
    site: BatchSite, server: CrdsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = prepared(site, server, *NAMES, is_dry=True)
    assert show_plan(batch, as_json=True) == 0
    plan = json.loads(capsys.readouterr().out)
    there = {path.name: path.stat().st_size for path in map(server.path, server.names(".fits"))}
    references = plan["references"]
    assert (references["present"], references["unassigned"], references["unsized"]) == (0, 0, 0)
    assert 0 < references["missing"] <= len(there)
    assert max(there.values()) <= references["missing_bytes"] <= sum(there.values())
    assert not [name for name in server.requests if name.endswith(".fits")], "rules were fetched, and no reference"
    sizes = [path.stat().st_size for path in sorted((site.directory / "inputs").glob("*_rawtag*"))]
    assert [run["input_bytes"] for run in plan["runs"]] == [sum(sizes), *sizes]
    assert not (site.directory / "out").exists()
    assert list((site.directory / "home").iterdir()) == []
