"""Identity of this run and its process."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from caldp.domain.output.lease import RunIdentity, make_run_id

_BATCH_JOB: Final = "AWS_BATCH_JOB_ID"
_BATCH_ATTEMPT: Final = "AWS_BATCH_JOB_ATTEMPT"  # "The first attempt is numbered 1", AWS Batch user guide
_START_TIME: Final = 19  # of the fields after the program's name in /proc/<pid>/stat, counted from 0; see proc(5)


def make_identity(environment: Mapping[str, str]) -> RunIdentity:
    """Make the identity of a run that begins now in this process."""
    now, pid = datetime.now(UTC), os.getpid()
    return RunIdentity(
        run=make_run_id(now, secrets.token_hex(4)),
        host=socket.gethostname(),
        pid=pid,
        process=_process(pid),
        job=environment.get(_BATCH_JOB, ""),
        started=now.isoformat(timespec="seconds"),
    )


def attempt_of(environment: Mapping[str, str]) -> int | None:
    """Return the number of an AWS Batch job's attempt, counted from 1; None outside of Batch."""
    number = environment.get(_BATCH_ATTEMPT, "")
    return int(number) if number.isascii() and number.isdigit() else None


def is_alive(owner: RunIdentity) -> bool | None:
    """Tell whether a run's process lives; None if it is not to be seen from here.

    Names of machines are not unique, and every container counts its processes from 1: only what was started under the
    same kernel, in the same process namespace, can be seen.
    """
    scope, _, start = owner.process.rpartition("/")
    here = _scope()
    if not (owner.pid and here and scope == here):
        return None
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    stat = _stat(owner.pid)
    if stat is None:
        return None
    return stat[0] not in "ZX" and stat[_START_TIME] == start


def _process(pid: int) -> str:
    stat, scope = _stat(pid), _scope()
    return f"{scope}/{stat[_START_TIME]}" if stat is not None and scope else ""


def _scope() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except (OSError, ValueError):
        return ""


def _stat(pid: int) -> list[str] | None:
    """Read what the kernel says of a process, from its state on: the name before it may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields if len(fields) > _START_TIME else None
