"""S3 server of this machine, for programs that run as processes of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any

import boto3
from attrs import field, frozen


@frozen
class S3Server:
    """A running server.

    Attributes
    ----------
    environment
        Variables with which a process finds it.
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
