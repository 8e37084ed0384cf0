"""Batches as a user starts them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.batch_site import BatchSite


@pytest.fixture
def site(simulated: SimulatedObservation, tmp_path: Path) -> Iterator[BatchSite]:
    """A user's directory with the raw files in `inputs`; none of its processes outlives a test."""
    shutil.copytree(simulated.inputs, tmp_path / "inputs")
    (tmp_path / "bin").mkdir()
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CRDS_PATH": str(simulated.crds_cache),
        "CRDS_CONTEXT": simulated.context,
        "CALDP_PREVIEWS": "false",  # they take longer than all else, and have tests of their own
    }
    site = BatchSite(tmp_path, environment)
    yield site
    site.end()
