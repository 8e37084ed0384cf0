"""Identity of this run and its process."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from caldp.app.kernel import process_facts, process_scope
from caldp.domain.output.lease import RunIdentity, make_run_id

_BATCH_JOB: Final = "AWS_BATCH_JOB_ID"
_BATCH_ATTEMPT: Final = "AWS_BATCH_JOB_ATTEMPT"  # "The first attempt is numbered 1", AWS Batch user guide


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
    here = process_scope()
    if not (owner.pid and here and scope == here):
        return None
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    facts = process_facts(owner.pid)
    if facts is None:
        return None
    return not facts.has_ended and facts.start == start


def _process(pid: int) -> str:
    facts, scope = process_facts(pid), process_scope()
    return f"{scope}/{facts.start}" if facts is not None and scope else ""
