"""Files that cannot be read or written: permissions, full disks, read-only places."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from caldp.adapters.archive.file import FileArchive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.packing.gzip import GzipPacker
from caldp.adapters.store.directory import DirectoryStore
from caldp.app.process.flow import DeliveredFile, Destination, ProductSet
from caldp.app.process.identity import make_identity
from caldp.app.process.steps.announce import announce
from caldp.app.process.steps.publish import publish
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.errors import CaldpError, InputNotFound, InputTarError, PublishError, WorkDirectoryError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category, Layout, TreeLayout
from caldp.domain.output.messages import MessageState
from tests.contracts.archive_source import ASSOCIATION
from tests.support.limits import file_size_limit
from tests.support.rights import ordinary_rights
from tests.support.tarballs import tarball

DATASET = DatasetName.parse("lsim01010")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A directory of a user for whom the modes of files hold."""
    for part in ("in", "data", "out", "work"):
        (tmp_path / part).mkdir()
    with ordinary_rights():
        yield tmp_path
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o700)


def files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def fetch(home: Path, source: Path) -> None:
    FileArchive(source, AstropyFits()).fetch(DATASET, home / "data", lambda _: None)


def test_inputs_that_may_only_be_read_are_enough(home: Path) -> None:
    for name, data in ASSOCIATION.items():
        (home / "in" / name).write_bytes(data)
        (home / "in" / name).chmod(0o400)
    (home / "in").chmod(0o500)
    fetch(home, home / "in")
    assert files(home / "data") == sorted(ASSOCIATION)
    assert all(os.access(home / "data" / name, os.W_OK, effective_ids=True) for name in ASSOCIATION)


def test_inputs_that_may_not_be_read(home: Path) -> None:
    for name, data in ASSOCIATION.items():
        (home / "in" / name).write_bytes(data)
    (home / "in" / "lsim01abq_spt.fits").chmod(0)
    with pytest.raises(InputNotFound, match=r"in/lsim01abq_spt\.fits' cannot be read: permission denied"):
        fetch(home, home / "in")
    (home / "in" / "lsim01010.tar.gz").write_bytes(tarball(ASSOCIATION))
    (home / "in" / "lsim01010.tar.gz").chmod(0)
    with pytest.raises(InputTarError, match=r"lsim01010\.tar\.gz' cannot be read: permission denied"):
        fetch(home, home / "in" / "lsim01010.tar.gz")
    (home / "in").chmod(0)
    with pytest.raises(InputNotFound, match="in' cannot be read: permission denied"):
        fetch(home, home / "in")


@pytest.mark.parametrize("packed", [False, True])
def test_a_work_directory_that_may_not_be_written(packed: bool, home: Path) -> None:
    for name, data in {"lsim01010.tar.gz": tarball(ASSOCIATION)}.items() if packed else ASSOCIATION.items():
        (home / "in" / name).write_bytes(data)
    (home / "data").chmod(0o500)
    with pytest.raises(WorkDirectoryError, match="data' cannot be written: permission denied") as caught:
        fetch(home, home / "in")
    assert "CALDP_HOME" in caught.value.advice


def test_a_full_work_directory(home: Path) -> None:
    for name, data in ASSOCIATION.items():
        (home / "in" / name).write_bytes(data)
    refused = pytest.raises(WorkDirectoryError, match="would become larger than this process may write")
    with refused, file_size_limit(4000):
        fetch(home, home / "in")
    assert files(home / "data") == []


def run(home: Path, destination: Destination, state: MessageState = MessageState.PROCESSED) -> None:
    (home / "work/lsim01010_x1dsum.fits").write_bytes(b"sum")
    (home / "work/process.txt").write_bytes(b"log")
    products = ProductSet((DeliveredFile(home / "work/lsim01010_x1dsum.fits", Category.PRODUCT),))
    store(destination, products, [home / "work/process.txt"], state)


def store(
    destination: Destination,
    products: ProductSet,
    logs: Sequence[Path] = (),
    state: MessageState = MessageState.PROCESSED,
) -> None:
    announcement = announce(destination, DATASET, make_identity({}), 120.0, lambda _: None)
    publish(announcement, products, logs=logs, record=lambda *_: b"{}", state=state, tell=lambda _: None)


def test_an_output_that_may_not_be_written_shows_before_anything_is_done(home: Path) -> None:
    (home / "out").chmod(0o500)
    with pytest.raises(PublishError, match=r"out/messages/.* cannot be written: permission denied") as caught:
        run(home, Destination(DirectoryStore(home / "out"), TreeLayout(), GzipPacker()))
    assert caught.value.advice
    assert files(home / "out") == []


@pytest.mark.parametrize("layout", [TreeLayout(), CalcloudLayout()])
def test_a_disk_that_is_full_leaves_the_error_message_and_nothing_half(layout: Layout, home: Path) -> None:
    destination = Destination(DirectoryStore(home / "out"), layout, GzipPacker())
    (home / "work/lsim01010_x1dsum.fits").write_bytes(os.urandom(200_000))
    product = DeliveredFile(home / "work/lsim01010_x1dsum.fits", Category.PRODUCT)
    refused = pytest.raises(PublishError, match="would become larger than this process may write")
    with refused as caught, file_size_limit(100_000):
        store(destination, ProductSet((product,)))
    assert "ulimit" in caught.value.advice
    assert files(home / "out") == [layout.message_key(DATASET, MessageState.ERROR)]
    run(home, destination)
    assert layout.message_key(DATASET, MessageState.PROCESSED) in files(home / "out")
    assert len(files(home / "out")) == 4


def test_a_place_in_the_output_that_may_not_be_written_ends_in_the_error_message(home: Path) -> None:
    destination = Destination(DirectoryStore(home / "out"), TreeLayout(), GzipPacker())
    (home / "out/data/cos").mkdir(parents=True)
    (home / "out/data/cos").chmod(0o500)
    with pytest.raises(CaldpError, match=r"data/cos/lsim01010.* cannot be written: permission denied"):
        run(home, destination)
    assert files(home / "out") == ["messages/datasets-error/lsim01010"]
    (home / "out/data/cos").chmod(0o700)
    run(home, destination)
    assert files(home / "out") == [
        "data/cos/lsim01010/logs/process.txt",
        "data/cos/lsim01010/logs/record.json",
        "data/cos/lsim01010/lsim01010_x1dsum.fits",
        "messages/datasets-processed/lsim01010",
    ]
