"""Leftovers are found by the names that caldp gives, and removed only if nobody holds them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from caldp.adapters.leftovers.directory import DirectoryLeftovers
from caldp.adapters.support.partial import PartialFile
from caldp.app.clean.clean_up import CleanUp
from caldp.app.ports.leftovers import Leftovers
from caldp.app.process.identity import make_identity
from caldp.app.scratch.ownership import OWNER_FILE, Claim, owned_temporary, read_owner
from caldp.app.scratch.work_directory import leave_work_directory, make_work_directory
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Layout, TreeLayout
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.output.messages import MessageState
from caldp.domain.run.leftovers import Machine, Standing
from tests.contracts.leftovers import LeftoversContract

DATASET = DatasetName.parse("ldfd01010")
KILLED = """
import os, signal, sys
from pathlib import Path
from caldp.adapters.support.partial import PartialFile
from caldp.app.scratch.work_directory import make_work_directory
from caldp.domain.hst.dataset import DatasetName
work = make_work_directory(DatasetName.parse("ldfd01010"), Path(sys.argv[1]), run="run-1")
(work.data / "x_raw.fits").write_bytes(bytes(1000))
partial = PartialFile.begin(Path(sys.argv[1]) / "data" / "cos" / "ldfd01010" / "x_flt.fits")
partial.write(bytes(500))
if sys.argv[2] == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
print(work.root, flush=True)
sys.stdin.read()
"""


class TestDirectoryLeftovers(LeftoversContract):
    @pytest.fixture
    def leftovers(self, tmp_path: Path) -> Iterator[Leftovers]:
        failed, living = make_work_directory(DATASET, tmp_path), make_work_directory(DATASET, tmp_path)
        for work in (failed, living):
            (work.data / "x_raw.fits").write_bytes(b"SIMPLE")
        leave_work_directory(failed, ok=False, keep=False)
        yield DirectoryLeftovers()
        leave_work_directory(living, ok=True, keep=False)


def killed(home: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(home), "kill"], check=False)


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Path]:
    """The work directory of a run that goes on in another process."""
    command = [sys.executable, "-c", KILLED, str(tmp_path), "live"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Path(process.stdout.readline().strip())
        process.communicate()


def clean(
    *places: Path, later: float = 0.0, here: Machine | None = None, **options: bool | list[str]
) -> dict[str, str]:
    """Clean; return the standing of everything, and whether it was removed, by name."""
    leftovers = DirectoryLeftovers(clock=lambda: time.time() + later)
    if here is not None:
        leftovers = DirectoryLeftovers(here, lambda: time.time() + later)
    found = CleanUp(leftovers)(places, **options)  # type: ignore[arg-type]
    assert not [one.trouble for one in found if one.trouble]
    return {
        Path(one.leftover.path).name: f"{one.leftover.standing}{', removed' if one.removed else ''}" for one in found
    }


def tree(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_killed_run_is_cleaned_up_after(tmp_path: Path) -> None:
    killed(tmp_path)
    (work,) = tmp_path.glob("caldp-work-ldfd01010-*")
    owner = read_owner(work)
    assert owner is not None
    assert (owner.dataset, owner.run) == ("ldfd01010", "run-1")
    found = CleanUp(DirectoryLeftovers())([tmp_path], dry_run=True)
    assert {one.leftover.standing for one in found} == {Standing.LOST, Standing.NEW}
    assert sum(one.leftover.size for one in found) == 1500 + (work / OWNER_FILE).stat().st_size
    assert work.exists()
    assert set(clean(tmp_path, later=100).values()) == {"killed, removed"}
    assert tree(tmp_path) == ["data", "data/cos", "data/cos/ldfd01010"]
    assert clean(tmp_path) == {}


def test_a_living_run_keeps_everything(living: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    found = clean(tmp_path, later=1e6, kept=True, gone_hosts=[Machine("x").host])
    assert found[living.name] == "running"
    assert set(found.values()) == {"running"}
    assert tree(tmp_path) == before


def test_failed_runs_go_and_kept_ones_only_if_asked_for(tmp_path: Path) -> None:
    failed, kept, good, nothing = (make_work_directory(DATASET, tmp_path) for _ in range(4))
    for work in (failed, kept, good):
        (work.data / "x_raw.fits").touch()
    assert leave_work_directory(failed, ok=False, keep=False) == str(failed.root)
    assert leave_work_directory(kept, ok=True, keep=True) == str(kept.root)
    assert leave_work_directory(good, ok=True, keep=False) == ""
    assert leave_work_directory(nothing, ok=False, keep=False) == ""
    assert clean(tmp_path) == {failed.root.name: "failed, removed", kept.root.name: "kept"}
    assert clean(tmp_path, kept=True) == {kept.root.name: "kept, removed"}
    assert tree(tmp_path) == []


def test_remains_of_a_download_are_nothing_to_look_at(tmp_path: Path) -> None:
    work = make_work_directory(DATASET, tmp_path)
    (work.data / ".x_raw.fits.part").write_bytes(b"SIMPLE")
    assert leave_work_directory(work, ok=False, keep=False) == ""
    assert tree(tmp_path) == []


def test_a_run_of_another_host_is_not_taken_for_dead(tmp_path: Path) -> None:
    killed(tmp_path)
    other = Machine("node17", "another boot")
    found = clean(tmp_path, here=other, later=100)
    assert sorted(found.values()) == ["another host", "killed, removed"]  # the partial file's lock was free
    name = next(iter(tmp_path.glob("caldp-work-*"))).name
    owner = read_owner(tmp_path / name)
    assert owner is not None
    assert clean(tmp_path, here=other, gone_hosts=["node18"]) == {name: "another host"}
    assert clean(tmp_path, here=other, gone_hosts=[owner.machine.host]) == {name: "another host, removed"}


def test_directories_without_a_note_may_just_have_been_made(tmp_path: Path) -> None:
    work = tmp_path / "caldp-work-ldfd01010-abcd_123"
    work.mkdir()
    assert clean(tmp_path) == {work.name: "just made"}
    assert clean(tmp_path, later=100) == {work.name: "killed, removed"}


@pytest.mark.parametrize("note", [b"", b"{", b"[1]", b"\xff" * 70_000, b'{"machine": {"host": "h", "boot": ""}}'])
def test_a_note_that_is_none_is_as_good_as_none(note: bytes, tmp_path: Path) -> None:
    work = tmp_path / "caldp-work-ldfd01010-abcd_123"
    work.mkdir()
    (work / OWNER_FILE).write_bytes(note)
    assert clean(tmp_path) == {work.name: "just made"}
    assert clean(tmp_path, later=100) == {work.name: "killed, removed"}


STRANGERS = [
    "caldp-work-ldfd01010",
    "caldp-work-ldfd01010-toolong12",
    "caldp-work-nodataset-abcd1234",
    "caldp-work-ldfd01010-abcd1234.bak",
    "my-caldp-work-ldfd01010-abcd1234",
    "caldp-abcd1234",
    "caldp-work",
    "data",
]


def test_what_is_not_ours_is_never_touched(tmp_path: Path) -> None:
    for name in STRANGERS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "precious").touch()
    (tmp_path / "caldp-work-ldfd01010-afile123").touch()
    (tmp_path / ".x_flt.fits.part").touch()
    (tmp_path / ".x_flt.fits.abcd12345.part").touch()
    (tmp_path / "messages" / "datasets-processed").mkdir(parents=True)
    (tmp_path / "messages" / "datasets-processed" / ".hidden").touch()
    before = tree(tmp_path)
    assert clean(tmp_path, later=1e6, kept=True) == {}
    assert tree(tmp_path) == before


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "cos" / "ldfd01010").mkdir(parents=True)
    partial = elsewhere / "cos" / "ldfd01010" / ".x_flt.fits.0123abcd.part"
    partial.touch()
    place = tmp_path / "place"
    place.mkdir()
    (place / "data").symlink_to(elsewhere)
    (place / ".y_flt.fits.0123abcd.part").symlink_to(partial)
    (place / "caldp-work-ldfd01010-abcd1234").symlink_to(elsewhere)
    work = place / "caldp-work-ldfd01010-abcd5678"
    work.mkdir()
    (work / "data").symlink_to(elsewhere)
    (work / OWNER_FILE).symlink_to(partial)
    assert clean(place, later=1e6) == {work.name: "killed, removed"}
    assert partial.exists()
    assert not work.exists()


def test_of_a_directory_that_the_user_named_only_our_parts_go(tmp_path: Path) -> None:
    named = tmp_path / "mine"
    work = make_work_directory(DATASET, tmp_path, named)
    (work.data / "x_raw.fits").touch()
    leave_work_directory(work, ok=False, keep=False)
    assert clean(tmp_path) == {}  # whoever wants it cleaned names it
    (named / "notes.txt").write_text("of the user")
    with pytest.raises(AssertionError, match="cannot be removed as a whole"):
        clean(named)
    assert tree(named) == [OWNER_FILE, "notes.txt"]
    (named / "notes.txt").unlink()
    assert clean(named) == {"mine": "failed, removed"}
    assert not named.exists()


@pytest.mark.parametrize(
    "place",
    [
        "x_flt.fits", "messages/datasets-processed/ldfd01010", "messages/processed-ldfd01010.trigger",
        "data/cos/ldfd01010/logs/process.txt", "data/cos/ldfd01010/previews/x.png", "outputs/ldfd01010/process.txt",
        "mappings/hst/hst_0729.pmap", "references/hst/x_dark.fits", "references/hst/cos/x_dark.fits",
    ],
)  # fmt: skip
def test_half_written_files_of_outputs_and_caches_are_found(place: str, tmp_path: Path) -> None:
    partial = PartialFile.begin(tmp_path / place)
    hidden = partial.path.with_name(partial.path.name.replace(partial.path.name[-13:-5], "0123abcd"))
    hidden.write_bytes(b"SIMPLE")
    (tmp_path / place).write_bytes(b"whole")
    assert clean(tmp_path, later=100) == {partial.path.name: "running", hidden.name: "killed, removed"}
    assert (tmp_path / place).read_bytes() == b"whole"
    partial.discard()


def test_partial_files_that_are_being_written_stay(tmp_path: Path) -> None:
    partial = PartialFile.begin(tmp_path / "x_flt.fits")
    assert clean(tmp_path, later=1e6) == {partial.path.name: "running"}
    partial.discard()
    assert clean(tmp_path) == {}


def test_temporary_directories_are_owned_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with owned_temporary("caldp-links-") as directory:
        (directory / "r").symlink_to(tmp_path)
        assert clean(tmp_path, later=1e6) == {directory.name: "running"}
    assert tree(tmp_path) == []


def test_two_claims_of_one_directory_do_not_meet(tmp_path: Path) -> None:
    claim = Claim.take(tmp_path)
    with pytest.raises(FileExistsError):
        Claim.take(tmp_path)
    claim.release()
    claim.release()


RUN = "20261125T101112Z-0123abcd"
GONE = RunIdentity(RUN, "node1", 4711, f"{make_identity({}).process.rpartition('/')[0]}/1")
ELSEWHERE = RunIdentity(RUN, "node17", 4711, "another boot/pid:[1]/1")
ANOTHER = RunIdentity("20261125T101113Z-0123abcd", "node17", 4711, "another boot/pid:[1]/1")


@pytest.mark.parametrize("layout", [TreeLayout(), CalcloudLayout()])
@pytest.mark.parametrize(
    ("owner", "processed", "expected"),
    [
        (None, True, "killed, removed"),
        (GONE, True, "killed, removed"),
        (ANOTHER, True, "killed, removed"),
        (None, False, "unfinished"),
        (GONE, False, "unfinished"),
        (ELSEWHERE, True, "another host"),
        (evolve(make_identity({}), run=RUN), True, "running"),
    ],
)
def test_staged_products(
    owner: RunIdentity | None, processed: bool, expected: str, layout: Layout, tmp_path: Path
) -> None:
    parent, _, _ = layout.prefix(DATASET).rstrip("/").rpartition("/")
    staged = tmp_path / parent / f".ldfd01010.{RUN}"
    staged.mkdir(parents=True)
    (staged / "x_flt.fits").write_bytes(b"SIMPLE")
    for key, body, wanted in (
        (layout.prefix(DATASET) + "x_flt.fits", b"SIMPLE", processed),
        (layout.message_key(DATASET, MessageState.PROCESSED), b"", processed),
        (layout.message_key(DATASET, MessageState.PROCESSING), Lease(owner or GONE, 60.0).to_bytes(), owner),
    ):
        if wanted:
            (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / key).write_bytes(body)
    rest = [name for name in tree(tmp_path) if RUN not in name]
    assert clean(tmp_path) == {staged.name: expected}
    assert staged.exists() is ("removed" not in expected)
    assert [name for name in tree(tmp_path) if RUN not in name] == rest
    assert clean(tmp_path, gone_hosts=["node17"]) == (
        {} if "removed" in expected else {staged.name: expected + (", removed" if expected == "another host" else "")}
    )
