"""Modes with the real engines: made as the documentation says, with the engines' own pixels, and judged right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.modes import read_modes

pytestmark = pytest.mark.engines

OF_COS: Final = (
    "COS FUV TIME-TAG of one segment", "COS NUV imaging ACCUM", "COS NUV wavecal alone", "COS NUV ACQ/IMAGE",
    "COS NUV TIME-TAG without events",
)  # fmt: skip
OF_HSTCAL: Final = ("ACS WFC subarray CR-SPLIT with CTE correction", "STIS FUV-MAMA E140M echelle")
ROOT: Final = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "modes", [pytest.param(OF_COS, id="calcos"), pytest.param(OF_HSTCAL, id="hstcal", marks=pytest.mark.hstcal)]
)
def test_modes_are_judged_right(modes: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    words = ("-m", "benchmarks.modes", "--no-switches", "--json", str(file), *modes)
    # calacs's threads would spin while they wait for each other: two thirds of its time.
    environment = {**os.environ, "TMPDIR": str(tmp_path), "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    rows: dict[str, dict[str, Any]] = {
        row["mode"]: row for row in map(json.loads, file.read_text().splitlines()) if row["mode"] in modes
    }
    assert set(rows) == set(modes), done.stdout + done.stderr
    assert {row["verdict"] for row in rows.values()} == {"right"}, done.stdout
    assert sum(row["identical"] for row in rows.values()) == sum(row["delivered"] for row in rows.values()) > 0
    assert done.returncode == 0, done.stdout
    documented = read_modes()
    for name, row in rows.items():
        assert set(row["suffixes"]) == set(documented[name]["products"].split()), name
        stays = "; ".join(f"{suffix}: {' '.join(left)}" for suffix, left in row["stays"].items())
        assert stays == documented[name]["stays"], name
