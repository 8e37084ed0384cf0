"""Runs that are stopped or killed from outside, and what is left of them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from caldp.simulation import SimulatedObservation
from tests.support.stis_pair import simulate_pair
from tests.support.stopped_runs import STUBBORN, Bench


@pytest.fixture
def bench(simulated: SimulatedObservation, tmp_path: Path) -> Iterator[Bench]:
    """A bench; none of its processes outlives a test, whatever comes of it."""
    (tmp_path / "bin").mkdir()
    environment = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CRDS_PATH": str(simulated.crds_cache),
        "CRDS_CONTEXT": simulated.context,
    }
    bench = Bench(tmp_path, simulated, environment)
    bench.install(STUBBORN)
    yield bench
    bench.end()


@pytest.fixture
def two_engines(bench: Bench, tmp_path: Path) -> Bench:
    """A bench whose runs calibrate two exposures side by side."""
    pair = simulate_pair(tmp_path / "stis")
    exports = {"CRDS_PATH": str(pair.crds_cache), "CRDS_CONTEXT": pair.context, "CALDP_EXPOSURES_AT_ONCE": "2"}
    bench.install(STUBBORN, "cs0.e")
    return evolve(bench, simulated=pair, environment={**bench.environment, **exports})


@pytest.fixture
def stall() -> Iterator[threading.Event]:
    """Event for which a server waits before it answers."""
    event = threading.Event()
    yield event
    event.set()
