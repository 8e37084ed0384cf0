"""Contexts that a server names or a bucket has, engines and settings that have changed; the CRDS library is real."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

import caldp
from caldp import Rung, Verdict
from caldp.domain.errors import BestrefsError
from caldp.domain.output.layout import LayoutKind
from caldp.domain.run.identity import EngineIdentity
from caldp.simulation.crds_cache import CONTEXT
from tests.support.calcloud_account import CRDS_BUCKET
from tests.support.crds_bucket import crds_objects
from tests.support.crds_server import CrdsServer, crds_server
from tests.support.faulty_proxy import FaultyProxy, cut_after
from tests.support.s3_server import S3Server
from tests.support.stale_place import NEW, StalePlace, write

FLAT = "simnuv_flat.fits"


@pytest.fixture
def output(place: StalePlace, tmp_path: Path) -> Path:
    write(tmp_path / "out", place.objects(LayoutKind.TREE))
    return tmp_path / "out"


@pytest.fixture
def server(place: StalePlace) -> Iterator[CrdsServer]:
    """A server whose context is not that of the cache's configuration, and which has withdrawn a flat."""
    with crds_server(place.cache, NEW) as server:
        server.withdrawn = [FLAT]
        yield server


def offsite(place: StalePlace, server: CrdsServer) -> dict[str, str]:
    return place.environment | {"CRDS_SERVER_URL": server.url, "CRDS_READONLY_CACHE": "0"}


def test_the_context_and_the_bad_files_of_a_server_count(output: Path, place: StalePlace, server: CrdsServer) -> None:
    (finding,) = caldp.stale(output, profile="offsite", environment=offsite(place, server))
    assert (finding.new_context, finding.verdict) == (NEW, Verdict.STALE)
    assert [(one.keyword, one.old, one.rung) for one in finding.withdrawn] == [("FLATFILE", FLAT, Rung.UNCHANGED)]
    assert server.requests["get_server_info"]
    assert [name for name in server.requests if name.endswith((".fits", "map"))] == [], "nothing is downloaded"


def test_a_context_can_be_named_that_is_not_the_servers(output: Path, place: StalePlace, server: CrdsServer) -> None:
    (finding,) = caldp.stale(output, context=CONTEXT, profile="offsite", environment=offsite(place, server))
    assert (finding.new_context, finding.verdict) == (CONTEXT, Verdict.CURRENT)


def test_a_context_that_neither_cache_nor_server_has_is_named(
    output: Path, place: StalePlace, server: CrdsServer
) -> None:
    with pytest.raises(BestrefsError, match=r"hst_4711\.pmap"):
        list(caldp.stale(output, context="hst_4711.pmap", profile="offsite", environment=offsite(place, server)))


def test_a_server_that_is_away_leaves_the_cache(output: Path, place: StalePlace, server: CrdsServer) -> None:
    environment = offsite(place, server) | {"CRDS_SERVER_URL": "http://127.0.0.1:9"}
    heard: list[str] = []
    findings = caldp.stale(output, profile="offsite", environment=environment, listener=lambda e: heard.append(str(e)))
    assert [one.new_context for one in findings] == [CONTEXT], "operational by the cache's copy of the configuration"
    assert "using the cache's copy of its configuration" in " ".join(heard)


def test_rules_can_lie_in_a_bucket_as_a_pickle(
    output: Path, place: StalePlace, s3: S3Server, proxy: FaultyProxy, tmp_path: Path
) -> None:
    """The cache has reference files, and no mappings; nothing is written to it. A connection breaks on the way."""
    proxy.on("GET", r"pickles/", cut_after(1000))
    s3.bucket(CRDS_BUCKET, **dict(crds_objects(place.cache, NEW, pickled=True, names=())))
    cache = tmp_path / "cache"
    shutil.copytree(place.cache, cache, ignore=shutil.ignore_patterns("*map"), symlinks=True)
    before = sorted(cache.rglob("*"))
    environment = {
        **{name: value for name, value in s3.environment.items() if not name.startswith("CRDS_")},
        **dict.fromkeys(("CRDS_CONFIG_URI", "CRDS_PICKLE_URI"), "None"),  # as CRDS writes into whoever imports it
        "AWS_ENDPOINT_URL": proxy.url, "HOME": str(tmp_path), "CRDS_PATH": str(cache), "CRDSBUCKET": f"s3://{CRDS_BUCKET}",
        "CRDS_USE_PICKLED_CONTEXTS": "1",
    }  # fmt: skip
    (finding,) = caldp.stale(output, context=NEW, profile="aws", environment=environment)
    assert (finding.new_context, finding.verdict) == (NEW, Verdict.STALE)
    assert finding.reason == "LAMPTAB simnuv_lamp.fits -> newnuv_lamp.fits"
    assert sorted(cache.rglob("*")) == before


def test_engines_and_settings_of_the_run_are_compared_with_those_of_now(place: StalePlace, tmp_path: Path) -> None:
    """An HSTCAL program is asked for its version; the profile may be other than that of the run."""
    program = tmp_path / "bin" / "cs0.e"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '3.10.0 (01-Jan-2027)'\n")
    program.chmod(0o755)
    used = {"cs0.e": "3.9.1 (01-Jan-2026)", "calacs.e": "10.4.0 (01-Jan-2026)"}
    engines = tuple(EngineIdentity(name, f"/old/{name}", version) for name, version in used.items())
    settings = {"previews": True, "astrometry": "auto", "crds_context": "hst_0001.pmap", "timeout": 5.0}
    record = evolve(place.record, programs=engines, request={"settings": settings})
    write(tmp_path / "out", evolve(place, record=record).objects(LayoutKind.TREE))
    environment = place.environment | {"PATH": str(program.parent), "CALDP_PREVIEWS": "false"}
    (finding,) = caldp.stale(tmp_path / "out", context=CONTEXT, environment=environment)
    assert finding.remarks == (
        "engine cs0.e 3.9.1 (01-Jan-2026) -> 3.10.0 (01-Jan-2027)", "setting previews True -> False",
    )  # fmt: skip
    assert finding.verdict is Verdict.CURRENT
