"""A dry run of real data through the console script, with the real CRDS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CALDP = str(Path(sys.executable).parent / "caldp")

pytestmark = pytest.mark.shared_data


def run(where: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CRDS_CONTEXT": "hst_0729.pmap", **environ}
    return subprocess.run(
        [CALDP, "process", *words, "--dry-run"], cwd=where, env=environment, capture_output=True, text=True, check=False
    )


def test_the_plan_of_a_real_association_is_complete_and_leaves_nothing(
    shared_hst: Path, crds_cache: Path, tmp_path: Path
) -> None:
    done = run(tmp_path, "LDFD01010", f"file:{shared_hst / 'inputs'}", "file:out", "--json", CRDS_PATH=str(crds_cache))
    assert (done.returncode, done.stderr) == (0, "")
    plan = json.loads(done.stdout)
    assert len(plan["inputs"]) == 9
    assert plan["context"] == "hst_0729.pmap"
    assert {"keyword", "name", "path", "in_cache", "exposures"} == set(plan["references"][0])
    assert all(reference["in_cache"] for reference in plan["references"])
    assert plan["commands"] == [{"stage": "stage1", "argv": ["calcos", "ldfd01010_asn.fits"]}]
    assert {"ldfd01010_x1dsum.fits", "ldfd01vnq_x1d.fits"} <= {product["name"] for product in plan["expected"]}
    assert plan["products"].startswith(str(tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_an_override_is_in_the_plan(shared_hst: Path, crds_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.fits").touch()
    done = run(
        tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", "none", "--override", "flatfile=mine.fits",
        CRDS_PATH=str(crds_cache),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "FLATFILE  mine.fits" in done.stdout
    assert "Nothing would be published." in done.stdout


def test_without_a_cache_the_rest_of_the_plan_is_there(shared_hst: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", "none", CRDS_PATH=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    assert "References cannot be told without a run: There is no CRDS cache at" in done.stdout
    assert "calcos ldfd01010_asn.fits" in done.stdout


def test_inputs_that_would_be_downloaded_are_not(tmp_path: Path) -> None:
    done = run(tmp_path, "j8cb010b0", "astroquery:", "file:out")
    assert done.returncode == 0, done.stderr
    assert "Wanted are ASN RAW; the engines would be calacs.e and runastrodriz -n 1." in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["ldfd01010", "file:nowhere"], 21, "There is no input directory 'nowhere'."),
        (["ldfd01010", "file:.", "none", "--override", "FLATFILE"], 2, "is not REFTYPE=FILE"),
        (["ldfd01010", "file:.", "none", "--override", "FLATFILE=gone.fits"], 2, "there is no file"),
        (["ldfd01010", "--layout", "forest"], 2, "command line: layout is 'forest'"),
        (["ldfd01010", "--timeout", "-1"], 2, "Expected a number of 0 or more."),
        (["ldfd01010", "-v", "-q"], 2, "contradict"),
    ],
)
def test_what_would_fail_a_run_fails_its_plan(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == status
    assert sentence in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
