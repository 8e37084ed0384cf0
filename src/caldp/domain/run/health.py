"""Findings about a machine that runs are to work on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from attrs import field, frozen

from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.secrets import blotted


class Severity(Enum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@frozen
class Finding:
    """Result of one examination.

    Attributes
    ----------
    subject
        Subject of the finding, such as ``CRDS cache``.
    severity
        Severity: whether a run could work with it.
    text
        The finding in words; never a credential.
    remedy
        The user's next step, unless all is well.
    """

    subject: str
    severity: Severity
    text: str = field(converter=blotted)
    remedy: str = field(default="", converter=blotted)


def ok(subject: str, text: str) -> Finding:
    """Make a finding that all is well."""
    return Finding(subject, Severity.OK, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """Make a finding that stands in the way of some runs."""
    return Finding(subject, Severity.WARNING, text, remedy)


def problem(subject: str, text: str, remedy: str) -> Finding:
    """Make a finding that stands in the way of every run."""
    return Finding(subject, Severity.PROBLEM, text, remedy)


def status_of(findings: Iterable[Finding]) -> ExitCode:
    """Return the status of an examination: 1 if there is a problem, else 0."""
    problems = any(finding.severity is Severity.PROBLEM for finding in findings)
    return ExitCode.GENERIC_ERROR if problems else ExitCode.SUCCESS
