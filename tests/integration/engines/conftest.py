"""Whole runs on the shared data: each dataset is processed once for all tests that look at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.integration.whole_runs.conftest import Site

# No test waits for MAST: drizzlepac tries three times, a minute apart.
OFFLINE = {"ASTROMETRY_COMPUTE_APOSTERIORI": "off", "ASTROMETRY_APPLY_APRIORI": "off"}


@frozen
class Processed:
    """A dataset that was processed.

    Attributes
    ----------
    status
        Exit status.
    said
        Standard error, where the outcome is told.
    home
        The dataset's directory in the output.
    """

    status: int
    said: str
    home: Path

    @property
    def products(self) -> set[str]:
        """Names of the science files that were published."""
        return {path.name for path in self.home.iterdir() if path.is_file()}

    @property
    def record(self) -> dict[str, Any]:
        """What the run says of itself."""
        return dict(json.loads((self.home / "logs" / "record.json").read_text()))

    @property
    def programs(self) -> list[str]:
        """The engines that were run."""
        return [engine["argv"][0] for engine in self.record["engines"]]


Process = Callable[..., Processed]


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


def run_engine(arguments: list[str], directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run an engine by itself, to see what it says of itself."""
    return subprocess.run(
        arguments, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=300,
        errors="replace",
    )  # fmt: skip
