"""Fixtures: a simulated observation, a server that has its references, and somebody whose cache is empty or full."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.crds_server import CrdsServer, crds_server
from tests.support.offsite_user import User


@pytest.fixture(scope="session")
def observation(simulated: SimulatedObservation) -> SimulatedObservation:
    """The observation whose references are asked for; not to be changed."""
    return simulated


@pytest.fixture
def server(observation: SimulatedObservation) -> Iterator[CrdsServer]:
    with crds_server(observation.crds_cache, observation.context) as running:
        yield running


@pytest.fixture
def user(observation: SimulatedObservation, server: CrdsServer, tmp_path: Path) -> User:
    """Somebody whose cache is empty, but for its layout: simulated names do not tell their instrument."""
    shutil.copytree(observation.inputs, tmp_path / "data")
    config = tmp_path / "crds_cache" / "config" / "hst"
    config.mkdir(parents=True)
    (config / "ref_cache_subdir_mode").write_text("flat")
    return User(tmp_path, server.url, observation.crds_cache)


@pytest.fixture
def synced(user: User, server: CrdsServer, observation: SimulatedObservation) -> User:
    """Somebody whose cache was filled from the server."""
    for kind in ("mappings", "references"):
        shutil.copytree(observation.crds_cache / kind, user.cache / kind)
    config = user.cache / "config" / "hst"
    (config / "server_config").write_text(repr(server.rpc_get_server_info()))
    (config / "bad_files.txt").write_text("")
    return user
