"""Why an engine run failed: from its status, signal, log and memory to a cause, an exit code and advice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from caldp.domain.errors import StageError
from caldp.domain.exit_codes import ExitCode, explain_signal
from caldp.domain.judgement import Completion, telling_lines

_MORE_MEMORY: Final = "Run it again with more memory."
_SIGKILL: Final = 9
_MEMORY_ERROR: Final = re.compile(r"\bMemoryError\b")


@frozen
class Evidence:
    """What is known of an engine run that did not do its job.

    Attributes
    ----------
    program
        The engine's name.
    completion
        How it ended.
    log
        The last lines it wrote, trailers included, in order.
    problems
        What it should have done and did not; one sentence each, without a full stop.
    timeout
        The time it was given; s.
    oom_kills
        How many processes the kernel killed for lack of memory meanwhile; None if that cannot be known.
    """

    program: str
    completion: Completion
    log: Sequence[str] = ()
    problems: tuple[str, ...] = ()
    timeout: float | None = None
    oom_kills: int | None = field(default=None, kw_only=True)


def diagnose(evidence: Evidence, code: ExitCode) -> StageError:
    """Say why an engine run failed.

    Parameters
    ----------
    evidence
        What is known of the run.
    code
        The exit code of the stage; a lack of memory has codes of its own.

    Returns
    -------
    StageError
        To be raised or told: cause, exit code and advice.
    """
    completion = evidence.completion
    if completion.timed_out:
        return StageError(
            f"{evidence.program} was ended because it took longer than {evidence.timeout or 0:g} s.",
            advice="Allow it more time (--timeout), or find out from its log what it waited for.",
            exit_code=code,
        )
    if completion.signal is not None:
        return _from_signal(evidence, completion.signal, code)
    if any(_MEMORY_ERROR.search(line) for line in evidence.log) and (completion.status or evidence.problems):
        return StageError(
            f"{evidence.program} ran out of memory.",
            advice=_MORE_MEMORY,
            exit_code=ExitCode.SUBPROCESS_MEMORY_ERROR,
        )
    return _from_log(evidence, code)


def _from_signal(evidence: Evidence, number: int, code: ExitCode) -> StageError:
    if number == _SIGKILL and evidence.oom_kills != 0:
        sure = "for lack of memory" if evidence.oom_kills else "most likely for lack of memory"
        return StageError(
            f"{evidence.program} was killed by the kernel, {sure}.",
            advice=_MORE_MEMORY,
            exit_code=ExitCode.CONTAINER_MEMORY_ERROR,
        )
    return StageError(
        f"{evidence.program} was ended by {explain_signal(number)}.", advice=_said(evidence), exit_code=code
    )


def _from_log(evidence: Evidence, code: ExitCode) -> StageError:
    status = evidence.completion.status
    ended = f"{evidence.program} ended with status {status}"
    if evidence.problems:
        ended += (", but " if status == 0 else "; ") + "; ".join(evidence.problems)
    return StageError(f"{ended}.", advice=_said(evidence), exit_code=code)


def _said(evidence: Evidence) -> str:
    telling = telling_lines(evidence.log)
    return f"It said: {' | '.join(telling)}" if telling else "It said nothing that explains it; see the log."
