"""Two runs of real engines on the same inputs: their products are equal in all that is not volatile.

The second run starts its engines as usual, and not from libraries that were imported before.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from caldp.simulation import simulate
from tests.support.records import read_record
from tests.support.site import Site

OFFLINE = {"ASTROMETRY_COMPUTE_APOSTERIORI": "off", "ASTROMETRY_APPLY_APRIORI": "off"}


@pytest.mark.parametrize(
    "instrument",
    [
        pytest.param("cos", marks=pytest.mark.engines),
        pytest.param("stis", marks=pytest.mark.hstcal),
    ],
)
def test_two_runs_differ_in_volatile_cards_alone(instrument: str, tmp_path: Path) -> None:
    observation = simulate(instrument, tmp_path / "simulated")
    records: list[dict[str, Any]] = []
    for name, warm in (("first", "true"), ("second run", "false")):
        site = Site(tmp_path / name, {"CRDS_PATH": str(observation.crds_cache), "CRDS_CONTEXT": observation.context})
        site.directory.mkdir()
        words = ("process", "-q", str(observation.dataset), f"file:{observation.inputs}", "file:out")
        done = site.run(*words, **OFFLINE, CALDP_WARM_ENGINES=warm)
        assert done.returncode == 0, done.stderr
        (path,) = site.directory.rglob("record.json")
        records.append(read_record(path))
    first, second = records
    assert {engine["is_warm"] for engine in second["engines"]} == {False}
    started = {engine["is_warm"] for engine in first["engines"] if engine["argv"][0] in ("calcos", "cs0.e")}
    assert started == {instrument == "cos" and sys.platform == "linux"}  # what combines exposures starts as usual
    assert first["request_digest"] == second["request_digest"]
    assert first["programs"] == second["programs"]
    assert first["references"] == second["references"]
    for kind in ("inputs", "prepared", "products"):
        digests = [{item["name"]: item["hdus"] for item in record[kind]} for record in records]
        assert digests[0].keys() == digests[1].keys()
        differing = [name for name in digests[0] if digests[0][name] != digests[1][name]]
        assert differing == [], kind
    assert any(item["hdus"] for item in first["products"])
