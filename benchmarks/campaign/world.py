"""World of all tries: the datasets, the products of good runs, and an S3 server."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from benchmarks.campaign.attempt import Try
from benchmarks.campaign.judging import judge
from benchmarks.campaign.outputs import BucketOutput, DirectoryOutput
from benchmarks.campaign.subject import INSTRUMENTS, Subject, make_subjects

LAYOUTS = ("tree", "calcloud")


@frozen
class Good:
    """A good run.

    Attributes
    ----------
    objects
        Objects that it published, by layout.
    lines
        Number of lines that it wrote.
    """

    objects: Mapping[str, Mapping[str, bytes]]
    lines: int


@define
class World:
    """World that all tries share; make one with `make_world`.

    Attributes
    ----------
    directory
        Directory of the whole campaign.
    subjects
        The datasets.
    good
        A good run of each, by dataset.
    deadline
        Seconds after which a run hangs.
    patience
        Seconds in which a stopped run ends.
    """

    directory: Path
    subjects: tuple[Subject, ...]
    deadline: float
    patience: float = 10.0
    good: dict[str, Good] = field(factory=dict)
    _server: Any = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def attempt(self, kind: str, index: int, seed: int) -> Try:
        """Make a try; the same numbers make the same one."""
        chance = random.Random(f"{kind} {seed} {index}")
        place = self.directory / "tries" / f"{kind}-{seed}-{index}"
        return Try(kind, index, seed, place, chance.choice(self.subjects), chance, self.deadline, self.patience)

    def s3(self) -> str:
        """Return the URL of the S3 server, which is started when it is first asked for."""
        with self._lock:
            if self._server is None:
                import logging

                from moto.server import ThreadedMotoServer

                logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it reports every request
                self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
                self._server.start()
            host, port = self._server.get_host_and_port()
            return f"http://{host}:{port}"

    def bucket(self, attempt: Try) -> BucketOutput:
        """Make a bucket for a try."""
        import boto3

        name = f"{attempt.kind}-{attempt.seed}-{attempt.index}".lower()
        client = boto3.client(
            "s3", endpoint_url=self.s3(), aws_access_key_id="testing", aws_secret_access_key="testing",
            region_name="us-east-1",
        )  # fmt: skip
        client.create_bucket(Bucket=name)
        return BucketOutput(client, name)

    def close(self) -> None:
        """Stop the S3 server."""
        if self._server is not None:
            self._server.stop()


def s3_variables(url: str) -> dict[str, str]:
    """Return what a process needs in its environment to find the S3 server at a URL."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


class NoGoodRun(Exception):
    """A run that nobody disturbs does not do its work: there is nothing to attack."""


def make_world(
    directory: Path, deadline: float, patience: float = 10.0, instruments: Sequence[str] = INSTRUMENTS
) -> World:
    """Simulate the datasets, and process each undisturbed.

    Raises
    ------
    NoGoodRun
        If that fails.
    """
    world = World(directory, make_subjects(directory / "subjects", instruments), deadline, patience)
    for subject in world.subjects:
        objects: dict[str, Mapping[str, bytes]] = {}
        lines = 0
        for layout in LAYOUTS:
            place = directory / "good" / f"{subject.dataset}-{layout}"
            with Try("good", 0, 0, place, subject, random.Random(0), deadline) as attempt:
                attempt.engine()
                output = DirectoryOutput(place / "out")
                ended = attempt.run(f"file:{subject.inputs}", output.address, "--layout", layout)
                judge(attempt, output, ended, layout=layout, must_succeed=True)
            if attempt.findings:
                raise NoGoodRun(f"{subject.dataset}, {layout}: {attempt.findings}")
            objects[layout] = output.objects()
            lines = ended.text.count("\n")
        world.good[subject.dataset] = Good(objects, lines)
    return world
