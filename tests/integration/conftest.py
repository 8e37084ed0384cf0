"""An S3 server of this machine, for programs that run as processes of their own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from attrs import field, frozen
from botocore.loaders import create_loader
from moto.server import ThreadedMotoServer

from tests.fakes.faulty_proxy import FaultyProxy, faulty_proxy


@frozen
class S3Server:
    """A running server.

    Attributes
    ----------
    environment
        What a process needs in its environment to find it.
    client
        A boto3 client of it.
    """

    environment: Mapping[str, str]
    client: Any = field(repr=False)

    def bucket(self, name: str, **objects: bytes) -> None:
        """Make a bucket with objects."""
        self.client.create_bucket(Bucket=name)
        for key, body in objects.items():
            self.client.put_object(Bucket=name, Key=key, Body=body)


@pytest.fixture(scope="session", autouse=True)
def _one_reading_of_botocore() -> Iterator[None]:
    """Read botocore's descriptions of AWS once: each session that the program opens would, for half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it reports every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@contextmanager
def empty_s3(moto: str) -> Iterator[S3Server]:
    """Give out an S3 server that is empty before and after."""
    variables = {
        "AWS_ENDPOINT_URL": moto,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    client = boto3.client(
        "s3", endpoint_url=moto, aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
    )
    yield S3Server({**os.environ, **variables}, client)
    with closing(HTTPConnection(moto.removeprefix("http://"))) as connection:
        connection.request("POST", "/moto-api/reset")
        assert connection.getresponse().status == 200
    client.close()


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
