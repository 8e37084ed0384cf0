"""A simulated observation whose record is asked about."""

from __future__ import annotations

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.stale_place import StalePlace, make_place


@pytest.fixture(scope="session")
def place(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> StalePlace:
    """A simulated observation and a newer context; not to be changed."""
    return make_place(simulated, tmp_path_factory.mktemp("stale"))
