"""Digests of a run's files, beside other work."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from caldp.app.process.digests import Digests
from caldp.domain.hst.digests import FileDigest
from tests.fakes.fits_files import FakeFits


class CountingFits(FakeFits):
    """Counts what it digests, and waits before it does if it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.digested: list[str] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def digest(self, path: Path) -> FileDigest | None:
        self.digested.append(path.name)
        self.may_go_on.wait(60)
        return super().digest(path)


@pytest.fixture
def fits() -> CountingFits:
    return CountingFits()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_is_digested_once_while_it_stays_the_same(tmp_path: Path, fits: CountingFits) -> None:
    path, digests = tmp_path / "a.tra", Digests(fits)
    path.write_bytes(b"first")
    digests.begin([path, path])
    assert digests.of(path) == digests.of(path) == FileDigest(5, sha256(b"first"))
    assert fits.digested == ["a.tra"]


def test_a_file_that_was_written_again_is_digested_again(tmp_path: Path, fits: CountingFits) -> None:
    path, digests = tmp_path / "a.tra", Digests(fits)
    path.write_bytes(b"first")
    assert digests.of(path) == FileDigest(5, sha256(b"first"))
    path.write_bytes(b"second")
    assert digests.of(path) == FileDigest(6, sha256(b"second"))


def test_a_file_that_is_not_there_has_none(tmp_path: Path, fits: CountingFits) -> None:
    digests = Digests(fits)
    digests.begin([tmp_path / "a.tra"])
    assert digests.of(tmp_path / "a.tra") is None
    assert fits.digested == []


def test_after_giving_up_only_what_is_done_is_known_and_nothing_is_waited_for(
    tmp_path: Path, fits: CountingFits
) -> None:
    digests = Digests(fits, threads=1)
    done, working, waiting, new = (tmp_path / f"{name}.tra" for name in ("done", "working", "waiting", "new"))
    for path in (done, working, waiting, new):
        path.write_bytes(b"x")
    known = digests.of(done)
    fits.may_go_on.clear()
    digests.begin([working, waiting])
    digests.give_up()
    assert digests.of(done) == known == FileDigest(1, sha256(b"x"))
    assert [digests.of(path) for path in (working, waiting, new)] == [None, None, None]
    fits.may_go_on.set()
    assert set(fits.digested) <= {"done.tra", "working.tra"}


def test_without_threads_a_file_is_digested_all_the_same(
    tmp_path: Path, fits: CountingFits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    path, digests = tmp_path / "a.tra", Digests(fits)
    path.write_bytes(b"first")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert digests.of(path) == FileDigest(5, sha256(b"first"))


def test_a_file_that_memory_does_not_suffice_for_has_none(
    tmp_path: Path, fits: CountingFits, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> FileDigest:
        raise MemoryError

    path, digests = tmp_path / "a.tra", Digests(fits)
    path.write_bytes(b"first")
    monkeypatch.setattr(fits, "digest", fail)
    assert digests.of(path) is None
