"""Memory of checksums between runs."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caldp.adapters.support.verified import VerifiedFiles, examine
from caldp.domain.calibration.reference_check import Identity

BODY = b"SIMPLE  =" * 400
KNOWN = Identity(len(BODY), hashlib.sha1(BODY).hexdigest())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "user" / "memory.txt"


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "x_drk.fits"
    path.write_bytes(BODY)
    return path


def remembered(place: Path, reference: Path, known: Identity | None = KNOWN) -> None:
    entry, stable = examine(reference, known, "catalogue")
    assert stable
    VerifiedFiles(place).remember(reference, entry)


def test_another_process_finds_what_was_remembered(place: Path, reference: Path) -> None:
    remembered(place, reference)
    found = VerifiedFiles(place).lookup(reference)
    assert found is not None
    assert (found.verified, found.sha1, found.known) == (True, KNOWN.sha1, KNOWN)


def test_a_file_that_was_changed_is_unknown_even_with_its_size_and_time(place: Path, reference: Path) -> None:
    remembered(place, reference)
    before = reference.stat()
    with reference.open("r+b") as stream:
        stream.write(b"s")
    os.utime(reference, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert VerifiedFiles(place).lookup(reference) is None


def test_what_differs_from_the_catalogue_is_remembered_as_not_verified(place: Path, reference: Path) -> None:
    remembered(place, reference, Identity(len(BODY), "0" * 40))
    found = VerifiedFiles(place).lookup(reference)
    assert found is not None
    assert not found.verified
    assert found.catalogue == "catalogue"


def test_a_file_of_another_size_is_not_read(reference: Path) -> None:
    entry, _ = examine(reference, Identity(3), "")
    assert (entry.sha1, entry.verified) == ("", False)


def test_without_a_checksum_in_the_catalogue_the_size_decides(reference: Path) -> None:
    entry, _ = examine(reference, Identity(len(BODY)), "")
    assert entry.verified


@pytest.mark.parametrize("damage", [b"", b"\x00\xff garbage", b"deadbeef [1, 2]\n"], ids=["empty", "binary", "line"])
def test_damage_to_the_memory_loses_damaged_lines_only(place: Path, reference: Path, damage: bytes) -> None:
    place.parent.mkdir()
    place.write_bytes(damage)
    assert VerifiedFiles(place).lookup(reference) is None
    remembered(place, reference)
    assert VerifiedFiles(place).lookup(reference) is not None


def test_every_flipped_bit_of_an_entry_makes_it_unknown_or_leaves_it_right(place: Path, reference: Path) -> None:
    remembered(place, reference)
    good = place.read_bytes()
    for bit in range(len(good) * 8):
        damaged = bytearray(good)
        damaged[bit // 8] ^= 1 << bit % 8
        place.write_bytes(damaged)
        found = VerifiedFiles(place).lookup(reference)
        assert found is None or found.sha1 == KNOWN.sha1


def test_many_at_once_lose_nothing(place: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"r{number}.fits" for number in range(40)]
    for path in files:
        path.write_bytes(BODY)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: remembered(place, path), files))
    memory = VerifiedFiles(place)
    assert all(memory.lookup(path) for path in files)


def test_a_memory_that_cannot_be_written_is_no_trouble(reference: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of a directory")
    place = tmp_path / "file" / "memory.txt"
    remembered(place, reference)
    assert VerifiedFiles(place).lookup(reference) is None
