"""Why an engine run failed: from its status, signal, log and memory to a cause, an exit code and advice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from caldp.domain.engine_log import telling_lines
from caldp.domain.errors import StageError
from caldp.domain.exit_codes import ExitCode, explain_signal
from caldp.domain.judgement import Completion

_SIGKILL: Final = 9
_GIBIBYTE: Final = 2**30
_MOST_PROBLEMS: Final = 6

_MEMORY: Final = re.compile(
    r"MemoryError\b|Memory allocation still failed|Cannot allocate memory|std::bad_alloc|Out of memory\."
    r"|No memory left to allocate|Allocation problem\.|status = 11[18]\b"
    r"|failed to map segment from shared object(?!: Operation not permitted)"
)
"""How Python, OpenBLAS, the C library, C++, HSTCAL (codes 111 and 118) and the loader say that memory is short."""


@frozen
class _Cause:
    """A cause that an engine's log gives away.

    Attributes
    ----------
    pattern
        What the log says; its groups fill the message and the advice.
    message, advice
        What that means, and what to do.
    """

    pattern: re.Pattern[str]
    message: str
    advice: str


_CAUSES: Final = (
    _Cause(
        re.compile(r"(?P<key>[A-Z0-9_]+) [`']N/A' not found"),
        "it needs a {key}, and the CRDS context assigns none (N/A)",
        "Choose a CRDS context that has a {key} for this exposure (CRDS_CONTEXT).",
    ),
    _Cause(
        re.compile(r"(?P<key>[A-Z0-9_]+) [`'](?P<file>[^`']+)' not found or can(?:'t| ?not) (?:be )?open"),
        "the reference file {file} ({key}) is missing or cannot be opened",
        "Check that the CRDS cache holds it.",
    ),
    _Cause(
        re.compile(r"The following reference files? (?:is|are) missing:\n(?P<key>\w+) ?= ?(?P<file>\S+)"),
        "the reference file {file} ({key}) is missing",
        "Check that the CRDS cache holds it, and that the CRDS context assigns it.",
    ),
    _Cause(
        re.compile(r"Output file [`'](?P<file>[^`']+)' already exists"),
        "{file}, which it wants to write, exists already",
        "Start from an empty work directory.",
    ),
    _Cause(
        re.compile(r"output files? already exists?|status = 1021\b"),
        "a file that it wants to write exists already",
        "Start from an empty work directory.",
    ),
    _Cause(
        re.compile(r"No space left on device|Disk quota exceeded"),
        "the disk is full",
        "Make room, or set CALDP_HOME to a directory on a larger disk.",
    ),
    _Cause(
        re.compile(r"File too large|\d+ requested and \d+ written"),  # numpy says no more, of a full disk too
        "it could not write a file to its end",
        "Make room in the scratch directory (CALDP_HOME), or allow larger files (ulimit -f).",
    ),
    _Cause(
        re.compile(r"Cannot extract\."),
        "it found no spectrum to extract",
        "See the log for the position where it looked, and the exposure for whether its target was seen.",
    ),
    _Cause(
        re.compile(r"values not consistent with ASN table"),
        "CRCORR or RPTCORR of the first exposure contradicts the association table",
        "Fetch the dataset again; if the archive has it so, correct the switch or the table.",
    ),
    _Cause(
        re.compile(r"Max retries exceeded|Connection(?:Error| refused)|Temporary failure in name resolution"),
        "it could not reach the network",
        "Set ASTROMETRY_COMPUTE_APOSTERIORI=off and ASTROMETRY_APPLY_APRIORI=off to work without MAST.",
    ),
)

_HSTCAL_CODES: Final = {
    114: "it could not open a file",
    115: "a reference file is missing or invalid",
    117: "a keyword is missing in a header",
    119: "a header cannot be read or written",
    120: "the sizes of two images do not match",
    121: "it could not read or write a file",
    130: "a step that must come before was not done",
    141: "a reference table cannot be used",
    142: "a reference table lacks a column",
    143: "an element of a reference table cannot be read",
    144: "no row of a reference table matches the exposure",
    151: "all data are flagged as bad",
    171: "a reference image is binned more than the exposure",
}
"""What HSTCAL's codes mean, as exit status or in the last line of a trailer; source: its ``hstcalerr.h``."""
_HSTCAL_CODE: Final = re.compile(r"status = (\d{3})\b")
_OUT_OF_MEMORY: Final = 111


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
        The last lines it wrote, in order.
    problems
        What it should have done and did not; one sentence each, without a full stop.
    timeout
        The time it was given; s.
    oom_kills
        How many processes the kernel killed for lack of memory meanwhile; None if that cannot be known.
    max_rss_bytes
        The most memory it held; bytes, 0 if unknown.
    memory_limit
        What the container may hold; bytes, None if there is no limit or it is unknown.
    """

    program: str
    completion: Completion
    log: Sequence[str] = ()
    problems: tuple[str, ...] = ()
    timeout: float | None = field(default=None, kw_only=True)
    oom_kills: int | None = field(default=None, kw_only=True)
    max_rss_bytes: int = field(default=0, kw_only=True)
    memory_limit: int | None = field(default=None, kw_only=True)


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
    program, completion = evidence.program, evidence.completion
    if completion.timed_out:
        return StageError(
            f"{program} was ended because its stage took longer than {evidence.timeout or 0:g} s.",
            advice="Allow it more time (--timeout), or see its log for what it waited for.",
            exit_code=code,
        )
    if completion.signal == _SIGKILL and evidence.oom_kills != 0:
        likely = "" if evidence.oom_kills else "most likely "
        ending = f"{program} was killed by the kernel, {likely}for lack of memory"
        return _out_of_memory(evidence, ending, ExitCode.CONTAINER_MEMORY_ERROR)
    if completion.status == _OUT_OF_MEMORY or any(_MEMORY.search(line) for line in evidence.log):
        return _out_of_memory(evidence, f"{program} ran out of memory", ExitCode.SUBPROCESS_MEMORY_ERROR)
    return _from_log(evidence, code)


def _out_of_memory(evidence: Evidence, ending: str, code: ExitCode) -> StageError:
    held = f"It held {evidence.max_rss_bytes / _GIBIBYTE:.1f} GiB" if evidence.max_rss_bytes else ""
    limit = f"the limit is {evidence.memory_limit / _GIBIBYTE:.1f} GiB" if evidence.memory_limit else ""
    known = "; ".join(part for part in (held, limit) if part)
    advice = "Run it again with more memory."
    return StageError(f"{ending}.", advice=f"{known}. {advice}" if known else advice, exit_code=code)


def _from_log(evidence: Evidence, code: ExitCode) -> StageError:
    """Look for the first cause that we know; in any case pass on what the engine said."""
    text = "\n".join(line.strip() for line in evidence.log)
    ending, said = _ending(evidence), _said(evidence)
    for cause in _CAUSES:
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
    return next((_HSTCAL_CODES[code] for code in (status, *reversed(codes)) if code in _HSTCAL_CODES), "")


def _ending(evidence: Evidence) -> str:
    completion = evidence.completion
    if completion.signal is not None:
        return f"{evidence.program} was ended by {explain_signal(completion.signal)}"
    ending = f"{evidence.program} ended with status {completion.status}"
    if completion.status != 0 or not evidence.problems:
        return ending  # what an engine that failed has not made is no news
    told = evidence.problems[:_MOST_PROBLEMS]
    more = len(evidence.problems) - len(told)
    rest = f" and {more} more" if more else ""
    return f"{ending}, but {'; '.join(told)}{rest}"


def _said(evidence: Evidence) -> str:
    telling = telling_lines(evidence.log)
    return f"It said: {' | '.join(telling)}" if telling else "It said nothing that explains it; see the log."
