"""The campaign of attacks: its oracle can fail, and a few tries of each kind survive."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.campaign.__main__ import campaign
from benchmarks.campaign.attempt import Ended, Finding, Try
from benchmarks.campaign.judging import judge
from benchmarks.campaign.kinds import KINDS
from benchmarks.campaign.kinds.headers import header_bytes
from benchmarks.campaign.oracle import faults_of
from benchmarks.campaign.outputs import DirectoryOutput, published
from benchmarks.campaign.report import failure, table
from benchmarks.campaign.subject import INSTRUMENTS, make_subjects
from benchmarks.campaign.world import World, make_world
from caldp.adapters.previews.spectrum.reading import read_spectrum
from caldp.domain.output.previews import PreviewKind, plan_previews


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One small dataset, for all tries."""
    made = make_world(tmp_path_factory.mktemp("campaign"), 300.0, patience=60.0, instruments=["cos"])
    yield made
    made.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_try_of_each_kind_survives(kind: str, world: World) -> None:
    told: list[str] = []
    (attempt,) = campaign(world, [kind], [0], 20261125, tell=told.append)
    assert attempt.findings == [], "\n".join(told)


@pytest.fixture
def attempt(world: World, tmp_path: Path) -> Try:
    return Try("test", 0, 0, tmp_path, world.subjects[0], random.Random(1), 60.0)


@pytest.fixture
def output(attempt: Try, world: World) -> DirectoryOutput:
    """Output of a good run."""
    good = DirectoryOutput(attempt.place / "out")
    good.put(world.good[attempt.subject.dataset].objects["tree"])
    return good


def _home(output: DirectoryOutput) -> Path:
    return output.root / "data" / "cos" / "lsim01010"


def _rewrite(path: Path, old: bytes, new: bytes) -> None:
    body = path.read_bytes()
    assert old in body
    path.write_bytes(body.replace(old, new, 1))


def _other_run(home: Path) -> None:
    body = (home / "lsim01a1q_x1d.fits").read_bytes()
    place = body.index(b"TOKEN-") + 6
    (home / "lsim01a1q_x1d.fits").write_bytes(body[:place] + b"0123456789" + body[place + 10 :])


def _other_size(home: Path) -> None:
    record = json.loads((home / "logs" / "record.json").read_text())
    record["products"][0]["size"] += 1
    (home / "logs" / "record.json").write_text(json.dumps(record))


def _flip_data(home: Path) -> None:
    body = bytearray((home / "lsim01a1q_rawtag.fits").read_bytes())
    body[len(body) // 2] ^= 1
    (home / "lsim01a1q_rawtag.fits").write_bytes(body)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "lsim01a1q_x1d.fits is missing": lambda home: (home / "lsim01a1q_x1d.fits").unlink(),
    "lsim01a1q_rawtag.fits is missing": lambda home: (home / "lsim01a1q_rawtag.fits").unlink(),
    "old.fits does not belong there": lambda home: (home / "old.fits").write_bytes(b""),
    "lsim01010_x1dsum.fits is not what the engine makes": lambda home: _rewrite(
        home / "lsim01010_x1dsum.fits", b"COMPLETE", b"PERFORM "
    ),
    "files of 2 runs lie together": _other_run,
    "process.txt is of another run": lambda home: _rewrite(home / "logs" / "process.txt", b"TOKEN-", b"TOKEN+"),
    "there is no process.txt": lambda home: (home / "logs" / "process.txt").unlink(),
    "record.json is no JSON": lambda home: (home / "logs" / "record.json").write_bytes(b"{"),
    "record.json has another size": _other_size,
    "the data of input lsim01a1q_rawtag.fits": _flip_data,
}


@pytest.mark.parametrize("fault", DAMAGES)
def test_the_oracle_sees_damage(fault: str, attempt: Try, output: DirectoryOutput) -> None:
    assert faults_of(attempt.subject, published(output.objects(), attempt.subject.dataset, "tree")) == []
    DAMAGES[fault](_home(output))
    faults = faults_of(attempt.subject, published(output.objects(), attempt.subject.dataset, "tree"))
    assert any(found.startswith(fault) for found in faults), faults
    assert not judge(attempt, output, Ended(0, ""))
    assert attempt.findings[0][0] is Finding.FALSE


def test_a_good_dataset_that_a_failed_run_replaces_is_spoiled(
    attempt: Try, output: DirectoryOutput, world: World
) -> None:
    earlier = world.good[attempt.subject.dataset].objects["tree"]
    assert judge(attempt, output, Ended(23, ""), earlier=earlier)
    assert attempt.findings == []
    (output.root / "messages" / "datasets-processed" / "lsim01010").rename(output.root / "messages" / "gone")
    judge(attempt, output, Ended(23, ""), earlier=earlier)
    assert [finding for finding, _ in attempt.findings] == [Finding.SPOILED]


@pytest.mark.parametrize(
    ("script", "finding"),
    [
        ("exit 3", Finding.STATUS),
        ("echo This is likely a bug in caldp; exit 1", Finding.BUG),
        ("exec sleep 600", Finding.HANG),
        ("sleep 600 & exit 0", Finding.ORPHAN),
        ("kill -11 $$", Finding.STATUS),
        ("exit 23", None),
    ],
)
def test_a_try_sees_how_a_run_ends(
    script: str, finding: Finding | None, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "caldp"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("benchmarks.campaign.attempt.CALDP", str(program))
    with Try("test", 0, 0, tmp_path / "try", world.subjects[0], random.Random(1), 2.0) as attempt:
        attempt.run("file:.", "none")
    assert {found for found, _ in attempt.findings} == ({finding} if finding else set())


def test_tries_are_repeatable_and_told(world: World) -> None:
    one, same, other = (world.attempt("kills", index, 5) for index in (7, 7, 8))
    assert one.chance.random() == same.chance.random() != other.chance.random()
    one.find(Finding.HANG, "still there")
    one.find(Finding.HANG, "still there")
    text = failure(one)
    assert "--seed 5 --kind kills --only 7" in text
    lines = [line.split() for line in table([one, other]).splitlines()]
    assert lines[1] == ["kills", "2", "1", "0", "0", "0", "1", "0", "0", "0"]
    assert lines[-1] == ["all", "2", "1", "0", "0", "0", "1", "0", "0", "0"]


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_spectra_of_the_subjects_can_be_drawn(instrument: str, tmp_path: Path) -> None:
    (subject,) = make_subjects(tmp_path, [instrument])
    requests = [each for each in plan_previews(subject.products.iterdir()) if each.kind is PreviewKind.SPECTRUM]
    assert requests
    for request in requests:
        samples = [len(trace.flux) for panel in read_spectrum(request.sources[0]).panels for trace in panel.traces]
        assert samples
        assert min(samples) == 64


def test_bits_flip_in_headers_only(world: World) -> None:
    from astropy.io import fits

    path = world.subjects[0].inputs / "lsim01a1q_rawtag.fits"
    content, places = path.read_bytes(), header_bytes(path.read_bytes())
    with fits.open(path) as hdus:
        spans = [(hdu.fileinfo()["hdrLoc"], hdu.fileinfo()["datLoc"]) for hdu in hdus]
    assert all(any(start <= place < end for start, end in spans) for place in places)
    assert len([place for place in places if content[place : place + 8] == b"ROOTNAME"]) >= 1
