"""Servers that trickle: real ones on loopback, which never are silent for long and never get done."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from caldp.adapters.archive.mast import make_mast_archive
from caldp.adapters.archive.s3 import make_s3_archive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.support.s3 import connect
from caldp.adapters.support.s3_upload import S3Upload
from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.errors import ArchiveError, CaldpError, DownloadError, UploadError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.location import MastLocation, S3Location
from caldp.domain.run.settings import Settings
from tests.support import raws
from tests.support.faulty_proxy import Answer, FaultyProxy, Forward, Trouble, faulty_proxy, trickle
from tests.support.mast_server import Observation, mast_server
from tests.support.s3_server import S3Server
from tests.support.tarballs import tarball

pytestmark = pytest.mark.usefixtures("no_waiting")

DATASET = DatasetName.parse("lsim09abq")
FILES = {"lsim09abq_rawtag.fits": raws.raw("lsim09abq", rows=4000)}
SETTINGS = Settings(profile="test", attempts=2, network_timeout=0.5, transfer_minimum=10_000.0)
PATIENT = 60.0
"""Seconds within which a test must be over; each trickle would last for three minutes."""


@pytest.fixture
def way() -> Iterator[FaultyProxy]:
    """A proxy before MAST."""
    with mast_server([Observation("lsim09abq", FILES)]) as server, faulty_proxy(server.url) as proxy:
        yield proxy


def mast(way: FaultyProxy, settings: Settings = SETTINGS) -> ArchiveSource:
    return make_mast_archive(MastLocation(), evolve(settings, mast_server=way.url), {}, AstropyFits())


def bucket(s3: S3Server, proxy: FaultyProxy, settings: Settings = SETTINGS, *, packed: bool = False) -> ArchiveSource:
    objects = {"lsim09abq.tar.gz": tarball(FILES, "w")} if packed else {f"lsim09abq/{k}": v for k, v in FILES.items()}
    s3.bucket("inputs", **objects)
    environment = {**s3.environment, "AWS_ENDPOINT_URL": proxy.url}
    return make_s3_archive(S3Location("inputs"), settings, environment, AstropyFits())


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def refused(source: ArchiveSource, destination: Path, error: type[CaldpError], words: str) -> None:
    begun = time.monotonic()
    with pytest.raises(error, match=words):
        source.fetch(DATASET, destination, lambda _event: None)
    assert time.monotonic() - begun < PATIENT
    assert list(destination.iterdir()) == []


@pytest.mark.parametrize(("method", "request_"), [("GET", "rawtag.fits"), ("POST", "invoke")], ids=["file", "answer"])
def test_mast_that_trickles_is_given_up(method: str, request_: str, way: FaultyProxy, destination: Path) -> None:
    way.on(method, request_, trickle(), times=999)
    refused(mast(way), destination, ArchiveError, r"is too slow \(\d+ bytes passed in \d+ s, fewer than 10000 a second")


def test_mast_that_trickles_once_is_asked_again(way: FaultyProxy, destination: Path) -> None:
    way.on("GET", "rawtag.fits", trickle())
    [path] = mast(way).fetch(DATASET, destination, lambda _event: None)
    assert path.read_bytes() == FILES[path.name]


@pytest.mark.parametrize("packed", [False, True])
def test_a_bucket_that_trickles_is_given_up(packed: bool, s3: S3Server, proxy: FaultyProxy, destination: Path) -> None:
    proxy.on("GET", "inputs/lsim09abq", trickle(), times=999)
    refused(bucket(s3, proxy, packed=packed), destination, DownloadError, r"too slow \(\d+ bytes passed")


def test_a_listing_that_trickles_is_given_up(s3: S3Server, proxy: FaultyProxy, destination: Path) -> None:
    proxy.on("GET", "list-type=2", trickle(), times=999)
    refused(bucket(s3, proxy), destination, DownloadError, r"too slow \(\d+ bytes passed")


def seventeen_bytes(forward: Forward) -> Answer:
    """Answer with the first bytes of what was asked for, as if that were all."""
    answer = forward()
    headers = {name: value for name, value in answer.headers.items() if "checksum" not in name.lower()}
    return Answer(answer.status, headers, answer.body[:17])


def test_a_few_bytes_an_answer_do_not_keep_a_download_alive(
    s3: S3Server, proxy: FaultyProxy, destination: Path
) -> None:
    proxy.on("GET", "inputs/lsim09abq/", seventeen_bytes, times=999)
    refused(bucket(s3, proxy), destination, DownloadError, "the connection failed or broke")
    assert len([path for method, path in proxy.requests if method == "GET" and "rawtag" in path]) <= 3


def steadily(forward: Forward) -> Answer:
    return trickle(size=1000, pause=0.05)(forward)


@pytest.mark.parametrize("trouble", [steadily])
def test_a_deadline_ends_what_is_fast_enough(
    trouble: Trouble, s3: S3Server, proxy: FaultyProxy, way: FaultyProxy, destination: Path
) -> None:
    settings = Settings(profile="x", attempts=9, network_timeout=0.5, transfer_minimum=1000.0, transfer_deadline=1.0)
    proxy.on("GET", "inputs/lsim09abq/", trouble, times=999)
    refused(bucket(s3, proxy, settings), destination, DownloadError, "not done after 1 s.*CALDP_TRANSFER_DEADLINE")
    way.on("GET", "rawtag.fits", trouble, times=999)
    refused(mast(way, settings), destination, ArchiveError, "comes too slowly.*not done after 1 s")


@pytest.fixture
def slow_reader() -> Iterator[str]:
    """A server that takes what is sent to it a few bytes at a time."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        over = threading.Event()

        def take() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        while not over.is_set() and connection.recv(100):
                            time.sleep(0.02)
                    except OSError:
                        continue

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_an_upload_that_trickles_is_given_up(slow_reader: str, s3: S3Server) -> None:
    settings = Settings(profile="x", attempts=1, network_timeout=1.0, transfer_minimum=1e6)
    begun = time.monotonic()
    client = connect("outputs", settings, {**s3.environment, "AWS_ENDPOINT_URL": slow_reader})
    with closing(client), pytest.raises(UploadError, match=r"too slow|failed or broke"):
        S3Upload(client, "outputs", "key").in_one(bytes(20_000_000))
    assert time.monotonic() - begun < PATIENT
