"""The Batch job exactly as CALCLOUD submits it: every request that S3 is sent, and what is in the bucket afterwards."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from astropy.io import fits
from attrs import frozen

from caldp.calcloud import BucketLayout, DatasetName, MessageType, combine
from caldp.simulation import SimulatedObservation, compare_with_truth
from tests.support.calcloud_account import BUCKET, CRDS_BUCKET, VERSIONS, Request, account_with
from tests.support.s3_server import empty_s3

pytestmark = pytest.mark.engines

DS = "lsim01010"
REFERENCES = ["1dx", "bpix", "dead", "disp", "flat", "lamp", "phot", "spwcs", "tds", "wcp"]
LOGS = ["preview.txt", "preview_metrics.txt", "process.txt", "process_metrics.txt", "record.json"]
EXPOSURES = ["lsim01a1q", "lsim01a2q"]
SUMS = ["x1dsum", "x1dsum3", "x1dsum4"]


def put(key: str) -> list[str]:
    """One PutObject, and a look whether it has arrived."""
    return [f"PUT {BUCKET}/{key}", f"HEAD {BUCKET}/{key}"]


CLAIM = [f"PUT {BUCKET}/messages/processing-{DS}", f"GET {BUCKET}/messages/processing-{DS}"]
"""The claim, on a condition, and a look who has it; again before products and final message are put, and every 30 s."""

ANNOUNCED = [
    *CLAIM,
    f"GET {BUCKET}/messages/synced-{DS}",
    f"GET {BUCKET}/messages/archived-{DS}",
    f"GET {BUCKET}/messages/processed-{DS}.trigger",
    f"DELETE {BUCKET}/messages/error-{DS}",
]
FETCHED = [f"HEAD {BUCKET}/inputs/{DS}.tar.gz", f"GET {BUCKET}/inputs/{DS}.tar.gz"]
CONTEXT = [f"GET {BUCKET} list crds_env_vars/", f"GET {CRDS_BUCKET}/config/hst/server_config"]
PICKLE = f"GET {CRDS_BUCKET}/pickles/hst/hst_sim0001.pmap.pkl"
DOWNLOADED = [
    f"{method} {CRDS_BUCKET}/references/hst/simnuv_{kind}.fits" for kind in REFERENCES for method in ("HEAD", "GET")
]
ARCHIVE = f"{BUCKET}/outputs/{DS}/{DS}.tar.gz"
PUBLISHED = [
    *CLAIM,
    f"POST {ARCHIVE} multipart",
    "PUT parts",
    f"POST {ARCHIVE} multipart",
    f"HEAD {ARCHIVE}",
    *(request for name in LOGS[:-1] for request in put(f"outputs/{DS}/{name}")),
    f"GET {BUCKET} list outputs/{DS}/",
    *put(f"outputs/{DS}/{LOGS[-1]}"),
    *CLAIM,
    *put(f"messages/processed-{DS}.trigger"),
    f"DELETE {BUCKET}/messages/error-{DS}",
    CLAIM[1],
    f"DELETE {BUCKET}/messages/processing-{DS}",
]


@frozen
class FinishedJob:
    """Remains of a job: its process, its requests, and the objects in CALCLOUD's bucket."""

    process: subprocess.CompletedProcess[str]
    seconds: float
    requests: tuple[Request, ...]
    objects: Mapping[str, bytes]

    def members(self) -> dict[str, bytes]:
        """Unpack the tarball of products."""
        with tarfile.open(fileobj=io.BytesIO(self.objects[f"outputs/{DS}/{DS}.tar.gz"])) as archive:
            return {member.name: content.read() for member in archive if (content := archive.extractfile(member))}

    def body(self, text: str) -> bytes:
        """Return what was sent with the one request of this text."""
        (request,) = (request for request in self.requests if request.text == text)
        return request.body


