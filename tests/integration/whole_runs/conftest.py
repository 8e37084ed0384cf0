"""Whole runs: the console script on simulated and real observations."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.site import Site


@pytest.fixture
def site(simulated: SimulatedObservation, tmp_path: Path) -> Site:
    """A user's directory, whose name has blanks, with the simulated cache exported."""
    directory = tmp_path / "a user's directory"
    directory.mkdir()
    return Site(directory, {"CRDS_PATH": str(simulated.crds_cache), "CRDS_CONTEXT": simulated.context})
