"""A file of variables among the inputs runs nothing, and engines never see the caller's credentials: real children."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.app.calibration.engine_environment import engine_environment
from caldp.app.ports.calibration_runner import EngineCall
from caldp.app.process.flow import WorkDirectory
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.events import Event, Level, Note
from caldp.domain.run.settings import Settings

DATASET = DatasetName.parse("j8cb010b0")
ENGINE = "import json, os, sys; print(json.dumps(dict(os.environ)))"


@pytest.fixture
def work(tmp_path: Path) -> WorkDirectory:
    work = WorkDirectory(tmp_path / "work")
    work.data.mkdir(parents=True)
    return work


def attack(mark: Path) -> dict[str, str]:
    """Return variables by which Python itself starts a shell: a warning's category is imported, and opens a browser."""
    return {
        "PYTHONWARNINGS": "all:0:antigravity.x:0:0",
        "BROWSER": f'/bin/sh -c "touch {mark}" %s',
        "LD_PRELOAD": f"{mark}.so",
        "OMP_TOOL_LIBRARIES": f"{mark}.so",
        "MPLBACKEND": "module://evil",
        "HTTPS_PROXY": "http://evil.example",
    }


def run(work: WorkDirectory, environment: dict[str, str]) -> dict[str, str]:
    """Run a Python "engine", and return the environment that it saw."""
    call = EngineCall((sys.executable, "-c", ENGINE), work.data, environment)
    result = SubprocessRunner().run(call, lambda _event: None)
    assert result.completion.status == 0
    seen: dict[str, str] = json.loads(result.tail[-1])
    return seen


def test_the_attack_works_where_nothing_keeps_it_out(work: WorkDirectory, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    variables = attack(mark)
    shell = {name: variables[name] for name in ("PYTHONWARNINGS", "BROWSER")}
    run(work, {"PATH": os.environ["PATH"], **shell})
    assert mark.exists()


def test_a_file_among_the_inputs_starts_no_shell(work: WorkDirectory, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    lines = [f"{name}={value}" for name, value in attack(mark).items()]
    lines.append("ASTROMETRY_APPLY_APRIORI=off")
    (work.data / "j8cb010b0_cal_env.txt").write_text("\n".join(lines))
    told: list[Event] = []
    caller = {**os.environ, "AWS_SECRET_ACCESS_KEY": "opensesame", "MAST_API_TOKEN": "opensesame"}
    environment = engine_environment(DATASET, Settings(profile="onsite"), caller, tmp_path, work, told.append)
    seen = run(work, environment)
    assert not mark.exists()
    assert seen["ASTROMETRY_APPLY_APRIORI"] == "off"
    assert not {*attack(mark)} & {*seen} - {"MPLBACKEND", "HTTPS_PROXY"}
    assert seen["MPLBACKEND"] == environment["MPLBACKEND"] != "module://evil"
    assert "evil" not in json.dumps(seen)
    assert "opensesame" not in json.dumps(seen)
    warnings = [event.text for event in told if isinstance(event, Note) and event.level is Level.WARNING]
    assert [text.split()[3] for text in warnings] == [*attack(mark)]
