"""A Batch job's surroundings: CALCLOUD's bucket, a CRDS bucket, and the four variables that a job definition sets."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import frozen

from caldp.calcloud import BucketLayout, DatasetName, JobCommand
from caldp.simulation import SimulatedObservation
from tests.support.faulty_proxy import FaultyProxy, faulty_proxy
from tests.support.s3_server import S3Server

BUCKET: Final = "calcloud-processing"
CRDS_BUCKET: Final = "hst-crds-cache"
VERSIONS: Final = {"AWSDPVER": "v0.2.28", "AWSYSVER": "v0.4.48", "CSYS_VER": "caldp_20261122"}


@frozen
class Request:
    """A request that S3 was sent, without what changes from run to run.

    Attributes
    ----------
    text
        Method, bucket and key, and what kind of request it is, such as ``PUT bucket/key part 1``.
    body
        Body of the request.
    """

    text: str
    body: bytes

    @classmethod
    def of(cls, method: str, path: str, body: bytes) -> Request:
        """Read a request's first line."""
        address = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        if "partNumber" in query:
            kind = f" part {query['partNumber']}"
        elif "list-type" in query:
            kind = f" list {query['prefix']}"
        else:
            kind = " multipart" if query else ""
        return cls(f"{method} {unquote(address.path).strip('/')}{kind}", body)


@frozen
class Account:
    """The AWS account that jobs run in.

    Attributes
    ----------
    s3
        Its S3, for the test's own look at it.
    proxy
        Proxy through which jobs reach S3; it records every request.
    home
        The jobs' home directory.
    """

    s3: S3Server
    proxy: FaultyProxy
    home: Path

    @property
    def cache(self) -> Path:
        """The jobs' CRDS cache."""
        return self.home / "crds_cache"

    @property
    def environment(self) -> dict[str, str]:
        """Variables that a job definition sets, and those of any process on AWS."""
        aws = {name: value for name, value in self.s3.environment.items() if name.startswith("AWS_")}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            **aws,
            "AWS_ENDPOINT_URL": self.proxy.url,
            **VERSIONS,
            "CRDSBUCKET": f"s3://{CRDS_BUCKET}",
        }

    @property
    def requests(self) -> Sequence[Request]:
        """Requests of jobs, in order."""
        return [
            Request.of(method, path, body)
            for (method, path), body in zip(self.proxy.requests, self.proxy.bodies, strict=True)
        ]

    def put(self, key: str, body: bytes = b"") -> None:
        """Put an object into CALCLOUD's bucket."""
        self.s3.client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def get(self, key: str) -> bytes:
        """Get an object of CALCLOUD's bucket."""
        content: bytes = self.s3.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def delete(self, key: str) -> None:
        """Delete an object of CALCLOUD's bucket."""
        self.s3.client.delete_object(Bucket=BUCKET, Key=key)

    def list(self, prefix: str = "") -> Sequence[str]:
        """List keys of CALCLOUD's bucket."""
        page = self.s3.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in page.get("Contents", ())]

    def run(self, program: str, *arguments: str, **exports: str) -> subprocess.CompletedProcess[str]:
        """Run one of our programs as a job does."""
        return subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=self.home,
            env={**self.environment, **exports},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def submit(self, dataset: str, **exports: str) -> subprocess.CompletedProcess[str]:
        """Run the command that CALCLOUD submits for a dataset."""
        return self.run(*JobCommand.for_bucket(BUCKET, DatasetName.parse(dataset)).to_argv(), **exports)


@contextmanager
def account_with(
    s3: S3Server, observation: SimulatedObservation, crds_contents: Mapping[str, bytes], home: Path
) -> Iterator[Account]:
    """Set up the two buckets, with a dataset that waits to be processed."""
    with faulty_proxy(s3.environment["AWS_ENDPOINT_URL"]) as proxy:
        account = Account(s3, proxy, home)
        s3.bucket(BUCKET)
        s3.bucket(CRDS_BUCKET, **crds_contents)
        layout, dataset = BucketLayout(BUCKET), DatasetName.parse(observation.dataset)
        account.put(layout.input_key(dataset), _tarball(observation.inputs))
        account.put(layout.features_key(dataset), b"n_files=2\ntotal_mb=30.1\nDETECTOR=NUV\nSUBARRAY=False\n")
        account.put(layout.control_key(dataset), b'{"retries": 0, "memory_retries": 0, "terminated": false}')
        account.put(f"crds_env_vars/{observation.context}")
        account.put(f"messages/submit-{dataset}")
        # Names of simulated references do not tell CRDS their instrument, as real ones do: only a flat cache has them.
        mode = account.cache / "config" / "hst" / "ref_cache_subdir_mode"
        mode.parent.mkdir(parents=True)
        mode.write_text("flat")
        yield account


def _tarball(directory: Path) -> bytes:
    """Pack files as CALCLOUD's inputs are packed: at the top level."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(directory.iterdir()):
            archive.add(path, path.name)
    return packed.getvalue()
