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
from attrs import frozen

import caldp
from caldp.domain.exit_codes import ExitCode
from caldp.simulation import SimulatedObservation, compare_with_truth
from tests.support.identity import assert_same_files
from tests.support.records import read_record
from tests.support.site import CALDP, Site

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


@pytest.fixture(scope="module")
def pair(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Process the same inputs twice at the same time, from one directory, to the outputs `one` and `two`.

    The second run starts its engines as usual, and not from libraries that were imported before.
    """
    exports = {"CRDS_PATH": str(simulated.crds_cache), "CRDS_CONTEXT": simulated.context}
    site = Site(tmp_path_factory.mktemp("a pair"), exports)

    def run(output: str, warm: str) -> tuple[int, str]:
        words = ("process", "-q", simulated.dataset, f"file:{simulated.inputs}", output)
        done = site.run(*words, CALDP_WARM_ENGINES=warm)
        return done.returncode, done.stderr

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, ["file:one", "file:two"], ["true", "false"])) == [(0, "")] * 2
    return site


def tree(site: Site, output: str) -> list[str]:
    return [name.partition("/")[2] for name in site.files() if name.startswith(f"{output}/")]


def test_two_runs_at_once_do_not_meet(pair: Site) -> None:
    assert tree(pair, "one") == tree(pair, "two") != []


def test_two_runs_differ_in_volatile_cards_alone(simulated: SimulatedObservation, pair: Site) -> None:
    homes = (pair.directory / output / "data" / "cos" / simulated.dataset for output in ("one", "two"))
    first, second = (read_record(home / "logs" / "record.json") for home in homes)
    assert {engine["is_warm"] for engine in second["engines"]} == {False}
    started = {engine["is_warm"] for engine in first["engines"] if engine["argv"][0] == "calcos"}
    assert started == {sys.platform == "linux"}  # what combines exposures starts as usual
    assert_same_files(first, second)


def test_a_rerun_gives_the_same_tree_without_anything_stale(simulated: SimulatedObservation, pair: Site) -> None:
    first = tree(pair, "one")
    stale = pair.directory / "one" / "data" / "cos" / simulated.dataset / "lsim01a9q_x1d.fits"
    stale.write_text("made of an exposure that the association no longer has")
    done = pair.run("process", "-q", simulated.dataset, f"file:{simulated.inputs}", "file:one")
    assert done.returncode == 0, done.stderr
    assert tree(pair, "one") == first


WITHOUT_NETWORK = ["unshare", "--net"]


@frozen
class Awkward:
    """A run with a home deep down, files of other datasets among its inputs, and no network.

    Attributes
    ----------
    site
        Directory of the run, with the output `out`.
    done
        How it ended.
    has_network
        Whether this user may not take the network away.
    """

    site: Site
    done: subprocess.CompletedProcess[str]
    has_network: bool


@pytest.fixture(scope="module")
def awkward(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Awkward:
    directory = tmp_path_factory.mktemp("awkward")
    inputs = directory / "inputs"
    shutil.copytree(simulated.inputs, inputs)
    for name in ("lsim01b7q", "lsim02a1q"):
        shutil.copy(inputs / "lsim01a1q_rawtag.fits", inputs / f"{name}_rawtag.fits")
    deep = directory.joinpath(*["a directory with quite a long name"] * 7)
    may_not = shutil.which("unshare") is None or subprocess.run([*WITHOUT_NETWORK, "true"], check=False).returncode
    done = subprocess.run(
        [*([] if may_not else WITHOUT_NETWORK), CALDP, "process", "-q", simulated.dataset, "file:inputs", "file:out"],
        cwd=directory, env={**environment(simulated, directory), "CALDP_HOME": str(deep)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Awkward(Site(directory), done, bool(may_not))


def test_a_home_deep_down_is_no_problem(awkward: Awkward) -> None:
    assert awkward.done.returncode == 0, awkward.done.stderr


def test_inputs_of_two_datasets_in_one_directory_do_not_mix(awkward: Awkward) -> None:
    made = tree(awkward.site, "out")
    assert "messages/datasets-processed/lsim01010" in made
    assert [name for name in made if "lsim01b7q" in name or "lsim02" in name] == []


def test_nothing_reaches_the_network(awkward: Awkward) -> None:
    if awkward.has_network:
        pytest.skip("this user may not make a network namespace (unshare --net)")
    assert awkward.done.returncode == 0, awkward.done.stderr
