"""CRDS files from S3: a download that broke off is taken up by the next."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caldp.adapters.references.s3_objects import Order, PluginError, client_for, download
from caldp.adapters.support.pace import TransferLimits
from tests.support.faulty_proxy import FaultyProxy, cut_after
from tests.support.s3_server import S3Server

CONTENT = random.Random(1990).randbytes(3_000_000)
SHA1 = hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()
HALF = len(CONTENT) // 2

Fetch = Callable[..., list[str]]


@pytest.fixture
def fetch(s3: S3Server, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Return a function that downloads through the proxy, and returns the ranges that it asked for."""
    s3.bucket("references", **{"x_drk.fits": CONTENT})
    for name, value in {**s3.environment, "AWS_ENDPOINT_URL": proxy.url}.items():
        monkeypatch.setenv(name, value)

    def run(place: Path, tries: int = 1) -> list[str]:
        client, ranges = client_for("s3://references/x_drk.fits", TransferLimits()), list[str]()

        def note(params: dict[str, Any], **_details: object) -> None:
            ranges.append(params["headers"].get("Range", ""))

        client.meta.events.register("before-call.s3.GetObject", note)
        order = Order("s3://references/x_drk.fits", place, len(CONTENT), SHA1)
        download(order, client, tries=tries, say=lambda _text: None)
        return ranges

    return run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "x_drk.fits"


def left(place: Path, content: bytes) -> Path:
    part = place.with_name(f".{place.name}.{SHA1[:8]}.part")
    part.write_bytes(content)
    return part


def test_the_rest_is_asked_for_and_the_whole_is_checked(fetch: Fetch, place: Path) -> None:
    left(place, CONTENT[:HALF])
    assert fetch(place) == [f"bytes={HALF}-"]
    assert place.read_bytes() == CONTENT
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_what_is_left_of_other_contents_costs_a_second_download(fetch: Fetch, place: Path) -> None:
    left(place, bytes(HALF))
    assert fetch(place) == [f"bytes={HALF}-", ""]
    assert place.read_bytes() == CONTENT
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_all_may_be_left(fetch: Fetch, place: Path) -> None:
    left(place, CONTENT)
    assert fetch(place) == []
    assert place.read_bytes() == CONTENT


@pytest.mark.usefixtures("no_waiting")
def test_what_came_before_a_break_is_kept(fetch: Fetch, place: Path, proxy: FaultyProxy) -> None:
    part = left(place, CONTENT[:HALF])
    proxy.on("GET", "references/x_drk.fits", cut_after(1_000_000, hard=False), times=1)
    with pytest.raises(PluginError):
        fetch(place)
    kept = part.stat().st_size
    assert kept > HALF
    assert fetch(place) == [f"bytes={kept}-"]
    assert place.read_bytes() == CONTENT
