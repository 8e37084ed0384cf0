"""Directories that take each other's place, with and without a system call that exchanges names."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caldp.adapters.store.directory import DirectoryStore
from caldp.adapters.support import in_place
from caldp.adapters.support.in_place import exchange, flush, put_in_place
from caldp.domain.errors import PublishError


@pytest.fixture(params=["exchange", "renames"])
def atomic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """True if names can be exchanged in one step."""
    if request.param == "renames":
        monkeypatch.setattr(in_place, "exchange", lambda _one, _other: False)
    return bool(request.param == "exchange")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Return a new directory and the place of an old one."""
    new, place = tmp_path / "cos/.x.run", tmp_path / "cos/x"
    for directory, names in ((new, ("1", "logs/new")), (place, ("1", "old"))):
        for name in names:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(directory.name)
    return new, place


def files(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_the_new_one_is_in_place_and_nothing_is_left(atomic: bool, places: tuple[Path, Path]) -> None:
    told: list[str] = []
    put_in_place(*places, lambda: told.append("unsettled"))
    assert files(places[1].parent) == {"x/1": ".x.run", "x/logs/new": ".x.run"}
    assert names(places[1].parent) == ["x"]
    assert told == ([] if atomic else ["unsettled"])


def test_a_place_that_is_empty_is_taken(atomic: bool, places: tuple[Path, Path], tmp_path: Path) -> None:
    put_in_place(places[0], tmp_path / "attempts/x/run", lambda: pytest.fail("one step is enough"))
    assert files(tmp_path / "attempts") == {"x/run/1": ".x.run", "x/run/logs/new": ".x.run"}


def test_a_link_to_a_directory_is_replaced_and_what_it_points_at_is_left(
    atomic: bool, places: tuple[Path, Path], tmp_path: Path
) -> None:
    new, place = places
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    put_in_place(new, place, lambda: None)
    assert files(place) == {"1": ".x.run", "logs/new": ".x.run"}
    assert files(tmp_path / "elsewhere") == {"1": "x", "old": "x"}
    assert names(place.parent) == ["x"]


class Killed(BaseException):
    """Error that a process does not survive."""


def kills(monkeypatch: pytest.MonkeyPatch, places: tuple[Path, Path]) -> Iterator[None]:
    """Kill before each renaming in turn."""
    rename = Path.rename
    for number in range(10):
        left = [number]

        def renamed(path: Path, target: Path, left: list[int] = left) -> Path:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return rename(path, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", renamed)
            try:
                put_in_place(*places, lambda: None)
            except Killed:
                yield
            else:
                return


def test_what_was_killed_between_two_renamings_is_completed(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_place, "exchange", lambda _one, _other: False)
    times = 0
    for _ in kills(monkeypatch, places):
        times += 1
        assert files(places[0]) == {"1": ".x.run", "logs/new": ".x.run"}  # it is whole, and can be put in place again
    assert times == 2
    assert files(places[1]) == {"1": ".x.run", "logs/new": ".x.run"}


@pytest.mark.parametrize(("number", "answer"), [(errno.EINVAL, False), (errno.ENOSYS, False), (errno.EACCES, None)])
def test_what_the_system_says_of_an_exchange(
    number: int, answer: bool | None, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Library:
        @staticmethod
        def renameat2(*_arguments: object) -> int:
            return -1

    monkeypatch.setattr("ctypes.CDLL", lambda _name, **_options: Library)
    monkeypatch.setattr("ctypes.get_errno", lambda: number)
    if answer is None:
        with pytest.raises(PermissionError):
            exchange(*places)
    else:
        assert exchange(*places) is answer


def test_all_files_and_directories_are_flushed(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: set[Path] = set()
    fsync: Callable[[int], None] = os.fsync

    def recorded(descriptor: int) -> None:
        flushed.add(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    flush(places[0])
    expected = {places[0].parent, places[0], places[0] / "1", places[0] / "logs", places[0] / "logs/new"}
    assert flushed == expected


def test_a_disk_that_cannot_take_it_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DirectoryStore(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x").touch()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PublishError, match="the disk is full"):
        store.settle("data/")


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("no_links")
def test_conditions_hold_on_file_systems_without_links(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    version = store.put_if("m/x", b"first", None)
    with pytest.raises(PublishError):
        store.put_if("m/x", b"second", None)
    with pytest.raises(PublishError):
        store.put_if("m/x", b"second", "another version")
    assert store.get_bytes("m/x") == b"first"
    store.put_if("m/x", b"second", version)
    assert store.get_bytes("m/x") == b"second"
    assert names(tmp_path / "m") == ["x"]
