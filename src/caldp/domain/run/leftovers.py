"""Leftovers of runs, their owners, and the right to remove them."""

from __future__ import annotations

import json
from collections.abc import Collection
from enum import StrEnum
from typing import Final, Self

from attrs import asdict, evolve, frozen

SETTLING: Final = 60.0
"""Seconds in which a leftover without an owner may still get one: its maker writes the note a moment after making it.
"""


class OwnerState(StrEnum):
    """The state of a directory, as its run noted it."""

    RUNNING = "running"
    """The run goes on, or was killed before it could note anything else."""
    FAILED = "failed"
    """The run failed or was stopped, and left the directory to be looked at."""
    KEPT = "kept"
    """The user asked for it to be kept."""


@frozen
class Machine:
    """A machine as its processes can tell it from others.

    Attributes
    ----------
    host
        Host name.
    boot
        Identity of the running kernel, the same in all containers on it; empty if there is none.
    """

    host: str
    boot: str = ""

    def is_same(self, other: Machine) -> bool:
        """Tell whether locks taken on the other machine are seen here, or were lost when it was started anew."""
        return bool(self.boot and self.boot == other.boot) or self.host == other.host


@frozen
class Owner:
    """The note in a directory that a run owns.

    Attributes
    ----------
    machine
        Machine of the run.
    pid
        Its process there.
    started
        Time at which the directory was made: UTC, ISO 8601.
    dataset, run
        Dataset and identity of the run; empty if not known.
    state
        Last state that the run noted.
    """

    machine: Machine
    pid: int
    started: str
    dataset: str = ""
    run: str = ""
    state: OwnerState = OwnerState.RUNNING

    def to_json(self) -> str:
        """Write the note."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Read a note; None if it is none, or is cut off."""
        try:
            values = json.loads(text)
            machine = Machine(str(values["machine"]["host"]), str(values["machine"]["boot"]))
            return cls(
                machine, int(values["pid"]), str(values["started"]), str(values["dataset"]), str(values["run"]),
                OwnerState(values["state"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def noting(self, state: OwnerState) -> Self:
        """Return the note with another state."""
        return evolve(self, state=state)


class LeftoverKind(StrEnum):
    """Kind of a leftover."""

    SCRATCH = "scratch directory"
    LINKS = "links to references"
    EXCHANGE = "exchange with CRDS"
    PARTIAL = "partial file"
    STAGED = "staged products"


class Standing(StrEnum):
    """Need of a run for a leftover."""

    RUNNING = "running"
    ELSEWHERE = "another host"
    NEW = "just made"
    KEPT = "kept"
    FAILED = "failed"
    LOST = "killed"
    UNFINISHED = "unfinished"


def standing(owner: Owner | None, held: bool, here: Machine, age: float) -> Standing:
    """Judge whether a run still needs something.

    Parameters
    ----------
    owner
        The note in it; None if there is none.
    held
        True if a process holds its lock, as far as that is seen here.
    here
        This machine.
    age
        Seconds since it was last changed.
    """
    if held:
        return Standing.RUNNING
    if owner is None:
        return Standing.LOST if age >= SETTLING else Standing.NEW
    if owner.state is OwnerState.KEPT:
        return Standing.KEPT
    if owner.state is OwnerState.FAILED:
        return Standing.FAILED
    return Standing.LOST if owner.machine.is_same(here) else Standing.ELSEWHERE


def staged_standing(alive: bool | None, *, in_place: bool) -> Standing:
    """Judge whether products that were put together in an output are still needed.

    Parameters
    ----------
    alive
        True if the run that put them together lives; None if that cannot be seen from here.
    in_place
        True if a good dataset is in place. Where none is, the files of a killed run may be the only ones, and the
        next run of the dataset puts it in place.
    """
    if alive:
        return Standing.RUNNING
    if alive is None:
        return Standing.ELSEWHERE
    return Standing.LOST if in_place else Standing.UNFINISHED


@frozen
class Leftover:
    """Something that a run left, or still uses.

    Attributes
    ----------
    path
        Path of the leftover.
    kind
        Kind of the leftover.
    standing
        Need of a run for it.
    size
        Bytes of all files in it.
    age
        Seconds since it was last changed.
    owner
        The note in it; None if there is none.
    """

    path: str
    kind: LeftoverKind
    standing: Standing
    size: int
    age: float
    owner: Owner | None = None

    def may_go(self, *, kept: bool = False, gone_hosts: Collection[str] = ()) -> bool:
        """Tell whether it may be removed.

        Parameters
        ----------
        kept
            True to remove kept work directories too.
        gone_hosts
            Names of other hosts on which no run lives any more.
        """
        if self.standing is Standing.ELSEWHERE:
            return self.owner is not None and self.owner.machine.host in gone_hosts
        return self.standing in {Standing.FAILED, Standing.LOST} or (kept and self.standing is Standing.KEPT)


@frozen
class Cleaned:
    """Result of cleaning up a leftover.

    Attributes
    ----------
    leftover
        The leftover.
    may_go
        True if no living run owns it, so that it may be removed.
    removed
        True if it was removed.
    trouble
        Reason of a failed removal: one sentence, else empty.
    """

    leftover: Leftover
    may_go: bool
    removed: bool = False
    trouble: str = ""
