"""``caldp sync s3://bucket/batch DIRECTORY`` from a real HTTP server, with and without trouble on the way."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event

import pytest

import caldp
from caldp.adapters.store.s3 import S3Store, make_s3_store
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.location import S3Location
from caldp.domain.output.sync import SyncOutcome
from caldp.domain.run.settings import Settings
from tests.support.faulty_proxy import (
    Answer,
    Cut,
    FaultyProxy,
    Forward,
    Trouble,
    cut_after,
    page_of_html,
    reset,
    status,
)
from tests.support.published import publish_dataset
from tests.support.s3_server import S3Server

CALDP = str(Path(sys.executable).parent / "caldp")
BUCKET, BATCH = "hst-out", "batch-22"
SOURCE = f"s3://{BUCKET}/{BATCH}"
ONE, TWO = "lsim01010", "j8cb010b0"
BIG = os.urandom(3 << 20)
FILES = {"x_flt.fits": BIG, "x_x1d.fits": BIG[::-1], **{f"x_{number:02}.tra": b"%d" % number for number in range(12)}}


@pytest.fixture
def bucket(s3: S3Server) -> Iterator[S3Store]:
    s3.bucket(BUCKET)
    store = make_s3_store(S3Location(BUCKET, BATCH), Settings(profile="test"), s3.environment)
    yield store
    store.client.close()


@pytest.fixture
def through(s3: S3Server, proxy: FaultyProxy) -> dict[str, str]:
    """Environment in which S3 is reached through the proxy."""
    return {**s3.environment, "AWS_ENDPOINT_URL": proxy.url}


def run(*words: str, environment: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CALDP, *words], env=environment, cwd=cwd, capture_output=True, text=True, check=False)


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_batch_is_fetched_and_its_states_are_shown(bucket: S3Store, s3: S3Server, tmp_path: Path) -> None:
    objects = publish_dataset(bucket, ONE, FILES) | publish_dataset(bucket, TWO)
    done = run("sync", SOURCE, "batch", environment=s3.environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["DATASET", "OUTCOME", "FILES", "FETCHED", "SIZE"]
    assert done.stdout.splitlines()[-1] == "2 datasets: 2 synced"
    assert all(line[20:25] in (" INFO",) for line in done.stderr.splitlines()), done.stderr
    arrived = tree(tmp_path / "batch")
    assert {key: arrived[key] for key in objects} == objects
    message = (tmp_path / "batch" / "messages" / "dataset-synced" / ONE).read_text()
    assert message.splitlines() == [f"{tmp_path}/batch/{key}" for key in sorted(objects) if ONE in key]

    archived = tmp_path / "batch" / "messages" / "dataset-archived" / TWO
    archived.parent.mkdir()
    archived.write_text("ingested")
    shown = run("status", "batch", environment=s3.environment, cwd=tmp_path).stdout
    assert [line.split()[:2] for line in shown.splitlines()[1:3]] == [[TWO, "archived"], [ONE, "synced"]]

    again = run("sync", SOURCE, "batch", "--json", environment=s3.environment, cwd=tmp_path)
    assert [(one["name"], one["outcome"], one["fetched"]) for one in json.loads(again.stdout)] == [
        (TWO, "already synced", 0),
        (ONE, "already synced", 0),
    ]
    assert archived.read_text() == "ingested"


def test_calclouds_bucket_is_fetched_too(s3: S3Server, tmp_path: Path) -> None:
    s3.bucket(BUCKET)
    store = make_s3_store(S3Location(BUCKET), Settings(profile="test"), s3.environment)
    objects = publish_dataset(store, ONE, FILES, kind=LayoutKind.CALCLOUD)
    store.client.close()
    (found,) = caldp.sync(f"s3://{BUCKET}", tmp_path / "batch", environment=s3.environment)
    assert found.outcome is SyncOutcome.SYNCED
    arrived = tree(tmp_path / "batch")
    assert {key: arrived[key] for key in objects} == objects
    assert arrived[f"messages/processed-{ONE}.trigger"] == f"s3://{BUCKET}/outputs/{ONE}/{ONE}.tar.gz".encode()


def flipped(forward: Forward) -> Answer:
    """Answer with a bit of the body changed, and without the checksum that S3 sends."""
    answer = forward()
    headers = {name: value for name, value in answer.headers.items() if "checksum" not in name.lower()}
    return Answer(answer.status, headers, bytes([answer.body[0] ^ 1]) + answer.body[1:])


@pytest.mark.parametrize(
    "trouble", [reset, cut_after(100_000), cut_after(0), status(503, "SlowDown"), status(500, "InternalError")]
)
@pytest.mark.usefixtures("no_waiting")
def test_what_passes_is_tried_again(
    bucket: S3Store, proxy: FaultyProxy, through: dict[str, str], tmp_path: Path, trouble: Trouble
) -> None:
    objects = publish_dataset(bucket, ONE, FILES)
    proxy.on("GET", r"_flt\.fits", trouble)
    proxy.on("GET", r"record\.json", trouble)
    (found,) = caldp.sync(SOURCE, tmp_path / "batch", environment=through)
    assert found.outcome is SyncOutcome.SYNCED
    assert {key: data for key, data in tree(tmp_path / "batch").items() if key.startswith("data/")} == objects
    ranges = [headers["Range"] for headers in proxy.headers if "Range" in headers]
    assert all(text.startswith("bytes=") for text in ranges)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (flipped, "its checksum differs"),
        (status(403, "AccessDenied"), "access is denied"),
        (page_of_html, "cannot be read"),
        (reset, "at every try"),
    ],
)
@pytest.mark.usefixtures("no_waiting")
def test_what_does_not_pass_keeps_only_its_dataset(
    bucket: S3Store, proxy: FaultyProxy, through: dict[str, str], tmp_path: Path, trouble: Trouble, message: str
) -> None:
    publish_dataset(bucket, ONE, FILES)
    publish_dataset(bucket, TWO)
    proxy.on("GET", f"{ONE}_flt", trouble, times=100)
    found = {one.name: one for one in caldp.sync(SOURCE, tmp_path / "batch", environment=through)}
    assert (found[ONE].outcome, found[ONE].status) == (SyncOutcome.FAILED, 26)
    assert message in found[ONE].message
    assert found[TWO].outcome is SyncOutcome.SYNCED
    messages = {key for key in tree(tmp_path / "batch") if key.startswith("messages/")}
    assert {key.rpartition("/")[2] for key in messages} == {TWO}
    proxy.clear()
    again = {one.name: one for one in caldp.sync(SOURCE, tmp_path / "batch", environment=through)}
    assert again[ONE].outcome is SyncOutcome.SYNCED
    assert again[ONE].fetched < len(again[ONE].files), "what had come is not fetched again"
    gc.collect()  # what was left open would be told here, as a warning


@pytest.mark.parametrize("number", [3, 13])
def test_what_was_killed_is_taken_up(
    bucket: S3Store, proxy: FaultyProxy, through: dict[str, str], tmp_path: Path, number: int
) -> None:
    objects = publish_dataset(bucket, ONE, FILES)
    reached, release = Event(), Event()

    def hold(_forward: Forward) -> Answer:
        reached.set()
        release.wait(60)
        raise Cut

    proxy.on("GET", rf"/data/cos/{ONE}/(?!logs/record)", hold, skip=number, times=100)
    with subprocess.Popen([CALDP, "sync", SOURCE, "batch", "--quiet"], env=through, cwd=tmp_path) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGKILL)
    release.set()
    assert process.returncode == -signal.SIGKILL
    left = tree(tmp_path / "batch") if (tmp_path / "batch").exists() else {}
    assert not [key for key in left if key.startswith(("messages/", f"data/cos/{ONE}/"))]
    shown = run("status", "batch", environment=through, cwd=tmp_path)
    assert ONE not in shown.stdout
    proxy.clear()
    done = run("sync", SOURCE, "batch", "--json", environment=through, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)
    whole = sum(not key.rpartition("/")[2].startswith(".") for key in left)
    assert found["fetched"] == len(objects) - whole
    arrived = tree(tmp_path / "batch")
    assert {key: data for key, data in arrived.items() if key.startswith("data/")} == objects
    assert f"messages/dataset-synced/{ONE}" in arrived


def test_two_at_once_leave_one_whole_dataset(bucket: S3Store, s3: S3Server, tmp_path: Path) -> None:
    objects = publish_dataset(bucket, ONE, FILES)
    both = [
        subprocess.Popen(
            [CALDP, "sync", SOURCE, "batch", "--quiet"], env=s3.environment, cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in both]
    assert any(process.returncode == 0 for process in both), said
    last = run("sync", SOURCE, "batch", environment=s3.environment, cwd=tmp_path)
    assert last.returncode == 0, last.stderr
    arrived = tree(tmp_path / "batch")
    assert {key: data for key, data in arrived.items() if key.startswith("data/")} == objects


def test_mistakes_have_a_sentence(bucket: S3Store, s3: S3Server, tmp_path: Path) -> None:
    publish_dataset(bucket, ONE)
    for words, code, sentence in (
        ((SOURCE, "s3://other/place"), 2, "is not a directory of this machine"),
        ((SOURCE, "none"), 2, "is not a directory of this machine"),
        (("file:batch", "batch"), 2, "is where the datasets are"),
        (("none", "batch"), 2, "holds nothing"),
        (("s3://no-such-bucket", "batch"), 25, "there is no such bucket"),
        (("file:nowhere", "batch"), 1, "There is no output directory"),
        ((SOURCE, "batch", "nonsense"), 2, "nonsense"),
        ((SOURCE, "batch", TWO), 26, ""),
    ):
        done = run("sync", *words, environment=s3.environment, cwd=tmp_path)
        assert done.returncode == code, (words, done.stderr)
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        assert "likely a bug" not in done.stderr
    (tmp_path / "plain").touch()
    done = run("sync", SOURCE, "plain/batch", environment=s3.environment, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "1 not synced" in done.stdout
