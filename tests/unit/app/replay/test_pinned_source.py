"""Inputs that must be those of a lock."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from attrs import evolve

from caldp.app.replay.pinned_source import PinnedSource
from caldp.domain.errors import InputMismatch
from caldp.domain.hst.association import Association, Member
from caldp.domain.lock.entries import LockedFile
from caldp.domain.lock.make import make_lock
from tests.fakes.archive_source import FakeSource
from tests.fakes.fits_files import FakeFits
from tests.support.locked import RECORDED

CONTENTS = {"lsim01010_asn.fits": b"table", "lsim01a1q_rawtag.fits": b"events"}
TABLE = Association("lsim01010", (Member("lsim01a1q", "EXP-FP", True), Member("lsim01010", "PROD-FP", True)))
LOCK = evolve(
    make_lock(RECORDED),
    inputs=tuple(LockedFile(name, hashlib.sha256(data).hexdigest()) for name, data in CONTENTS.items()),
)


def fetch(tmp_path: Path, contents: dict[str, bytes]) -> tuple[Path, ...]:
    files = {name: (lambda path, data=data: path.write_bytes(data)) for name, data in contents.items()}
    source = PinnedSource(FakeSource(files, {"lsim01010": TABLE}), LOCK, FakeFits())
    return source.fetch(LOCK.dataset, tmp_path, lambda _event: None)


def test_files_of_the_lock_pass(tmp_path: Path) -> None:
    assert [path.name for path in fetch(tmp_path, CONTENTS)] == sorted(CONTENTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lsim01a1q_rawtag.fits": b"Events"}, "lsim01a1q_rawtag.fits has other contents"),
        ({"lsim01a1q_spt.fits": b"more"}, "lsim01a1q_spt.fits is not in the lock"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, change: dict[str, bytes], message: str) -> None:
    with pytest.raises(InputMismatch, match=message) as caught:
        fetch(tmp_path, CONTENTS | change)
    assert caught.value.exit_code == 21


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    more = evolve(LOCK, inputs=(*LOCK.inputs, LockedFile("lsim01a1q_spt.fits", "0" * 64)))
    files = {name: (lambda path, data=data: path.write_bytes(data)) for name, data in CONTENTS.items()}
    source = PinnedSource(FakeSource(files, {"lsim01010": TABLE}), more, FakeFits())
    with pytest.raises(InputMismatch, match=r"lsim01a1q_spt\.fits is missing"):
        source.fetch(LOCK.dataset, tmp_path, lambda _event: None)
