"""Completion of words on the command line: values that begin as typed, found when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable


def complete_profile(incomplete: str) -> list[str]:
    """List the profiles whose names begin as typed."""
    from caldp.profiles import make_profiles

    return _beginning(incomplete, (source.name for source in make_profiles().sources()))


def complete_layout(incomplete: str) -> list[str]:
    """List the layouts whose names begin as typed."""
    from caldp.domain.output.layout import LayoutKind

    return _beginning(incomplete, (kind.value for kind in LayoutKind))


def complete_state(incomplete: str) -> list[str]:
    """List the states of datasets that begin as typed."""
    from caldp.app.survey.survey_output import STATES

    return _beginning(incomplete, STATES)


def complete_format(incomplete: str) -> list[str]:
    """List the formats of results that begin as typed."""
    from caldp.views.tables import FORMATS

    return _beginning(incomplete, FORMATS)


def complete_code(incomplete: str) -> list[str]:
    """List the names and numbers of exit codes, and the names of signals, that begin as typed, in the case typed."""
    from signal import Signals

    from caldp.domain.exit_codes import ExitCode

    numbers = (str(int(code)) for code in ExitCode)
    names = (*ExitCode.__members__, *Signals.__members__, *numbers)
    return _beginning(incomplete, (name.lower() if incomplete.islower() else name for name in names))


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]
