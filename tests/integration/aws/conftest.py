"""Accounts of AWS on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.calcloud_account import Account, account_with
from tests.support.crds_bucket import crds_objects
from tests.support.s3_server import S3Server


@pytest.fixture(scope="session")
def observation(simulated: SimulatedObservation) -> SimulatedObservation:
    """The association that jobs process; not to be changed."""
    return simulated


@pytest.fixture(scope="session")
def crds_contents(observation: SimulatedObservation) -> Mapping[str, bytes]:
    """Contents of the CRDS bucket, by key."""
    return dict(crds_objects(observation.crds_cache, observation.context, pickled=True))


@pytest.fixture
def account(
    s3: S3Server, observation: SimulatedObservation, crds_contents: Mapping[str, bytes], tmp_path: Path
) -> Iterator[Account]:
    """CALCLOUD's bucket with a dataset that waits to be processed, and the CRDS bucket; references are in the cache."""
    with account_with(s3, observation, crds_contents, tmp_path) as account:
        references = Path("references", "hst")
        shutil.copytree(observation.crds_cache / references, account.cache / references)
        yield account
