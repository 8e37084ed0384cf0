"""The S3 store on a real HTTP server, with and without trouble on the way."""

import base64
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from moto.backends import get_backend

from caldp.adapters.store.s3 import S3Store, make_s3_store
from caldp.app.ports.object_store import ObjectStore, StoredObject
from caldp.domain.errors import CaldpError, ConditionsUnknown, KeyTaken, UploadError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.location import S3Location
from caldp.domain.run.settings import Settings
from tests.contracts.object_store import BIG, ObjectStoreContract, RawAccess
from tests.support.faulty_proxy import (
    Answer,
    FaultyProxy,
    Forward,
    Trouble,
    changed,
    damaged,
    lose_answer,
    page_of_html,
    reset,
    status,
)
from tests.support.s3_server import S3Server

SETTINGS = Settings(profile="test", attempts=4, network_timeout=5.0)
ROOT = S3Location("caldp-test", "some/prefix")
KEY = "outputs/x/x.tar.gz"


pytestmark = pytest.mark.usefixtures("no_waiting")


class _Bucket(RawAccess):
    def __init__(self, s3: S3Server) -> None:
        self._s3 = s3

    def read(self, key: str) -> bytes:
        body = self._s3.client.get_object(Bucket=ROOT.bucket, Key=f"{ROOT.prefix}/{key}")["Body"].read()
        assert isinstance(body, bytes)
        return body

    def keys(self) -> set[str]:
        pages = self._s3.client.get_paginator("list_objects_v2").paginate(Bucket=ROOT.bucket)
        return {item["Key"].removeprefix(f"{ROOT.prefix}/") for page in pages for item in page.get("Contents", ())}

    def fill(self, keys: Iterable[str]) -> None:
        backend = get_backend("s3")["123456789012"]["aws"]  # the server's own memory
        for key in keys:
            backend.put_object(ROOT.bucket, f"{ROOT.prefix}/{key}", b"")

    def leftovers(self) -> list[str]:
        uploads = self._s3.client.list_multipart_uploads(Bucket=ROOT.bucket).get("Uploads", ())
        return [upload["Key"] for upload in uploads]


@pytest.fixture
def raw(s3: S3Server) -> RawAccess:
    s3.bucket(ROOT.bucket)
    return _Bucket(s3)


class TestS3Store(ObjectStoreContract):
    @pytest.fixture
    def raw(self, s3: S3Server) -> RawAccess:
        s3.bucket(ROOT.bucket)
        return _Bucket(s3)

    @pytest.fixture
    def store(self, s3: S3Server, raw: RawAccess) -> Iterator[ObjectStore]:
        store = make_s3_store(ROOT, SETTINGS, s3.environment)
        yield store
        store.client.close()

    def test_an_address_is_the_bucket_the_prefix_and_the_key(self, store: ObjectStore) -> None:
        assert store.locate(KEY) == "s3://caldp-test/some/prefix/outputs/x/x.tar.gz"


@pytest.fixture
def store(s3: S3Server, proxy: FaultyProxy) -> Iterator[S3Store]:
    store = make_s3_store(ROOT, SETTINGS, {**s3.environment, "AWS_ENDPOINT_URL": proxy.url})
    yield store
    store.client.close()


