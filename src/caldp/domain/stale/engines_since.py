"""Engines and settings that have changed since a dataset was calibrated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)*")
_ASKED: Final = frozenset({"crds_context", "context_from_output"})
"""Settings that are compared by what they make of the references."""
_ENGINES: Final = {"acs": "calacs.e", "cos": "calcos", "stis": "cs0.e", "wfc3": "calwf3.e"}
"""Program whose version is in the keyword CAL_VER of an instrument's products."""


def version_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a version such as ``10.5.0 (16-Mar-2026)``; none if there are none."""
    match = _NUMBERS.search(text)
    return tuple(map(int, match.group().split("."))) if match else ()


def older_engines(used: Mapping[str, str], installed: Mapping[str, str]) -> Iterator[str]:
    """Say which engines are older than the installed ones, such as ``calcos 3.6.1 -> 3.6.2``.

    Parameters
    ----------
    used, installed
        Versions by program.
    """
    for program, version in used.items():
        now = installed.get(program, "")
        before, after = version_numbers(version), version_numbers(now)
        if before and after and before < after:
            yield f"{program} {version} -> {now}"


def engine_in_header(instrument: str, header: Mapping[str, object]) -> dict[str, str]:
    """Return the version of the engine that a product's header names; none if it names none."""
    version = str(header.get("CAL_VER", "")).strip()
    program = _ENGINES.get(instrument)
    return {program: version} if program and version_numbers(version) else {}


def other_settings(request: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Say which settings of a run are other ones now, such as ``previews True -> False``.

    Parameters
    ----------
    request
        Request of the run, as plain data; empty if it is not known.
    now
        Present values of the settings that determine products, as plain data.
    """
    before = request.get("settings")
    if not isinstance(before, Mapping):
        return
    for name, value in now.items():
        if name in before and name not in _ASKED and before[name] != value:
            yield f"{name} {before[name]!r} -> {value!r}"
