"""Claim of a run on its dataset, as the message *processing* holds it, and the rules for taking it over."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import Any, Final

import attrs
from attrs import frozen

LONGEST_BODY: Final = 65_536
"""Longest body that a message has; bytes."""


@frozen
class RunIdentity:
    """Identity of a run among all others.

    Attributes
    ----------
    run
        Its id: time of its beginning and a random part, see `make_run_id`.
    host, pid
        Name of the machine and number of the process, for people.
    process
        Boot, process namespace and start time of the process. With the pid, they tell on the same machine whether it
        still lives. Empty where the system does not say.
    job
        Id of the AWS Batch job, which all attempts of a job share; empty outside of Batch.
    started
        Start of the run: ISO 8601, UTC.
    """

    run: str
    host: str = ""
    pid: int = 0
    process: str = ""
    job: str = ""
    started: str = ""

    def __str__(self) -> str:
        """Name the run for people."""
        where = f"pid {self.pid} on {self.host}" if self.host else "on a machine that it does not name"
        job = f", Batch job {self.job}" if self.job else ""
        return f"run {self.run} ({where}{job}, since {self.started or 'an unknown time'})"


@frozen
class Lease:
    """A claim that holds for a time, and longer if it is renewed.

    Attributes
    ----------
    owner
        The run that holds it.
    seconds
        Seconds that it holds after its last renewal. Only the store's clock tells the time of that.
    """

    owner: RunIdentity
    seconds: float

    def to_bytes(self) -> bytes:
        """Write the message's body."""
        return (json.dumps({**attrs.asdict(self.owner), "lease": self.seconds}) + "\n").encode()

    @classmethod
    def parse(cls, body: bytes) -> Lease | None:
        """Read a message's body; None if it names no run, like the bodies of older programs."""
        try:
            found = json.loads(body) if len(body) <= LONGEST_BODY else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not _text(found, "run"):
            return None
        texts = {name: _text(found, name) for name in ("run", "host", "process", "job", "started")}
        pid = found.get("pid")
        owner = RunIdentity(**texts, pid=pid if isinstance(pid, int) and 0 < pid < 1 << 31 else 0)
        seconds = found.get("lease")
        return cls(owner, float(seconds) if isinstance(seconds, int | float) and 0 < seconds < 1e9 else 0.0)


class Claimable(Enum):
    """Right of another run to take a dataset over."""

    YES = "yes"
    NO = "no"
    WATCH = "watch"


@frozen
class Finding:
    """Judgement of a claim, with its reason in words that follow the owner's name."""

    claimable: Claimable
    why: str


def judge(lease: Lease | None, age: float, me: RunIdentity, alive: bool | None) -> Finding:
    """Decide whether another run may take over a dataset whose message says *processing*.

    Parameters
    ----------
    lease
        Lease in the message; None if it names no run.
    age
        Seconds since the lease was last renewed, by the clock of the store.
    me
        The run that asks.
    alive
        True if the owner's process lives, None if that cannot be known from here. The owner is then watched: a living
        one renews its lease.
    """
    if lease is None:
        return Finding(Claimable.YES, "names no run")
    if lease.owner.job and lease.owner.job == me.job:
        return Finding(Claimable.YES, "was an earlier attempt of this Batch job")
    if age >= lease.seconds:
        return Finding(Claimable.YES, f"has not been heard of for {age:.0f} s")
    if alive is False:
        return Finding(Claimable.YES, "has ended without a final message")
    if alive:
        return Finding(Claimable.NO, "is at work")
    return Finding(Claimable.WATCH, f"was heard of {age:.0f} s ago")


def make_run_id(started: datetime, token: str) -> str:
    """Make a run's id, which sorts by time and is fit for file names and keys."""
    return f"{started:%Y%m%dT%H%M%SZ}-{token}"


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return "".join(char for char in value[:200] if char.isprintable()) if isinstance(value, str) else ""
