"""The S3 source on a real HTTP server, with and without trouble on the way."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from caldp.adapters.archive.s3 import S3Archive, make_s3_archive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.errors import CaldpError, DownloadError, InputNotFound, InputTarError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import S3Location
from caldp.domain.run.events import Event, Note, Transfer
from caldp.domain.run.settings import Settings
from tests.contracts.archive_source import ASSOCIATION, OTHERS, ArchiveSourceContract, FileByFileContract
from tests.support.faulty_proxy import FaultyProxy, Trouble, changed, cut_after, reset, status
from tests.support.s3_server import S3Server
from tests.support.tarballs import tarball

pytestmark = pytest.mark.usefixtures("no_waiting")

SETTINGS = Settings(profile="test", attempts=4, network_timeout=5.0)
DATASET = DatasetName.parse("lsim01010")
BUCKET = "caldp-inputs"

ArchiveOf = Callable[[str], S3Archive]


@pytest.fixture
def archive_of(s3: S3Server, proxy: FaultyProxy) -> Iterator[ArchiveOf]:
    """Make archives of prefixes; requests go through the proxy."""
    archives: list[S3Archive] = []

    def archive(prefix: str) -> S3Archive:
        environment = {**s3.environment, "AWS_ENDPOINT_URL": proxy.url}
        archives.append(make_s3_archive(S3Location(BUCKET, prefix), SETTINGS, environment, AstropyFits()))
        return archives[-1]

    s3.bucket(BUCKET)
    yield archive
    for made in archives:
        made.client.close()


class _S3Contract(ArchiveSourceContract):
    """Keeps the fixtures that `source_of` needs."""

    s3: S3Server
    archive_of: ArchiveOf

    @pytest.fixture(autouse=True)
    def _given(self, s3: S3Server, archive_of: ArchiveOf) -> None:
        self.s3, self.archive_of = s3, archive_of

    def put(self, key: str, data: bytes) -> None:
        self.s3.client.put_object(Bucket=BUCKET, Key=key, Body=data)


class TestTarball(_S3Contract, FileByFileContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        self.put(f"in/puts/{dataset}.tar.gz", tarball(files))
        self.put("in/puts/lsim77010.tar.gz", b"another dataset's")
        return self.archive_of("in/puts")


class TestTarballItself(_S3Contract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        self.put("any/name.tar", tarball(files, "w"))
        return self.archive_of("any/name.tar")


class TestFilesTogether(_S3Contract, FileByFileContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        for name, data in files.items():
            self.put(f"{dataset}/{name}", data)
        self.put(f"{dataset}/deeper/lsim01aaq_rawtag_a.fits", b"not ours")
        self.put(f"{dataset}/", b"")
        return self.archive_of("")


class TestPublicLayout(_S3Contract):
    """The layout of stpubdata: every rootname has a place of its own."""

    prefix = ""

    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        for name, data in files.items():
            root = name[:9]
            self.put(f"hst/public/{root[:4]}/{root}/{name}", data)
        return self.archive_of(self.prefix)


class TestPublicLayoutByItsPrefix(TestPublicLayout):
    prefix = "hst/public"


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture(params=["tarball", "files"])
def archive(request: pytest.FixtureRequest, s3: S3Server, archive_of: ArchiveOf) -> S3Archive:
    """The association lsim01010 in a tarball, or file by file."""
    archive = archive_of("in")
    files = ASSOCIATION | {"lsim01010.tar.gz": b""}
    if request.param == "tarball":
        s3.client.put_object(Bucket=BUCKET, Key="in/lsim01010.tar.gz", Body=tarball(ASSOCIATION, "w"))
    else:
        for name, data in files.items():
            s3.client.put_object(Bucket=BUCKET, Key=f"in/lsim01010/{name}", Body=data)
    return archive


BODY = r"in/lsim01010(\.tar\.gz|/lsim01aaq_rawtag_b\.fits)$"


@pytest.mark.parametrize(
    "trouble",
    [status(500, "InternalError"), status(503, "SlowDown"), reset, cut_after(0), cut_after(5000),
     cut_after(5000, hard=False)],
    ids=["500", "SlowDown", "reset", "cut at once", "cut", "truncated"],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 3])
def test_what_passes_is_tried_again_and_taken_up_where_it_broke(
    trouble: Trouble, times: int, archive: S3Archive, proxy: FaultyProxy, destination: Path
) -> None:
    proxy.on("GET", BODY, trouble, times=times)
    paths = archive.fetch(DATASET, destination, lambda _: None)
    assert {path.name: path.read_bytes() for path in paths} == ASSOCIATION


def test_a_broken_download_goes_on_from_where_it_was(
    s3: S3Server, archive_of: ArchiveOf, proxy: FaultyProxy, destination: Path
) -> None:
    data = bytes(range(256)) * (12 << 10)  # 3 MiB
    s3.client.put_object(Bucket=BUCKET, Key="lsim01aaq/lsim01aaq_rawtag_a.fits", Body=data)
    proxy.on("GET", "rawtag_a", cut_after(2 << 20, hard=False))  # a reset may lose what had come
    [path] = archive_of("").fetch(DatasetName.parse("lsim01aaq"), destination, lambda _: None)
    assert path.read_bytes() == data
    ranges = [headers.get("Range") for headers in proxy.headers if "Range" in headers]
    assert len(ranges) == 1
    assert ranges[0] is not None
    assert 0 < int(ranges[0].removeprefix("bytes=").removesuffix("-")) <= 2 << 20


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (status(503, "SlowDown"), "S3 asks for patience"),
        (status(403, "AccessDenied"), "access is denied"),
        (reset, "the connection failed or broke"),
        (cut_after(0, hard=False), "the connection failed or broke"),
        (changed(x_amz_checksum_crc32="AAAAAA=="), "arrived damaged"),
    ],
    ids=["SlowDown", "denied", "reset", "nothing comes", "checksum"],
)
def test_what_stays_is_an_error_and_nothing_is_left(
    trouble: Trouble, words: str, archive: S3Archive, proxy: FaultyProxy, destination: Path
) -> None:
    proxy.on("GET", BODY, trouble, times=999)
    with pytest.raises(DownloadError, match=words) as caught:
        archive.fetch(DATASET, destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.S3_DOWNLOAD_ERROR
    assert "testing" not in str(caught.value)
    assert not (destination / "lsim01aaq_rawtag_b.fits").exists()


def test_an_object_that_changes_meanwhile_is_an_error(
    s3: S3Server, archive: S3Archive, proxy: FaultyProxy, destination: Path
) -> None:
    def change(forward: object) -> object:
        for key in ("in/lsim01010.tar.gz", "in/lsim01010/lsim01aaq_rawtag_b.fits"):
            s3.client.put_object(Bucket=BUCKET, Key=key, Body=bytes(100_000))
        return cut_after(5000)(forward)  # type: ignore[arg-type]

    proxy.on("GET", BODY, change)  # type: ignore[arg-type]
    with pytest.raises(DownloadError, match="the object changed while it was read"):
        archive.fetch(DATASET, destination, lambda _: None)


@pytest.mark.parametrize("damage", ["cut off", "unsafe"])
def test_a_bad_tarball_leaves_nothing(damage: str, s3: S3Server, archive_of: ArchiveOf, destination: Path) -> None:
    data = tarball(ASSOCIATION)[:-100] if damage == "cut off" else tarball(ASSOCIATION | {"../evil": b""})
    s3.client.put_object(Bucket=BUCKET, Key="lsim01010.tar.gz", Body=data)
    with pytest.raises(InputTarError, match=r"The tarball 's3://.*/lsim01010\.tar\.gz' is refused") as caught:
        archive_of("").fetch(DATASET, destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.INPUT_TAR_FILE_ERROR
    assert list(destination.iterdir()) == []


def test_nothing_has_the_status_of_a_failed_download(archive_of: ArchiveOf, destination: Path) -> None:
    with pytest.raises(InputNotFound, match="lsim01010") as caught:
        archive_of("in").fetch(DATASET, destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.S3_DOWNLOAD_ERROR


def test_a_bucket_that_is_not_there(s3: S3Server, destination: Path) -> None:
    archive = make_s3_archive(S3Location("not-there"), SETTINGS, s3.environment, AstropyFits())
    with pytest.raises(CaldpError, match="there is no such bucket") as caught:
        archive.fetch(DATASET, destination, lambda _: None)
    assert caught.value.exit_code is ExitCode.S3_DOWNLOAD_ERROR
    archive.client.close()


@pytest.mark.parametrize(("bucket", "keys"), [("caldp-inputs", False), ("stpubdata", True)])
def test_public_buckets_are_read_anonymously(
    bucket: str, keys: bool, s3: S3Server, proxy: FaultyProxy, destination: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**s3.environment, "AWS_ENDPOINT_URL": proxy.url}
    if not keys:
        environment |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, s3.environment[name])
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3.bucket(bucket)
    key = "hst/public/lsim/lsim01aaq/lsim01aaq_rawtag_a.fits"
    s3.client.put_object(Bucket=bucket, Key=key, Body=b"public", ACL="public-read")
    archive = make_s3_archive(S3Location(bucket), SETTINGS, environment, AstropyFits())
    [path] = archive.fetch(DatasetName.parse("lsim01aaq"), destination, lambda _: None)
    assert path.read_bytes() == b"public"
    assert proxy.requests
    assert not any("Authorization" in headers for headers in proxy.headers)
    archive.client.close()


def test_tells_how_far_it_is(archive: S3Archive, destination: Path) -> None:
    told: list[Event] = []
    archive.fetch(DATASET, destination, told.append)
    transfers = [event for event in told if isinstance(event, Transfer)]
    assert {event.name for event in transfers if event.done == event.total} in ({"lsim01010.tar.gz"}, set(ASSOCIATION))


def test_other_datasets_are_left_alone(s3: S3Server, archive_of: ArchiveOf, destination: Path) -> None:
    s3.client.put_object(Bucket=BUCKET, Key="lsim01010.tar.gz", Body=tarball(ASSOCIATION | OTHERS))
    told: list[Event] = []
    archive_of("").fetch(DATASET, destination, told.append)
    assert {path.name for path in destination.iterdir()} == set(ASSOCIATION)
    assert any(isinstance(event, Note) and "jsim01abq_raw.fits" in event.text for event in told)
