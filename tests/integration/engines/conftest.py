"""Whole runs on the shared data: each dataset is processed once for all tests that look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.engine_runs import OFFLINE, Process, Processed
from tests.support.site import Site


@pytest.fixture(scope="session")
def process(shared_hst: Path, tmp_path_factory: pytest.TempPathFactory) -> Process:
    """Return a function that processes a dataset from a directory, by default that of the shared inputs."""
    runs: dict[tuple[str, ...], Processed] = {}

    def run(
        dataset: str, context: str = "hst_0729.pmap", inputs: Path = shared_hst / "inputs", options: str = ""
    ) -> Processed:
        key = (dataset, context, str(inputs), options)
        if key not in runs:
            directory = tmp_path_factory.mktemp(dataset)
            exports = {"CRDS_PATH": str(shared_hst / "crds_cache"), "CRDS_CONTEXT": context, **OFFLINE}
            site = Site(directory, exports)
            done = site.run("process", "-q", dataset, f"file:{inputs}", "file:out", *options.split())
            (home,) = (directory / "out" / "data").glob(f"*/{dataset}")
            runs[key] = Processed(done.returncode, done.stderr, home)
        return runs[key]

    return run


@pytest.fixture
def unpacked(shared_hst: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that unpacks a shared dataset's inputs into a directory that may be changed."""

    def unpack(dataset: str) -> Path:
        directory = tmp_path / f"inputs of {dataset}"
        shutil.unpack_archive(shared_hst / "inputs" / f"{dataset}.tar.gz", directory, filter="data")
        for path in directory.iterdir():
            path.chmod(0o644)
        return directory

    return unpack


@pytest.fixture
def environment(crds_cache: Path) -> dict[str, str]:
    """An environment in which the engines find every reference of the shared cache."""
    references = f"{crds_cache}/references/hst/"
    paths = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return {**paths, **OFFLINE, **dict.fromkeys(("iref", "jref", "lref", "oref"), references)}
