"""References that are damaged on their way from the CRDS server, or in the cache."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.campaign.attempt import Ended, Finding, Try
from benchmarks.campaign.kinds.targets import Target, choose_target
from benchmarks.campaign.outputs import published
from benchmarks.campaign.world import World
from tests.support.crds_server import crds_server
from tests.support.replies import (
    Fault,
    flipped,
    late,
    lengthened,
    page,
    reset,
    shortened,
    status,
    truncated,
)


def references(attempt: Try, world: World) -> None:
    """Process offsite with trouble on the way, or a damaged file in the cache; then again without more trouble."""
    chance, subject = attempt.chance, attempt.subject
    target = choose_target(attempt, world)
    attempt.engine()
    cache = attempt.place / "home" / "crds_cache"
    truth = _checksums(subject.crds_cache)
    damaged = _damaged_cache(attempt, cache) if chance.random() < 0.4 else _empty_cache(cache)
    with crds_server(subject.crds_cache, subject.context) as server:
        exports = {
            "CRDS_SERVER_URL": server.url,
            "CRDS_PATH": str(cache),
            "CRDS_CONTEXT": chance.choice((subject.context, "")),
            "CALDP_NETWORK_TIMEOUT": "3",
        }
        if not damaged:
            for _ in range(chance.choice((1, 1, 2, 5))):
                name, trouble = chance.choice(sorted(truth)), chance.choice(sorted(TROUBLES))
                times = chance.choice((1, 2, 20))
                attempt.tell(f"{trouble} on the way of {name}, {times} times")
                server.fail(name, *[TROUBLES[trouble]] * times)
        for last in (False, True):
            ended = attempt.run(
                f"file:{subject.inputs}",
                *target.arguments,
                "--profile",
                "offsite",
                exports={**target.exports, **exports},
            )
            target.judge(attempt, ended, must_succeed=last and not damaged)
            _look(attempt, target, ended, cache, truth, excused=damaged)
            server.mend()


def _look(attempt: Try, target: Target, ended: Ended, cache: Path, truth: Mapping[str, str], *, excused: str) -> None:
    """Check that no run went by a reference that is not the server's, and that none came into the cache."""
    wrong = {
        path.name
        for path in cache.rglob("*")
        if path.is_file() and path.name in truth and _checksum(path) != truth[path.name]
    }
    if wrong - {excused}:
        attempt.find(Finding.OTHER, f"damaged in the cache: {', '.join(sorted(wrong - {excused}))}")
    log = published(target.output.objects(), attempt.subject.dataset, target.layout).logs.get("record.json")
    if ended.status == 0 and log is not None:
        used = {reference["name"] for reference in json.loads(log)["references"]}
        if wrong & used:
            attempt.find(Finding.FALSE, f"processed with damaged {', '.join(sorted(wrong & used))}")


def _empty_cache(cache: Path) -> str:
    """Make an empty cache, flat: from the names of simulated references CRDS cannot tell an instrument."""
    mode = cache / "config" / "hst" / "ref_cache_subdir_mode"
    mode.parent.mkdir(parents=True)
    mode.write_text("flat")
    return ""


def _damaged_cache(attempt: Try, cache: Path) -> str:
    """Copy the cache, and damage one of its files; return which."""
    shutil.copytree(attempt.subject.crds_cache, cache)
    path = attempt.chance.choice(sorted(path for path in cache.rglob("*.*") if path.name in _names(cache)))
    how = attempt.chance.choice(("flipped", "cut off", "empty", "longer"))
    body = path.read_bytes()
    place = attempt.chance.randrange(len(body))
    path.write_bytes(
        {
            "flipped": body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :],
            "cut off": body[:place],
            "empty": b"",
            "longer": body + bytes(2880),
        }[how]
    )
    attempt.tell(f"{path.name} in the cache is {how} (at {place})")
    return path.name


def _names(cache: Path) -> set[str]:
    return {path.name for kind in ("mappings", "references") for path in (cache / kind).rglob("*.*")}


def _checksums(cache: Path) -> dict[str, str]:
    return {
        path.name: _checksum(path)
        for kind in ("mappings", "references")
        for path in sorted((cache / kind).rglob("*.*"))
    }


def _checksum(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


TROUBLES: Final[dict[str, Fault]] = {
    "a flipped bit": flipped,
    "truncated": truncated,
    "shortened": shortened,
    "lengthened": lengthened,
    "reset": reset,
    "HTML": page,
    "503": status(503),
    "500": status(500),
    "404": status(404),
    "silence": late(5.0),
}
