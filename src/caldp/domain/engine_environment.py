"""The engines' environment: built from what we know they need, not inherited from whoever called us."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from caldp.domain.instrument import REFERENCE_DIRECTORIES

_DEFAULTS: Final = {
    "PYTHONUNBUFFERED": "1",  # calcos and drizzlepac are heard while they work, not when they are done
    "MPLBACKEND": "Agg",
}

_SYSTEM: Final = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
        "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "MPLCONFIGDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PYTHONUNBUFFERED",
        "MPLBACKEND", "PYTHONFAULTHANDLER",
    }
)  # fmt: skip
"""Taken over from the caller: what any program needs to start, to find its libraries and to reach the network."""

_SWITCHES: Final = (
    "ASTROMETRY_", "PIPELINE_", "SVM_", "MVM_", "OMP_", "OPENBLAS_", "MKL_", "ASTRODRIZ_", "RAISE_PIPELINE_ERRORS",
    "GSSS_WEBSERVICES_URL", "LC_", "MALLOC_",
)  # fmt: skip
"""Beginnings of variables by which a user steers the engines: the caller's win over the settings."""

REFERENCE_VARIABLES: Final = (*REFERENCE_DIRECTORIES, "uref_linux")
"""What stands for the directory of reference files in headers: ``jref$name``."""

_KEPT: Final = re.compile(r"PATH|HOME|IFS|SHELL|BASH_ENV|ENV|(?:LD|DYLD)_.*|PYTHON(?:PATH|HOME|STARTUP)")
"""What an input file must not set: it decides which programs and libraries are run."""

_LINE: Final = re.compile(r"\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=(?P<value>[^\0]*)")


@frozen
class FileVariables:
    """What a file of ``KEY=VALUE`` lines says.

    Attributes
    ----------
    variables
        In the order of the file; of two equal names the later counts.
    complaints
        One sentence for each line that was passed over.
    """

    variables: Mapping[str, str]
    complaints: tuple[str, ...] = ()


def parse_variables(lines: Iterable[str], file: str) -> FileVariables:
    """Read ``KEY=VALUE`` lines; blank lines and lines that begin with ``#`` say nothing.

    Parameters
    ----------
    lines
        The lines; a value may contain ``=``, blanks around name and value do not count.
    file
        Name of the file, for complaints.
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
        elif match["name"] in REFERENCE_VARIABLES or _KEPT.fullmatch(match["name"]):
            complaints.append(f"{file}, line {number}: {match['name']} cannot be set here; the line is passed over.")
        else:
            variables[match["name"]] = match["value"].strip()
    return FileVariables(variables, tuple(complaints))


def build_environment(
    caller: Mapping[str, str],
    settings: Mapping[str, str],
    from_file: Mapping[str, str],
    references: Mapping[str, str],
) -> dict[str, str]:
    """Build the engines' whole environment; what comes later wins.

    Parameters
    ----------
    caller
        The caller's environment, of which only what engines need is taken.
    settings
        Variables from the profile and the user's file; the caller's engine switches win over these.
    from_file
        Variables from the dataset's ``_cal_env.txt``.
    references
        Reference variables such as ``jref``, with the slash at their ends.
    """
    system = {name: value for name, value in caller.items() if name in _SYSTEM}
    switches = {name: value for name, value in caller.items() if name.startswith(_SWITCHES)}
    return {**_DEFAULTS, **system, **settings, **switches, **from_file, **references}