@pytest.fixture(scope="module")
def job(
    _moto: str,
    observation: SimulatedObservation,
    crds_contents: Mapping[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[FinishedJob]:
    """Run one job, after which every test looks at what it did."""
    home = tmp_path_factory.mktemp("home")
    with empty_s3(_moto) as s3, account_with(s3, observation, crds_contents, home) as account:
        began = time.monotonic()
        process = account.submit(DS)
        seconds = time.monotonic() - began
        yield FinishedJob(process, seconds, tuple(account.requests), {key: account.get(key) for key in account.list()})


def test_it_succeeds(job: FinishedJob) -> None:
    assert job.process.returncode == 0, job.process.stderr


def test_every_request_in_order(job: FinishedJob) -> None:
    """CRDS asks for its pickle as often as it likes; references, and parts of the tarball, may overtake each other."""
    texts = _without_renewals([request.text for request in job.requests])
    parts = [index for index, text in enumerate(texts) if text.startswith(f"PUT {ARCHIVE} part ")]
    pickles = [index for index, text in enumerate(texts) if text == PICKLE]
    assert len(parts) > 1
    assert {texts[index] for index in parts} == {f"PUT {ARCHIVE} part {number}" for number in range(1, len(parts) + 1)}
    assert pickles
    texts[parts[0] : parts[-1] + 1] = ["PUT parts"]
    texts[pickles[0] : pickles[-1] + 1] = [PICKLE]
    references = [index for index, text in enumerate(texts) if "/references/" in text]
    among = slice(references[0], references[-1] + 1)
    texts[among] = sorted(texts[among], key=lambda text: text.partition(" ")[2])  # stable: of each file HEAD, then GET
    assert texts == [*ANNOUNCED, *FETCHED, *CONTEXT, PICKLE, *DOWNLOADED, *PUBLISHED]


def _without_renewals(texts: list[str]) -> list[str]:
    """Leave out what a slow job sends while it fetches and calibrates."""
    first, last = texts.index(FETCHED[0]), texts.index(f"POST {ARCHIVE} multipart") - len(CLAIM)
    return [text for index, text in enumerate(texts) if not first < index < last or text not in CLAIM]


def test_messages_are_plain_puts_with_these_bodies(job: FinishedJob) -> None:
    claims = {request.body for request in job.requests if request.text == CLAIM[0]}
    assert len(claims) == 1
    assert json.loads(claims.pop()).keys() == {"run", "host", "pid", "process", "job", "started", "lease"}
    final = job.body(f"PUT {BUCKET}/messages/processed-{DS}.trigger")
    assert final == f"s3://{BUCKET}/outputs/{DS}/{DS}.tar.gz".encode()
    assert final.decode() == BucketLayout(BUCKET).message_body(DatasetName.parse(DS))


def test_what_is_in_the_bucket_afterwards(job: FinishedJob) -> None:
    assert sorted(job.objects) == sorted(
        [
            f"control/{DS}/{DS}_MemModelFeatures.txt",
            f"control/{DS}/job.json",
            "crds_env_vars/hst_sim0001.pmap",
            f"inputs/{DS}.tar.gz",
            f"messages/processed-{DS}.trigger",
            f"messages/submit-{DS}",
            f"outputs/{DS}/{DS}.tar.gz",
            *(f"outputs/{DS}/{name}" for name in LOGS),
        ]
    )
    dataset = DatasetName.parse(DS)
    assert BucketLayout(BUCKET).message_key(MessageType.PROCESSED, dataset) in job.objects


def test_what_is_in_the_tarball(job: FinishedJob) -> None:
    made = ["corrtag", "counts", "flt", "lampflash", "rawtag", "x1d"]
    previewed = [f"{DS}_{suffix}" for suffix in SUMS] + [f"{exposure}_x1d" for exposure in EXPOSURES]
    assert sorted(job.members()) == sorted(
        [
            *(f"{DS}/{exposure}_{suffix}.fits" for exposure in EXPOSURES for suffix in [*made, "spt"]),
            *(f"{DS}/{exposure}.tra" for exposure in EXPOSURES),
            *(f"{DS}/{DS}_{suffix}.fits" for suffix in ["asn", "jnk", *SUMS]),
            *(f"{DS}/previews/{name}{end}" for name in previewed for end in (".png", "_thumb.png", "_prev.fits")),
        ]
    )


def test_the_products_are_true(job: FinishedJob, observation: SimulatedObservation, tmp_path: Path) -> None:
    product = tmp_path / observation.product
    product.write_bytes(job.members()[f"{DS}/{observation.product}"])
    assert compare_with_truth(product, observation.truth).agrees


def test_the_headers_tell_the_versions_of_the_job_definition(job: FinishedJob) -> None:
    with fits.open(io.BytesIO(job.members()[f"{DS}/{EXPOSURES[0]}_rawtag.fits"])) as raw:
        assert {name: raw[0].header[name] for name in VERSIONS} == VERSIONS


@pytest.mark.parametrize("part", ["process", "preview"])
def test_metrics_stand_where_model_ingest_reads_them(job: FinishedJob, part: str) -> None:
    """It counts lines: 4 from 0 is elapsed time, 9 is peak memory, the last is the status."""
    lines = job.objects[f"outputs/{DS}/{part}_metrics.txt"].decode().splitlines()
    assert re.fullmatch(r"\tElapsed \(wall clock\) time \(h:mm:ss or m:ss\): (\d+:\d)?\d:\d\d(\.\d\d)?", lines[4])
    assert lines[9].startswith("\tMaximum resident set size (kbytes): ")
    assert int(lines[9].rpartition(" ")[2]) > 50_000
    assert lines[-1] == "\tExit status: 0"


def test_the_metrics_make_a_target_for_the_model(job: FinishedJob) -> None:
    texts = [job.objects[f"outputs/{DS}/{part}_metrics.txt"].decode() for part in ("process", "preview")]
    targets = combine(*texts)
    assert 0.1 < targets.memory_gb < 1.5
    assert targets.memory_bin == 0
    assert 1 < targets.wall_seconds <= job.seconds + 1


def test_the_log_tells_the_context_and_no_secret(job: FinishedJob) -> None:
    log = job.objects[f"outputs/{DS}/process.txt"].decode()
    assert "hst_sim0001.pmap assigns 10 reference files" in log
    assert "AWS_SECRET_ACCESS_KEY" not in log + job.process.stdout + job.process.stderr
