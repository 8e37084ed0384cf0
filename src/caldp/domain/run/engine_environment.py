"""Environment of engines: built from their known needs, not inherited from the caller."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from caldp.domain.hst.instrument import REFERENCE_DIRECTORIES
from caldp.domain.run.engine_variables import BY_NAME, TUNING, Kind

_DEFAULTS: Final = {
    "PYTHONUNBUFFERED": "1",  # calcos and drizzlepac are heard while they work, not when they are done
    "MPLBACKEND": "Agg",
}

_SYSTEM: Final = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_COLLATE", "LC_CTYPE",
        "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
        "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "MPLCONFIGDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PYTHONUNBUFFERED",
        "MPLBACKEND", "PYTHONFAULTHANDLER", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE",
    }
)  # fmt: skip
"""Taken over from the caller: what any program needs to start, to find its libraries and to reach the network."""

SWITCHES: Final = BY_NAME.keys() | TUNING
"""Variables by which a user steers the engines: the caller's win over the settings."""

REFERENCE_VARIABLES: Final = (*REFERENCE_DIRECTORIES, "uref_linux")
"""Variables that stand for the directory of reference files in headers: ``jref$name``."""

_LINE: Final = re.compile(r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=(?P<value>[^\0]*)")
_MOST_COMPLAINTS: Final = 20
_LONGEST_NAME: Final = 80


@frozen
class FileVariables:
    """Variables accepted from a file of ``KEY=VALUE`` lines, and the lines refused.

    Attributes
    ----------
    variables
        In the order of the file; of two equal names the later counts.
    complaints
        One sentence for each line that was passed over.
    """

    variables: Mapping[str, str]
    complaints: tuple[str, ...] = ()


def parse_variables(lines: Iterable[str], file: str, settings: Collection[str] = ()) -> FileVariables:
    """Read ``KEY=VALUE`` lines; blank lines and lines that begin with ``#`` are skipped.

    The file comes with the inputs, from whoever made these. It may set the variables of `ENGINE_VARIABLES` to the
    values that are listed there, and nothing else: what else engines and their libraries read can make them run
    programs, ask other servers or write to other places.

    Parameters
    ----------
    lines
        The lines; a value may contain ``=``, blanks around name and value do not count.
    file
        Name of the file, for complaints.
    settings
        Names that the user's own settings set. A complaint about one of them says that the settings count.
    """
    variables: dict[str, str] = {}
    complaints: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        match = _LINE.fullmatch(text)
        if not text or text.startswith("#"):
            continue
        if match is None:
            complaints.append(f"{file}, line {number}: expected KEY=VALUE; the line is passed over.")
            continue
        name, value = match["name"], match["value"].strip()
        complaint = _complaint(name[:_LONGEST_NAME], value, settings)
        if complaint:
            complaints.append(f"{file}, line {number}: {complaint}")
        else:
            variables[name] = value
    if len(complaints) > _MOST_COMPLAINTS:
        more = len(complaints) - _MOST_COMPLAINTS
        complaints = [*complaints[:_MOST_COMPLAINTS], f"{file}: {more} further lines are passed over."]
    return FileVariables(variables, tuple(complaints))


def _complaint(name: str, value: str, settings: Collection[str]) -> str:
    """Say why an input may not set a variable to a value; empty if it may."""
    variable = BY_NAME.get(name)
    if variable is not None and variable.kind.allows(value):
        return ""
    if name in REFERENCE_VARIABLES:
        return f"{name} always points at this run's own references; the line is passed over."
    if variable is not None and variable.kind is not Kind.OWN:
        return f"{name} must be {variable.kind.expected}; the line is passed over."
    if name in settings:
        return f"{name} counts as your settings have it; the line is passed over."
    return (
        f"{name} cannot be set by an input; the line is passed over. "
        "If you trust it, set it in [engine_environment] of a profile of your own."
    )


def build_environment(
    caller: Mapping[str, str],
    settings: Mapping[str, str],
    from_file: Mapping[str, str],
    references: Mapping[str, str],
    *,
    defaults: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Build the engines' whole environment; what comes later wins.

    Parameters
    ----------
    caller
        The caller's environment; only variables that engines need are taken.
    settings
        Variables from the profile and the user's file; the caller's engine switches win over these.
    from_file
        Variables from the dataset's ``_cal_env.txt``, as `parse_variables` lets them pass.
    references
        Reference variables such as ``jref``, with the slash at their ends.
    defaults
        Variables that count where nobody sets them.
    """
    system = {name: value for name, value in caller.items() if name in _SYSTEM}
    switches = {name: value for name, value in caller.items() if name in SWITCHES}
    return {**_DEFAULTS, **defaults, **system, **settings, **switches, **from_file, **references}
