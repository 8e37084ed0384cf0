"""Many small objects of a bucket, read by processes of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.adapters.store.s3 import S3Store, make_s3_store
from caldp.domain.errors import UploadError
from caldp.domain.output.location import S3Location
from caldp.domain.run.settings import Settings
from tests.support.faulty_proxy import FaultyProxy, cut_after, status
from tests.support.s3_server import S3Server

OBJECTS = {f"out/records/{number:03}": b"%d" % number * 5000 for number in range(150)}
KEYS = [key.removeprefix("out/") for key in OBJECTS]


@pytest.fixture
def environment(s3: S3Server, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """A bucket with more objects than one process reads, behind a proxy."""
    monkeypatch.setattr("caldp.adapters.store.s3._MANY", 100)
    monkeypatch.setattr("caldp.adapters.store.s3.usable_cores", lambda: 2)
    s3.bucket("records", **OBJECTS)
    return {**s3.environment, "AWS_ENDPOINT_URL": proxy.url}


@pytest.fixture
def store(environment: Mapping[str, str]) -> S3Store:
    return make_s3_store(S3Location("records", "out"), Settings(profile="test", attempts=2), environment)


def children() -> list[int]:
    """List the processes that read for this one; each has a supervisor between."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            above = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if b"caldp.adapters.store.s3_readers" in words and above == os.getpid():
            found.append(int(place.name))
    return found


def test_they_come_in_their_order_and_no_process_stays(store: S3Store, proxy: FaultyProxy) -> None:
    proxy.on("GET", "records/077", cut_after(100))
    found = store.get_many([*KEYS, "records/none"])
    assert next(found) == OBJECTS["out/records/000"]
    assert len(children()) == 2
    assert [*found] == [*list(OBJECTS.values())[1:], None]
    assert children() == []


def test_whoever_wants_no_more_leaves_no_process(store: S3Store) -> None:
    found = store.get_many(KEYS)
    next(found)
    found.close()
    assert children() == []


def test_what_cannot_be_read_is_told(store: S3Store, proxy: FaultyProxy) -> None:
    proxy.on("GET", "records/120", status(403, "AccessDenied"), times=9)
    found = store.get_many(KEYS)
    with pytest.raises(UploadError, match=r"s3://records/out/records/120.*access is denied") as failed:
        list(found)
    assert "AWS_PROFILE" in failed.value.advice
    assert children() == []


def test_a_process_that_is_killed_is_told(store: S3Store) -> None:
    found = store.get_many(KEYS * 3)  # more than they are asked for ahead
    next(found)
    for child in children():
        os.kill(child, signal.SIGKILL)
    with pytest.raises(UploadError, match="A process that read records is lost"):
        list(found)
    assert children() == []