def test_messages_go_by_put_object(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    store.put_bytes("messages/processed-x.trigger", b"s3://caldp-test/outputs/x/x.tar.gz")
    path = "/caldp-test/some/prefix/messages/processed-x.trigger"
    assert proxy.requests == [("PUT", path), ("HEAD", path)]


def test_large_objects_go_in_parts(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    store.put_stream(KEY, iter([BIG]))
    assert [method for method, path in proxy.requests if "partNumber=" in path] == ["PUT"] * 2


def test_connections_of_many_readers_are_kept(
    store: S3Store, proxy: FaultyProxy, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that is not kept costs its next request a handshake."""
    readers = 32
    all_here = Barrier(readers)

    def when_all_are_here(forward: Forward) -> Answer:
        all_here.wait(30)
        return status(404, "NoSuchKey")(forward)

    proxy.on("GET", "", when_all_are_here, times=readers)
    with ThreadPoolExecutor(readers) as pool:
        assert list(pool.map(store.get_bytes, map(str, range(readers)))) == [None] * readers
    assert [one.getMessage() for one in caplog.records if "pool is full" in one.getMessage()] == []


PASSING: list[Trouble] = [status(500, "InternalError"), status(503, "SlowDown"), status(503), reset, lose_answer]


@pytest.mark.parametrize("trouble", PASSING, ids=["500", "SlowDown", "503", "reset", "lost answer"])
@pytest.mark.parametrize(
    ("method", "request_of"),
    [("PUT", r"\.gz$"), ("POST", "uploads$"), ("PUT", "partNumber=2"), ("POST", "uploadId="), ("HEAD", ""), ("GET", ""),
     ("DELETE", "")],
)  # fmt: skip
def test_what_passes_is_tried_again(
    trouble: Trouble, method: str, request_of: str, store: S3Store, raw: RawAccess, proxy: FaultyProxy
) -> None:
    proxy.on(method, request_of, trouble, times=2)
    assert store.put_stream(KEY, iter([BIG])) == StoredObject(KEY, len(BIG))
    assert raw.read(KEY) == BIG
    store.put_bytes(KEY, b"small")
    assert store.get_bytes(KEY) == b"small"
    assert list(store.list("")) == [StoredObject(KEY, 5)]
    store.delete(KEY)
    assert raw.keys() == set()
    assert raw.leftovers() in ([], [f"{ROOT.prefix}/{KEY}"] * 2)  # creating an upload is not idempotent


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (status(503, "SlowDown"), "S3 asks for patience"),
        (status(500, "InternalError"), "S3 has an internal error"),
        (status(403, "AccessDenied"), "access is denied"),
        (status(400, "ExpiredToken"), "the credentials have expired"),
        (status(400, "BadDigest"), "the data arrived damaged"),
        (reset, "the connection failed or broke"),
    ],
)
@pytest.mark.parametrize("request_of", [r"\.gz$", "partNumber=2", "uploadId="])
def test_what_stays_is_an_error_and_nothing_is_stored(
    trouble: Trouble, words: str, request_of: str, store: S3Store, raw: RawAccess, proxy: FaultyProxy
) -> None:
    method = "POST" if request_of == "uploadId=" else "PUT"
    proxy.on(method, request_of, trouble, times=99)
    with pytest.raises(UploadError, match=words) as caught:
        store.put_stream(KEY, iter([BIG if "=" in request_of else b"small"]))
    assert caught.value.exit_code is ExitCode.S3_UPLOAD_ERROR
    assert "testing" not in str(caught.value)
    assert raw.keys() == set()
    assert raw.leftovers() == []


@pytest.mark.parametrize("data", [b"small", BIG], ids=["small", "big"])
@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (changed(content_length="4"), r"4 bytes arrived of \d+"),
        (changed(x_amz_checksum_crc32="AAAAAA=="), "its checksum is not that of what was sent"),
    ],
)
def test_what_arrived_is_asked_back(
    data: bytes, trouble: Trouble, words: str, store: S3Store, raw: RawAccess, proxy: FaultyProxy
) -> None:
    proxy.on("HEAD", "", trouble)
    with pytest.raises(UploadError, match=words):
        store.put_stream(KEY, iter([data]))


@pytest.mark.parametrize(
    ("data", "request_of"),
    [(b"small", r"\.gz$"), (BIG, "partNumber=1"), (BIG, "partNumber=2")],
    ids=["small", "1", "2"],
)
def test_damage_on_the_way_is_found_where_the_server_looks_at_no_checksum(
    data: bytes, request_of: str, store: S3Store, raw: RawAccess, proxy: FaultyProxy
) -> None:
    proxy.on("PUT", request_of, damaged)
    sent = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    proxy.on("HEAD", "", changed(x_amz_checksum_crc32=sent))  # such a server repeats what it was told
    with pytest.raises(UploadError, match="is damaged: it was changed on the way"):
        store.put_stream(KEY, iter([data]))


@pytest.mark.parametrize("data", [b"small", BIG], ids=["small", "big"])
@pytest.mark.parametrize(
    "tag", ['"00000000000000000000000000000000"', '"00000000000000000000000000000000-2"', '"not-an-md5"']
)
def test_an_etag_that_is_no_md5_is_no_damage(
    data: bytes, tag: str, store: S3Store, raw: RawAccess, proxy: FaultyProxy
) -> None:
    proxy.on("HEAD", "", changed(etag=tag))
    assert store.put_stream(KEY, iter([data])) == StoredObject(KEY, len(data))


@pytest.mark.parametrize("method", ["PUT", "HEAD", "GET", "LIST", "DELETE", "POST"])
def test_a_login_page_is_no_answer(method: str, store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    store.put_bytes(KEY, b"1")
    proxy.on("GET" if method == "LIST" else method, "", page_of_html, times=9)
    with pytest.raises(UploadError, match="the answer is not from S3") as caught:
        match method:
            case "GET":
                store.get_bytes(KEY)
            case "LIST":
                list(store.list(""))
            case "DELETE":
                store.delete(KEY)
            case _:
                store.put_stream(KEY, iter([BIG if method == "POST" else b"2"]))
    assert "login" in caught.value.advice


def test_a_store_that_knows_no_conditions_is_told_apart(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    proxy.on("PUT", "", status(501, "NotImplemented"))
    with pytest.raises(ConditionsUnknown, match="the store knows no conditional requests"):
        store.put_if("m/x", b"1", None)
    assert raw.keys() == set()


def test_a_claim_whose_answer_was_lost_is_won(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    proxy.on("PUT", "", lose_answer)
    version = store.put_if("m/x", b"1", None)
    proxy.on("PUT", "", lose_answer)
    store.put_if("m/x", b"2", version)
    assert raw.read("m/x") == b"2"


def test_a_store_that_ignores_conditions_is_read_again(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    def another_puts_later(forward: Forward) -> Answer:
        answer = forward()
        store.put_bytes("m/x", b"another's")
        return answer

    proxy.on("PUT", "", another_puts_later)
    with pytest.raises(KeyTaken):
        store.put_if("m/x", b"1", None)


def test_without_the_right_to_copy_nothing_is_unsettled(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    for key in ("data/.x.run/1", "data/x/1"):
        store.put_bytes(key, key.encode())
    proxy.on("PUT", "probe", status(403, "AccessDenied"))
    with pytest.raises(UploadError, match="access is denied"):
        store.replace("data/.x.run/", "data/x/", lambda: pytest.fail("nothing has been copied yet"))
    assert raw.read("data/x/1") == b"data/x/1"


def test_a_replacement_that_breaks_off_can_be_repeated(store: S3Store, raw: RawAccess, proxy: FaultyProxy) -> None:
    for name in ("1", "2", "3"):
        store.put_bytes(f"data/.x.run/{name}", b"new")
    store.put_bytes("data/x/stale", b"old")
    for method, skip in (("PUT", 2), ("DELETE", 1)):
        proxy.on(method, "", status(403, "AccessDenied"), skip=skip)
        with pytest.raises(UploadError):
            store.replace("data/.x.run/", "data/x/", lambda: None)
    store.replace("data/.x.run/", "data/x/", lambda: None)
    assert {key for key in sorted(raw.keys()) if key.startswith("data/x/")} == {f"data/x/{name}" for name in "123"}


def test_s3_has_the_checksum_of_the_whole(store: S3Store, raw: RawAccess, s3: S3Server) -> None:
    for key, data in ((KEY, BIG), ("small", b"small")):
        store.put_stream(key, iter([data]))
        head = s3.client.head_object(Bucket=ROOT.bucket, Key=f"{ROOT.prefix}/{key}", ChecksumMode="ENABLED")
        assert base64.b64decode(head["ChecksumCRC32"]) == zlib.crc32(data).to_bytes(4, "big")


def test_a_bucket_that_is_not_there(s3: S3Server) -> None:
    store = make_s3_store(S3Location("not-there"), SETTINGS, s3.environment)
    with pytest.raises(UploadError, match="s3://not-there/x cannot be written: there is no such bucket"):
        store.put_bytes("x", b"")
    with pytest.raises(UploadError, match="s3://not-there/ cannot be read: there is no such bucket"):
        list(store.list(""))
    store.client.close()


def test_a_server_that_is_not_there(s3: S3Server) -> None:
    environment = {**s3.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    store = make_s3_store(ROOT, Settings(profile="test", attempts=1), environment)
    with pytest.raises(UploadError, match="the connection failed or broke"):
        store.put_bytes("x", b"")
    store.client.close()


@pytest.mark.parametrize(
    "wrong",
    [{"AWS_ENDPOINT_URL": "nonsense"}, {"AWS_PROFILE": "nobody", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
     {"AWS_SECRET_ACCESS_KEY": ""}, {"AWS_RETRY_MODE": "often"}],
)  # fmt: skip
def test_a_configuration_that_makes_no_sense(
    wrong: dict[str, str], s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, s3.environment[name])
    with pytest.raises(CaldpError, match="The configuration of AWS cannot be used") as caught:
        make_s3_store(ROOT, SETTINGS, {**s3.environment, **wrong})
    assert "testing" not in str(caught.value)


def test_a_file_that_cannot_be_read(store: S3Store, raw: RawAccess, tmp_path: Path) -> None:
    with pytest.raises(UploadError, match=r"missing\.fits cannot be read"):
        store.put_file(KEY, tmp_path / "missing.fits")
    assert raw.keys() == set()
