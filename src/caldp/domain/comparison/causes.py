"""Causes of differences: what differs between the records of two runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final

import attrs
from attrs import field, frozen

from caldp.domain.run.engine_variables import BY_NAME, TUNING
from caldp.domain.run.identity import THREAD_VARIABLES
from caldp.domain.run.recorded import RecordedFile, RecordedReference, RecordedRun
from caldp.domain.run.settings import Settings

NONE: Final = "none"
"""Text for what one of two runs does not have."""


class CauseKind(Enum):
    """Kind of a cause, in the order in which they are told: what is most likely to matter comes first."""

    INPUT = "input"
    CONTEXT = "context"
    REFERENCE = "reference"
    SWITCH = "switch"
    ENGINE = "engine"
    SETTING = "setting"
    VARIABLE = "variable"
    THREADS = "threads"
    PACKAGE = "package"
    MACHINE = "machine"


@frozen
class Cause:
    """Something that differs between two runs, and may be why their products do.

    Attributes
    ----------
    kind
        Its kind.
    subject
        Its name in the field's words: a keyword, a program, a setting.
    a, b
        Its values.
    details
        Differences inside of it, such as rows of a reference table.
    """

    kind: CauseKind
    subject: str
    a: str
    b: str
    details: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.subject} {self.a} -> {self.b}"


def causes(a: RecordedRun, b: RecordedRun) -> tuple[Cause, ...]:
    """List the differences of what went into two runs.

    References count by name and content: another file with the same data under the same keyword is told as such, and
    equal names with other contents are a difference.
    """
    found = [
        *_inputs(a.inputs, b.inputs),
        *_texts(CauseKind.CONTEXT, {"context": a.context}, {"context": b.context}),
        *_references(a, b),
        *_switches(a, b),
        *_texts(CauseKind.ENGINE, _engines(a), _engines(b)),
        *_texts(CauseKind.SETTING, _settings(a), _settings(b)),
        *_texts(CauseKind.VARIABLE, _variables(a), _variables(b)),
        *_texts(CauseKind.THREADS, a.machine.threads, b.machine.threads),
        *_texts(CauseKind.PACKAGE, a.versions, b.versions),
        *_texts(CauseKind.MACHINE, _machine(a), _machine(b)),
    ]
    return tuple(found)


def _texts(kind: CauseKind, a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[Cause]:
    for name in sorted(a.keys() | b.keys()):
        if a.get(name) != b.get(name):
            yield Cause(kind, name, a.get(name) or NONE, b.get(name) or NONE)


def _inputs(a: tuple[RecordedFile, ...], b: tuple[RecordedFile, ...]) -> Iterator[Cause]:
    ours, theirs = ({file.name: file.sha256 for file in side} for side in (a, b))
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            first, second = ours.get(name), theirs.get(name)
            yield Cause(CauseKind.INPUT, name, _brief(first), _brief(second))


def _brief(sha256: str | None) -> str:
    return NONE if sha256 is None else f"sha256 {sha256[:12]}" if sha256 else "unknown"


def _references(a: RecordedRun, b: RecordedRun) -> Iterator[Cause]:
    """Compare references by keyword; the exposures that use them are named where they are not all the same."""
    ours, theirs = _by_keyword(a), _by_keyword(b)
    for keyword in sorted(ours.keys() | theirs.keys()):
        left, right = ours.get(keyword, ()), theirs.get(keyword, ())
        if [_identity(one) for one in left] == [_identity(one) for one in right]:
            continue
        yield Cause(CauseKind.REFERENCE, keyword, _listed(left), _listed(right), tuple(_same_data(left, right)))


def _by_keyword(run: RecordedRun) -> dict[str, tuple[RecordedReference, ...]]:
    found: dict[str, list[RecordedReference]] = {}
    for reference in sorted(run.references, key=lambda one: (one.keyword, one.name)):
        found.setdefault(reference.keyword, []).append(reference)
    return {keyword: tuple(references) for keyword, references in found.items()}


def _identity(reference: RecordedReference) -> tuple[Any, ...]:
    return reference.name, reference.sha256, tuple(sorted(reference.exposures))


def _listed(references: tuple[RecordedReference, ...]) -> str:
    return ", ".join(one.name + (" (override)" if one.override else "") for one in references) or NONE


def _same_data(a: tuple[RecordedReference, ...], b: tuple[RecordedReference, ...]) -> Iterator[str]:
    """Say what the digests tell beyond names: the same data under another name, or the other way round."""
    if len(a) != 1 or len(b) != 1:
        return
    ours, theirs = ([hdu.data for hdu in one.hdus] for one in (a[0], b[0]))
    if a[0].name == b[0].name and a[0].sha256 != b[0].sha256:
        yield "the same name, other contents"
    if ours and ours == theirs:
        yield "the data of all HDUs are the same"
    elif ours and len(ours) == len(theirs):
        names = [
            f"{hdu.name or 'primary'},{hdu.version}" if hdu.name else "primary"
            for hdu, other in zip(a[0].hdus, b[0].hdus, strict=True)
            if hdu.data != other.data
        ]
        yield f"the data of {', '.join(names)} differ"


def _switches(a: RecordedRun, b: RecordedRun) -> Iterator[Cause]:
    """Compare the switches that the engines were given; one cause for all files in which they differ alike."""
    ours, theirs = ({file.name: file.switches for file in run.prepared} for run in (a, b))
    alike: dict[tuple[str, str, str], list[str]] = {}
    for name in sorted(ours.keys() & theirs.keys()):
        for switch in sorted(ours[name].keys() | theirs[name].keys()):
            states = ours[name].get(switch, NONE), theirs[name].get(switch, NONE)
            if states[0] != states[1]:
                alike.setdefault((switch, *states), []).append(name)
    for (switch, first, second), names in alike.items():
        yield Cause(CauseKind.SWITCH, switch, first, second, (f"in {', '.join(names)}",))


def _engines(run: RecordedRun) -> dict[str, str]:
    return {program.program: program_text(program.version, program.build, program.sha256) for program in run.programs}


def program_text(version: str, build: str, sha256: str) -> str:
    """Write the identity of a program; without version or build the digest of its executable tells it."""
    return " ".join(filter(None, (version, f"build {build[:40]}" if build else f"sha256 {sha256[:12]}")))


def _settings(run: RecordedRun) -> dict[str, str]:
    """Pick the settings that determine products and are not told by context, references or variables."""
    told = {"crds_context", "reference_overrides", "engine_environment"}
    settings = run.request.get("settings", {})
    names = (attribute.name for attribute in attrs.fields(Settings) if attribute.metadata["determines"])
    return {name: str(settings[name]) for name in names if name in settings and name not in told}


def _variables(run: RecordedRun) -> dict[str, str]:
    """Pick the variables that steer engines, thread settings apart."""
    wanted = (BY_NAME.keys() | TUNING) - {*THREAD_VARIABLES}
    return {name: value for name, value in run.environment.items() if name in wanted}


def _machine(run: RecordedRun) -> dict[str, str]:
    return {"platform": run.machine.platform, "processor": run.machine.processor}
