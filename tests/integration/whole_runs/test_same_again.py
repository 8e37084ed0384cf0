"""Two runs of HSTCAL on the same inputs: their products are equal in all that is not volatile.

`tests/integration/whole_runs/test_simulated_cos.py` has two of calcos.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.simulation import simulate
from tests.support.identity import assert_same_files
from tests.support.records import read_record
from tests.support.site import Site


@pytest.mark.hstcal
def test_two_runs_differ_in_volatile_cards_alone(tmp_path: Path) -> None:
    observation = simulate("stis", tmp_path / "simulated")
    records = []
    for name in ("first", "second run"):
        site = Site(tmp_path / name, {"CRDS_PATH": str(observation.crds_cache), "CRDS_CONTEXT": observation.context})
        site.directory.mkdir()
        done = site.run("process", "-q", str(observation.dataset), f"file:{observation.inputs}", "file:out")
        assert done.returncode == 0, done.stderr
        (path,) = site.directory.rglob("record.json")
        records.append(read_record(path))
    assert {engine["is_warm"] for record in records for engine in record["engines"]} == {False}
    assert_same_files(*records)
