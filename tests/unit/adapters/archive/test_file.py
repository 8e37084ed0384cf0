import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from caldp.adapters.archive.file import FileArchive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.errors import InputNotFound, InputTarError, InvalidInput
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.run.events import Event, Note
from tests.contracts.archive_source import ASSOCIATION, OTHERS, FileByFileContract
from tests.support import raws
from tests.support.tarballs import tarball

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


@pytest.mark.parametrize("form", ["mastDownload/HST/{}", "HST/{}", "{}"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_each_rootnames_folder_of_a_download_is_found(
    form: str, case: Callable[[str], str], place: Path, destination: Path
) -> None:
    for name, data in (ASSOCIATION | OTHERS).items():
        folder = place / form.format(case(name[:9]))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    told: list[Event] = []
    paths = FileArchive(place, AstropyFits()).fetch(DATASET, destination, told.append)
    assert {path.name: path.read_bytes() for path in paths} == ASSOCIATION
    assert any(f"from '{place}" in event.text for event in told if isinstance(event, Note))


def test_a_folder_named_after_the_dataset_holds_all_of_it_or_a_tarball(place: Path, destination: Path) -> None:
    (place / "lsim01010").mkdir()
    TestDirectory().source_of(ASSOCIATION | OTHERS, DATASET, place / "lsim01010")
    paths = FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert {path.name for path in paths} == set(ASSOCIATION)
    (place / "lsim02010").mkdir()
    (place / "lsim02010" / "lsim02010.tar.gz").write_bytes(tarball(OTHERS))
    paths = FileArchive(place, AstropyFits()).fetch(DatasetName.parse("lsim02010"), destination, lambda _: None)
    assert {path.name for path in paths} == {"lsim02010_asn.fits", "lsim02aaq_rawtag_a.fits"}


def test_the_directorys_own_files_come_before_a_folder(place: Path, destination: Path) -> None:
    TestDirectory().source_of(ASSOCIATION, DATASET, place)
    (place / "lsim01010").mkdir()
    (place / "lsim01010" / "lsim01010_asn.fits").write_bytes(b"never read")
    paths = FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert {path.name: path.read_bytes() for path in paths} == ASSOCIATION


@pytest.mark.parametrize("form", ["{}", "mastDownload/HST/{}"])
def test_a_wrong_name_lists_the_datasets_that_are_there(form: str, place: Path, destination: Path) -> None:
    for name, data in (ASSOCIATION | OTHERS).items():
        path = place / form.format(name if form == "{}" else f"{name[:9]}/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with pytest.raises(InputNotFound) as caught:
        FileArchive(place, AstropyFits()).fetch(DatasetName.parse("oabc01010"), destination, lambda _: None)
    assert caught.value.advice.startswith("There is input of lsim01010, lsim02010, jsim01abq. Expected")


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


FOREIGN: dict[str, tuple[bytes, str]] = {
    "FITS": (raws.raw("lsim01aaq"), "a FITS file, not a tarball"),
    "FITS, gzipped": (gzip.compress(raws.raw("lsim01aaq")), "a FITS file compressed with gzip, not a tarball"),
    "zip": (b"PK\x03\x04" + bytes(100), "a zip archive, not a tarball"),
    "empty": (b"", "an empty file, not a tarball"),
    "empty, gzipped": (gzip.compress(b""), "an empty file compressed with gzip, not a tarball"),
    "HTML": (b"<!DOCTYPE html><title>Sign in</title>", "an HTML page, not a tarball"),
    "text": (b"see the other directory\n", "a text file, not a tarball"),
    "cut off": (tarball(ASSOCIATION)[:-100], "it is cut off or damaged"),
    "cut off at once": (tarball(ASSOCIATION)[:20], "it is cut off or damaged"),
    "plain and cut off": (tarball(ASSOCIATION, "w")[:700], "it is cut off or damaged"),
    "noise": (bytes(range(256)) * 8, "it is cut off or damaged"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_was_given_in_the_place_of_a_tarball_is_called_by_its_name(
    kind: str, place: Path, destination: Path
) -> None:
    content, words = FOREIGN[kind]
    path = place / "lsim01010.tar.gz"
    path.write_bytes(content)
    with pytest.raises(InputTarError, match=words) as caught:
        FileArchive(path, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert repr(str(path)) in caught.value.message
    assert caught.value.advice.startswith("Expected ")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("lsim01aaq_rawtag_a.fits.gz", b"<html>", "is an HTML page, not a file compressed with gzip"),
        ("lsim01aaq_rawtag_a.fits.gz", raws.raw("lsim01aaq"), "is a FITS file, not a file compressed with gzip"),
        ("lsim01aaq_rawtag_a.fits.gz", gzip.compress(bytes(9999), mtime=0)[:-9], "it is not a whole gzip file"),
    ],
)
def test_a_compressed_file_that_is_none(name: str, content: bytes, words: str, place: Path, destination: Path) -> None:
    TestDirectory().source_of(ASSOCIATION, DATASET, place)
    (place / name.removesuffix(".gz")).unlink()
    (place / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=words):
        FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None)


def test_a_missing_association_table_is_named_where_its_exposures_lie(place: Path, destination: Path) -> None:
    TestDirectory().source_of(ASSOCIATION, DATASET, place)
    (place / "lsim01010_asn.fits").unlink()
    with pytest.raises(InputNotFound, match=r"no association table lsim01010_asn\.fits") as caught:
        FileArchive(place, AstropyFits()).fetch(DATASET, destination, lambda _: None)
    assert "lsim01aaq_rawtag_a.fits" in caught.value.message
    assert "no raw exposure" not in caught.value.message


def test_places_are_quoted(monkeypatch: pytest.MonkeyPatch, place: Path, destination: Path) -> None:
    monkeypatch.chdir(place)
    with pytest.raises(InputNotFound, match=r" of lsim01010 in '\.'\.$"):
        FileArchive(Path(), AstropyFits()).fetch(DATASET, destination, lambda _: None)
