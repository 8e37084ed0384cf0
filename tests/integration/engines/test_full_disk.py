"""Engines on a disk that is full before they are done: a real file system of a few megabytes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.app.calibration.work_files import room_left
from tests.support.engine_runs import OFFLINE
from tests.support.scripted import SIGSEGV, Script, environment_with, install
from tests.support.site import Site


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of its own; its size is the test's parameter."""
    place = tmp_path / "small"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(place)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"needs the right to mount a tmpfs: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def process(site: Site, shared_hst: Path, dataset: str, home: Path, **environ: str) -> tuple[int, str]:
    done = site.run("process", "-q", dataset, f"file:{shared_hst / 'inputs'}", "none", CALDP_HOME=str(home), **environ)
    return done.returncode, done.stderr


@pytest.fixture
def site(crds_cache: Path, tmp_path: Path) -> Site:
    return Site(tmp_path, {"CRDS_PATH": str(crds_cache), "CRDS_CONTEXT": "hst_0729.pmap", **OFFLINE})


@pytest.mark.shared_data
@pytest.mark.hstcal
@pytest.mark.parametrize("small_disk", ["12m"], indirect=True)
def test_calacs_on_a_full_disk(site: Site, shared_hst: Path, small_disk: Path) -> None:
    """By itself it ends with status 2 and says no more than "CFITSIO status 106"."""
    status, said = process(site, shared_hst, "jbz504010", small_disk)
    assert status == 23, said
    assert f"The disk of the work directory '{small_disk}" in said
    assert "and calacs.e ended with status 2" in said


@pytest.mark.shared_data
@pytest.mark.parametrize("small_disk", ["30m"], indirect=True)
def test_an_engine_that_crashes_on_a_full_disk(site: Site, shared_hst: Path, small_disk: Path, tmp_path: Path) -> None:
    script = Script(files={"large.fits": bytes(40_000_000)}, status=SIGSEGV)
    install(tmp_path / "bin", "calcos", script)
    status, said = process(site, shared_hst, "ldfd01010", small_disk, **environment_with(tmp_path / "bin"))
    assert status == 23, said
    first = next(line for line in said.splitlines() if "ERROR" in line)
    assert "is full" in first
    assert "SIGSEGV" in first
    assert first.index("is full") < first.index("SIGSEGV")


@pytest.mark.parametrize("small_disk", ["1m,nr_inodes=20"], indirect=True)
def test_files_are_counted_too(small_disk: Path) -> None:
    room = room_left(small_disk)
    assert room is not None
    assert room.free_files is not None
    for number in range(room.free_files):
        (small_disk / str(number)).touch()
    used_up = room_left(small_disk)
    assert used_up is not None
    assert (used_up.free_files, used_up.is_used_up) == (0, True)


def test_a_directory_that_is_gone_has_no_known_room(tmp_path: Path) -> None:
    assert room_left(tmp_path / "gone") is None
