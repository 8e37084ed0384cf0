"""Whole runs on a simulated observation: the library, reruns, several runs at once, awkward places."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import caldp
from caldp.domain.exit_codes import ExitCode
from caldp.simulation import SimulatedObservation, compare_with_truth
from tests.support.site import Site

pytestmark = pytest.mark.engines


def environment(simulated: SimulatedObservation, home: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CRDS_PATH": str(simulated.crds_cache),
        "CRDS_CONTEXT": simulated.context,
        "CALDP_HOME": str(home),
    }


def test_the_library_returns_a_typed_outcome_and_changes_nothing_around_it(
    simulated: SimulatedObservation, tmp_path: Path
) -> None:
    before = dict(os.environ), Path.cwd(), list(logging.getLogger().handlers), logging.getLogger().level
    outcome = caldp.process(
        simulated.dataset,
        f"file:{simulated.inputs}",
        f"file:{tmp_path / 'out'}",
        profile="onsite",
        environment=environment(simulated, tmp_path),
    )
    assert (dict(os.environ), Path.cwd(), list(logging.getLogger().handlers), logging.getLogger().level) == before
    assert outcome.status is ExitCode.SUCCESS
    assert outcome.receipt is not None
    product = Path(outcome.receipt.location) / simulated.product
    assert compare_with_truth(product, simulated.truth).agrees
    assert all(step.usage.wall_seconds >= 0 for step in outcome.steps)
    assert outcome.record.engines[0].usage.max_rss_bytes > 50e6
    assert len(outcome.references) == 10


def test_a_rerun_gives_the_same_tree_without_anything_stale(simulated: SimulatedObservation, site: Site) -> None:
    command = ("process", "-q", simulated.dataset, f"file:{simulated.inputs}", "file:out")
    assert site.run(*command).returncode == 0
    first = site.files()
    stale = site.directory / "out" / "data" / "cos" / simulated.dataset / "lsim01a9q_x1d.fits"
    stale.write_text("made of an exposure that the association no longer has")
    assert site.run(*command).returncode == 0
    assert site.files() == first


def test_two_runs_at_once_do_not_meet(simulated: SimulatedObservation, site: Site) -> None:
    def run(output: str) -> int:
        return site.run("process", "-q", simulated.dataset, f"file:{simulated.inputs}", output).returncode

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, ["file:one", "file:two"])) == [0, 0]
    trees = [[name.partition("/")[2] for name in site.files() if name.startswith(place)] for place in ("one/", "two/")]
    assert trees[0] == trees[1] != []


def test_a_home_deep_down_is_no_problem(simulated: SimulatedObservation, site: Site) -> None:
    deep = site.directory.joinpath(*["a directory with quite a long name"] * 7)
    command = ("process", "-q", simulated.dataset, f"file:{simulated.inputs}", "file:out")
    assert site.run(*command, CALDP_HOME=str(deep)).returncode == 0


def test_inputs_of_two_datasets_in_one_directory_do_not_mix(simulated: SimulatedObservation, site: Site) -> None:
    inputs = site.directory / "inputs"
    shutil.copytree(simulated.inputs, inputs)
    shutil.copy(inputs / "lsim01a1q_rawtag.fits", inputs / "lsim01b7q_rawtag.fits")
    shutil.copy(inputs / "lsim01a1q_rawtag.fits", inputs / "lsim02a1q_rawtag.fits")
    assert site.run("process", "-q", simulated.dataset, "file:inputs", "file:out").returncode == 0
    assert not [name for name in site.files() if name.startswith("out/") and ("lsim01b7q" in name or "lsim02" in name)]


def test_nothing_reaches_the_network(simulated: SimulatedObservation, site: Site) -> None:
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not make a network namespace (unshare --net)")
    caldp_program = str(Path(sys.executable).with_name("caldp"))
    command = ["unshare", "--net", caldp_program, "process", "-q", simulated.dataset, f"file:{simulated.inputs}"]
    done = subprocess.run(
        [*command, "none"],
        cwd=site.directory,
        env={**environment(simulated, site.directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
