"""Diagnosis of a failed engine: cause, exit code and advice from its status, signal, log and memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from caldp.domain.calibration.engine_causes import CAUSES, HSTCAL_CODES, MEMORY, OUT_OF_MEMORY
from caldp.domain.calibration.engine_log import telling_lines
from caldp.domain.calibration.judgement import Completion
from caldp.domain.errors import StageError
from caldp.domain.exit_codes import ExitCode, explain_signal
from caldp.domain.run.quoting import quoted

_SIGKILL: Final = 9
_LEAST_BYTES: Final = 1 << 20
"""An engine that has failed leaves less if it was the disk: calacs, calcos and runastrodriz left none of a tmpfs."""
_LEAST_FILES: Final = 4
_GIBIBYTE: Final = 2**30
_MOST_PROBLEMS: Final = 6
_HSTCAL_CODE: Final = re.compile(r"status = (\d{3})\b")


@frozen
class Room:
    """Room that a work directory's disk has left.

    Attributes
    ----------
    directory
        The directory, as users know it.
    free_bytes
        Bytes that may still be written.
    free_files
        Files that may still be made; None if the file system does not count them.
    """

    directory: str
    free_bytes: int
    free_files: int | None = None

    @property
    def is_used_up(self) -> bool:
        """True if a disk has hardly any room left for the output of a program."""
        return self.free_bytes < _LEAST_BYTES or (self.free_files is not None and self.free_files < _LEAST_FILES)


@frozen
class Evidence:
    """Evidence of a failed engine run.

    Attributes
    ----------
    program
        The engine's name.
    completion
        End of the run.
    log
        The last lines it wrote, in order.
    problems
        Work that it should have done and did not; one sentence each, without a full stop.
    tolerated
        True if its status would have been excused, had it left everything else as it was.
    timeout
        The time it was given; s.
    oom_kills
        Number of processes that the kernel killed for lack of memory meanwhile; None if unknown.
    max_rss_bytes
        The most memory it held; bytes, 0 if unknown.
    memory_limit
        Memory limit of the container; bytes, None if there is no limit or it is unknown.
    room
        Room that was left on the disk of the work directory at the end; None if unknown.
    """

    program: str
    completion: Completion
    log: Sequence[str] = ()
    problems: tuple[str, ...] = ()
    tolerated: bool = field(default=False, kw_only=True)
    timeout: float | None = field(default=None, kw_only=True)
    oom_kills: int | None = field(default=None, kw_only=True)
    max_rss_bytes: int = field(default=0, kw_only=True)
    memory_limit: int | None = field(default=None, kw_only=True)
    room: Room | None = field(default=None, kw_only=True)


def diagnose(evidence: Evidence, code: ExitCode) -> StageError:
    """Explain the failure of an engine run.

    Parameters
    ----------
    evidence
        Evidence of the run.
    code
        The exit code of the stage; a lack of memory has codes of its own.

    Returns
    -------
    StageError
        To be raised or told: cause, exit code and advice.
    """
    program, completion = evidence.program, evidence.completion
    if completion.timed_out:
        return StageError(
            f"{program} was ended because its stage took longer than {evidence.timeout or 0:g} s.",
            advice="Allow it more time (CALDP_TIMEOUT), or look in its log for the cause of the wait.",
            exit_code=code,
        )
    if completion.signal == _SIGKILL and evidence.oom_kills != 0:
        likely = "" if evidence.oom_kills else "most likely "
        ending = f"{program} was killed by the kernel, {likely}for lack of memory"
        return _out_of_memory(evidence, ending, ExitCode.CONTAINER_MEMORY_ERROR)
    if evidence.oom_kills:
        ending = f"{_ending(evidence)}, and the kernel killed a process meanwhile for lack of memory"
        return _out_of_memory(evidence, ending, ExitCode.CONTAINER_MEMORY_ERROR)
    if completion.status == OUT_OF_MEMORY or any(MEMORY.search(line) for line in evidence.log):
        return _out_of_memory(evidence, f"{program} ran out of memory", ExitCode.SUBPROCESS_MEMORY_ERROR)
    if evidence.room is not None and evidence.room.is_used_up:
        return _out_of_room(evidence, evidence.room, code)
    return _from_log(evidence, code)


def _out_of_memory(evidence: Evidence, ending: str, code: ExitCode) -> StageError:
    held = f"It held {evidence.max_rss_bytes / _GIBIBYTE:.1f} GiB" if evidence.max_rss_bytes else ""
    limit = f"the limit is {evidence.memory_limit / _GIBIBYTE:.1f} GiB" if evidence.memory_limit else ""
    known = "; ".join(part for part in (held, limit) if part)
    advice = "Run it again with more memory."
    return StageError(f"{ending}.", advice=f"{known}. {advice}" if known else advice, exit_code=code)


def _out_of_room(evidence: Evidence, room: Room, code: ExitCode) -> StageError:
    """Name the full disk before whatever the engine made of it: HSTCAL says no more than "CFITSIO status 106"."""
    left = f"{room.free_bytes} bytes" + ("" if room.free_files is None else f" and {room.free_files} files")
    return StageError(
        f"The disk of the work directory {quoted(room.directory)} is full ({left} left), and {_ending(evidence)}.",
        advice=f"Make room, or set CALDP_HOME to a directory on a larger disk. {_said(evidence)}",
        exit_code=code,
    )


def _from_log(evidence: Evidence, code: ExitCode) -> StageError:
    """Look for the first cause that we know; in any case pass on what the engine said."""
    text = "\n".join(line.strip() for line in evidence.log)
    ending, said = _ending(evidence), _said(evidence)
    for cause in CAUSES:
        match = cause.pattern.search(text)
        if match is not None:
            found = {name: value.upper() if name == "key" else value for name, value in match.groupdict().items()}
            message, advice = cause.message.format(**found), cause.advice.format(**found)
            return StageError(f"{ending}: {message}.", advice=f"{advice} {said}", exit_code=code)
    meaning = _hstcal_meaning(evidence.completion.status, text)
    return StageError(f"{ending}{f': {meaning}' if meaning else ''}.", advice=said, exit_code=code)


def _hstcal_meaning(status: int | None, text: str) -> str:
    """Say what the exit status means, or the code that the log ends with; empty if they mean nothing to us."""
    codes = [int(code) for code in _HSTCAL_CODE.findall(text)]
    return next((HSTCAL_CODES[code] for code in (status, *reversed(codes)) if code in HSTCAL_CODES), "")


def _ending(evidence: Evidence) -> str:
    completion = evidence.completion
    if completion.signal is not None:
        return f"{evidence.program} was ended by {explain_signal(completion.signal)}"
    ending = f"{evidence.program} ended with status {completion.status}"
    if not (completion.status == 0 or evidence.tolerated) or not evidence.problems:
        return ending  # what an engine that failed has not made is no news
    told = evidence.problems[:_MOST_PROBLEMS]
    more = len(evidence.problems) - len(told)
    rest = f" and {more} more" if more else ""
    return f"{ending}, but {'; '.join(told)}{rest}"


def _said(evidence: Evidence) -> str:
    telling = telling_lines(evidence.log)
    return f"It said: {' | '.join(telling)}" if telling else "It said nothing that explains it; see the log."
