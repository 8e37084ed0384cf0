"""Tarballs as inputs: hostile ones, damaged ones, and odd ones that are good."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.campaign.attempt import Finding, Try
from benchmarks.campaign.judging import judge
from benchmarks.campaign.kinds.targets import choose_target
from benchmarks.campaign.world import World

_MOST_BYTES: Final = 20_000_000
Members = list[tuple[tarfile.TarInfo, bytes]]


def tarballs(attempt: Try, world: World) -> None:
    """Process a dataset from one tarball; nothing of it may come to lie outside of the scratch directory."""
    chance = attempt.chance
    target = choose_target(attempt, world)
    inputs = attempt.place / "in"
    inputs.mkdir()
    attempt.engine()
    name = chance.choice(sorted(TARBALLS))
    attempt.tell(name)
    (inputs / f"{attempt.subject.dataset}.tar.gz").write_bytes(TARBALLS[name](attempt))
    sentinel = attempt.place / "evil"
    ended = attempt.run(f"file:{inputs}", *target.arguments, exports={"CALDP_TAR_MAX_BYTES": str(_MOST_BYTES)})
    good = name in GOOD
    whole = judge(
        attempt, target.output, ended, layout=target.layout, earlier=target.earlier, inputs=attempt.subject.inputs,
        must_succeed=good,
    )  # fmt: skip
    if name in REFUSED and ended.status == 0:
        attempt.find(Finding.FALSE, f"{name} passed{' with all files' if whole else ''}")
    escaped = [path for path in attempt.place.rglob("evil*") if path.parent != inputs]
    if escaped or sentinel.exists():
        attempt.find(Finding.OTHER, f"{name} wrote {', '.join(map(str, escaped))}")


def _members(attempt: Try) -> Members:
    return [
        (_plain(path.name, path.read_bytes()), path.read_bytes()) for path in sorted(attempt.subject.inputs.iterdir())
    ]


def _plain(name: str, content: bytes, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname, member.mode = len(content), kind, target, 0o644
    return member


def _packed(members: Members) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _with(
    name: str, content: bytes = b"evil", kind: bytes = tarfile.REGTYPE, target: str = ""
) -> Callable[[Try], bytes]:
    """Add a member at a random place."""

    def make(attempt: Try) -> bytes:
        members = _members(attempt)
        size = content if kind == tarfile.REGTYPE else b""
        members.insert(attempt.chance.randrange(len(members) + 1), (_plain(name, size, kind, target), size))
        return _packed(members)

    return make


def _prefixed(prefix: str) -> Callable[[Try], bytes]:
    return lambda attempt: _packed([(_plain(prefix + member.name, body), body) for member, body in _members(attempt)])


def _cut(attempt: Try) -> bytes:
    whole = _packed(_members(attempt))
    return whole[: attempt.chance.choice((0, 1, 10, len(whole) - 1, attempt.chance.randrange(len(whole))))]


def _flipped(attempt: Try) -> bytes:
    whole = bytearray(_packed(_members(attempt)))
    whole[attempt.chance.randrange(10, len(whole))] ^= 1 << attempt.chance.randrange(8)
    return bytes(whole)


def _zip(attempt: Try) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, body in _members(attempt):
            archive.writestr(member.name, body)
    return buffer.getvalue()


def _shuffled(attempt: Try) -> bytes:
    members = _members(attempt)
    attempt.chance.shuffle(members)
    return _packed(members)


def _one_less(attempt: Try) -> bytes:
    """Leave a raw file out."""
    members = _members(attempt)
    raws = [member for member in members if "_raw" in member[0].name]
    members.remove(attempt.chance.choice(raws))
    return _packed(members)


def _first_input(attempt: Try) -> Path:
    return min(attempt.subject.inputs.iterdir())


GOOD: Final[dict[str, Callable[[Try], bytes]]] = {
    "plain": lambda attempt: _packed(_members(attempt)),
    "in a directory": _prefixed("data/"),
    "with ./": _prefixed("./"),
    "in any order": _shuffled,
    "with a neighbour's file": _with("lzzz01zzq_rawtag.fits", b"SIMPLE"),
}
REFUSED: Final[dict[str, Callable[[Try], bytes]]] = {
    "above": _with("../evil"),
    "beside": _with("../caldp-work-evil/evil"),
    "absolute": _with("/tmp/evil-campaign"),
    "a link out": _with("evil", kind=tarfile.SYMTYPE, target="/etc"),
    "a link up": _with("x_raw.fits", kind=tarfile.SYMTYPE, target="../../evil"),
    "a hard link out": _with("x_raw.fits", kind=tarfile.LNKTYPE, target="/etc/passwd"),
    "a device": _with("evil", kind=tarfile.CHRTYPE),
    "a pipe": _with("evil", kind=tarfile.FIFOTYPE),
    "a bomb": _with("x_raw.fits", bytes(30_000_000)),
    "cut off": _cut,
    "a flipped bit": _flipped,
    "a raw file is missing": _one_less,
    "a zip file": _zip,
    "a FITS file": lambda attempt: _first_input(attempt).read_bytes(),
    "gzip of text": lambda _try: gzip.compress(b"nothing of the kind\n" * 100),
    "empty": lambda _try: b"",
    "an empty tarball": lambda _try: _packed([]),
}
TARBALLS: Final = {**GOOD, **REFUSED}
