from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.adapters.archive_file import FileArchive
from caldp.adapters.fits_astropy import AstropyFits
from caldp.app.ports import ArchiveSource
from caldp.domain.dataset import AnyDataset, DatasetName
from caldp.domain.errors import InputNotFound, InputTarError
from caldp.domain.events import Event, Note
from caldp.domain.exit_codes import ExitCode
from tests.contracts.archive_source import ASSOCIATION, OTHERS, FileByFileContract
from tests.tarballs import tarball

DATASET = DatasetName.parse("lsim01010")


class TestDirectory(FileByFileContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        for name, data in files.items():
            (directory / name).write_bytes(data)
        return FileArchive(directory, AstropyFits())


class TestTarballInDirectory(FileByFileContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        (directory / f"{dataset}.tar.gz").write_bytes(tarball(files))
        (directory / "lsim77010.tar.gz").write_bytes(b"another dataset's")
        return FileArchive(directory, AstropyFits())


class TestTarballItself(FileByFileContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        path = directory / "any name.tar"
        path.write_bytes(tarball({f"./deep/er/{name}": data for name, data in files.items()}, "w"))
        return FileArchive(path, AstropyFits())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_files_come_before_a_tarball_and_the_user_is_told(place: Path, destination: Path) -> None:
    TestDirectory().source_of(ASSOCIATION | OTHERS, DATASET, place)
    (place / "lsim01010.tar.gz").write_bytes(b"not even read")
    told: list[Event] = []
    paths = FileArchive(place, AstropyFits()).fetch(DATASET, destination, told.append)
    assert {path.name for path in paths} == set(ASSOCIATION)
    [note] = [event.text for event in told if isinstance(event, Note) and "not lsim01010.tar.gz" in event.text]
    assert f"file:{place}/lsim01010.tar.gz" in note


def test_files_of_other_datasets_do_not_stand_before_a_tarball(place: Path, destination: Path) -> None:
    TestDirectory().source_of(OTHERS, DATASET, place)
    (place / "LSIM01010.TAR.GZ").write_bytes(tarball(ASSOCIATION))
    paths = FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert {path.name for path in paths} == set(ASSOCIATION)


def test_two_tarballs_are_ambiguous(place: Path, destination: Path) -> None:
    for ending in (".tar.gz", ".tgz"):
        (place / f"lsim01010{ending}").write_bytes(tarball(ASSOCIATION))
    with pytest.raises(InputTarError, match=r"more than one tarball of lsim01010: lsim01010\.tar\.gz, lsim01010\.tgz"):
        FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert list(destination.iterdir()) == []


def test_the_source_is_not_changed(place: Path, destination: Path) -> None:
    TestDirectory().source_of(ASSOCIATION, DATASET, place)
    before = {path: path.stat() for path in place.iterdir()}
    for path in FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None):
        path.write_bytes(b"changed")
    after = {path: path.stat() for path in place.iterdir()}
    assert [(path, status.st_mtime_ns, status.st_size) for path, status in before.items()] == [
        (path, status.st_mtime_ns, status.st_size) for path, status in after.items()
    ]


@pytest.mark.parametrize(
    ("path", "error", "status"),
    [
        ("nowhere", InputNotFound, ExitCode.INPUT_TAR_FILE_ERROR),
        ("nowhere.tar.gz", InputTarError, ExitCode.INPUT_TAR_FILE_ERROR),
        ("file/below", InputNotFound, ExitCode.INPUT_TAR_FILE_ERROR),
    ],
)
def test_says_that_the_input_is_not_there(
    path: str, error: type[InputNotFound | InputTarError], status: ExitCode, place: Path, destination: Path
) -> None:
    (place / "file").touch()
    with pytest.raises(error, match=path) as caught:
        FileArchive(place / path, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert caught.value.exit_code is status


def test_an_association_without_its_table_goes_by_name_with_a_warning(place: Path, destination: Path) -> None:
    (place / "osim01010_raw.fits").write_bytes(b"")
    told: list[Event] = []
    paths = FileArchive(place, AstropyFits()).fetch(DatasetName.parse("osim01010"), destination, told.append)
    assert [path.name for path in paths] == ["osim01010_raw.fits"]
    assert any(isinstance(event, Note) and "There is no osim01010_asn.fits" in event.text for event in told)


def test_tells_how_far_it_is_and_what_was_left(place: Path, destination: Path) -> None:
    TestDirectory().source_of(ASSOCIATION | OTHERS, DATASET, place)
    told: list[Event] = []
    FileArchive(place, AstropyFits()).fetch(DATASET, destination, told.append)
    assert {event.name for event in told if not isinstance(event, Note) and hasattr(event, "name")} == set(ASSOCIATION)
    assert any(isinstance(event, Note) and "lsim02aaq_rawtag_a.fits" in event.text for event in told)
