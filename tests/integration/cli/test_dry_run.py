"""A dry run of real data through the console script, with the real CRDS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import raws
from tests.support.scripted import Script, install

LACKING = "u1t1616ql_wcp.fits"
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
    (tmp_path / "mine.fits").write_bytes(raws.raw("mine"))
    done = run(
        tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", "none", "--override", "flatfile=mine.fits",
        CRDS_PATH=str(crds_cache),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "FLATFILE  mine.fits" in done.stdout
    assert "Nothing would be published." in done.stdout


def test_an_override_that_is_no_fits_file_would_fail_the_run(
    shared_hst: Path, crds_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.fits").write_text("<html>Sign in</html>")
    words = ["ldfd01010", f"file:{shared_hst / 'inputs'}", "none", "--override", "FLATFILE=mine.fits"]
    done = run(tmp_path, *words, CRDS_PATH=str(crds_cache))
    assert done.returncode == 2
    assert "mine.fits' cannot be used as FLATFILE: it is an HTML page" in done.stderr


@pytest.mark.parametrize(("readonly", "status"), [("1", 27), ("0", 0)])
def test_without_a_cache_the_rest_of_the_plan_is_there(
    readonly: str, status: int, shared_hst: Path, tmp_path: Path
) -> None:
    """A run offsite would fill the cache; one on a read-only cache would fail."""
    variables = {"CRDS_PATH": str(tmp_path / "none"), "CRDS_READONLY_CACHE": readonly}
    done = run(tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", "none", **variables)
    assert done.returncode == status, done.stderr
    assert "References cannot be told without a run: There is no CRDS cache at" in done.stdout
    assert "calcos ldfd01010_asn.fits" in done.stdout
    assert ("A run would end with status 27: There is no CRDS cache" in done.stderr) is (status == 27)


@pytest.fixture
def lacking_cache(crds_cache: Path, tmp_path: Path) -> Path:
    """A cache that lacks one reference file of ldfd01010."""
    cache = tmp_path / "cache"
    (cache / "references" / "hst").mkdir(parents=True)
    for name in ("mappings", "config"):
        (cache / name).symlink_to(crds_cache / name)
    for path in (crds_cache / "references" / "hst").iterdir():
        if path.name != LACKING:
            (cache / "references" / "hst" / path.name).symlink_to(path)
    return cache


@pytest.mark.parametrize(("readonly", "status"), [("1", 27), ("0", 0)])
def test_a_reference_that_is_not_in_the_cache(
    readonly: str, status: int, shared_hst: Path, lacking_cache: Path, tmp_path: Path
) -> None:
    variables = {"CRDS_PATH": str(lacking_cache), "CRDS_READONLY_CACHE": readonly}
    done = run(tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", "none", "--json", **variables)
    assert done.returncode == status, done.stderr
    plan = json.loads(done.stdout)
    assert [one["name"] for one in plan["references"] if not one["in_cache"]] == [LACKING]
    assert (plan["status"], [one["status"] for one in plan["obstacles"]]) == (status, [27] * (status == 27))
    assert (LACKING in done.stderr) is (status == 27)
    text = run(tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", "none", **variables).stdout
    assert ("of which 1 would be downloaded" in text) is (status == 0)


def test_an_engine_that_is_not_installed_would_fail_the_run(shared_hst: Path, crds_cache: Path, tmp_path: Path) -> None:
    words = ["jbz504010", f"file:{shared_hst / 'inputs'}", "none"]
    done = run(tmp_path, *words, CRDS_PATH=str(crds_cache), PATH="/nowhere")
    assert done.returncode == 23
    assert "A run would end with status 23: calacs.e is not installed" in done.stderr
    assert "jbz504ejq_flt.fits" in done.stdout, "the rest of the plan is there"


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (["file:/proc/nowhere"], {}, "A run would end with status 1: /proc/nowhere"),
        (["none"], {"CALDP_HOME": "/proc/nowhere"}, "No work directory can be made"),
        (["none", "--work-dir", "used"], {}, "is not empty"),
    ],
    ids=["output", "home", "work directory"],
)
def test_a_place_that_cannot_be_written_would_fail_the_run(
    words: list[str], variables: dict[str, str], sentence: str, shared_hst: Path, crds_cache: Path, tmp_path: Path
) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "notes.txt").touch()
    done = run(tmp_path, "ldfd01010", f"file:{shared_hst / 'inputs'}", *words, CRDS_PATH=str(crds_cache), **variables)
    assert done.returncode == 1, done.stderr
    assert sentence in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["used"]


def test_inputs_that_would_be_downloaded_are_not(tmp_path: Path) -> None:
    for name in ("calacs.e", "runastrodriz"):
        install(tmp_path / "bin", name, Script())
    done = run(tmp_path, "j8cb010b0", "astroquery:", "file:out", PATH=str(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr
    assert "Inputs would be downloaded first, and were not looked for" in done.stdout
    assert "Product types: ASN RAW; engines: calacs.e and runastrodriz -n 1." in done.stdout
    (tmp_path / "bin" / "calacs.e").unlink()
    done = run(tmp_path, "j8cb010b0", "astroquery:", "s3://bucket/prefix", PATH=str(tmp_path / "bin"))
    assert done.returncode == 23
    assert "calacs.e is not installed" in done.stderr
    assert "Whether these can be written was not tried." in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["ldfd01010", "nowhere"], 21, "/nowhere'."),
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
