"""Fixtures: a simulated observation, an S3 server of this machine, and a proxy before it that makes trouble."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache, partial
from types import SimpleNamespace

import pytest
from botocore.loaders import create_loader
from moto.server import ThreadedMotoServer

from caldp.simulation import SimulatedObservation, observation_in, simulate
from tests.support.faulty_proxy import FaultyProxy, faulty_proxy
from tests.support.made_once import made_once
from tests.support.s3_server import S3Server, empty_s3


@pytest.fixture(scope="session", autouse=True)
def _one_reading_of_botocore() -> Iterator[None]:
    """Read botocore's descriptions of AWS once: each session that the program opens would, for half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    """A simulated COS association with its CRDS cache, made once for all workers; not to be changed."""
    return observation_in(made_once(tmp_path_factory, "simulated", partial(simulate, "cos")), "cos")


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it reports every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(_moto: str) -> Iterator[S3Server]:
    """An empty S3 server."""
    with empty_s3(_moto) as server:
        yield server


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests be tried again at once; how long one waits is not what is tested."""
    for clock in ("botocore.endpoint.time", "tenacity.nap.time"):
        monkeypatch.setattr(clock, SimpleNamespace(sleep=lambda _seconds: None))
    monkeypatch.setattr("urllib3.util.Retry.sleep", lambda _self, _response=None: None)


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[FaultyProxy]:
    """A proxy before the S3 server, which makes trouble on demand."""
    with faulty_proxy(s3.environment["AWS_ENDPOINT_URL"]) as proxy:
        yield proxy
