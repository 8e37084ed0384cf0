"""A profile's variables, as lines that a shell evaluates."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from caldp.domain.run.secrets import holds_secret

MARKER: Final = "CALDP_PROFILE_ENV"
"""Names the profile whose variables a shell has evaluated, so that the next one can replace them."""


@frozen
class Exports:
    """Variables that a shell needs for a profile.

    Attributes
    ----------
    variables
        To be set.
    stale
        To be unset: an earlier profile set them.
    path
        A directory to be put at the front of PATH; None for none.
    """

    variables: Mapping[str, str]
    stale: tuple[str, ...] = ()
    path: Path | None = None

    def without_secrets(self) -> Exports:
        """Return them without variables that hold credentials."""
        shown = {name: value for name, value in self.variables.items() if not holds_secret(name, value)}
        return evolve(self, variables=shown)


@frozen
class Dialect:
    """Syntax of a shell."""

    set: Callable[[str, str], str]
    unset: Callable[[str], str]
    prepend: Callable[[str], str]


DIALECTS: Final[Mapping[str, Dialect]] = {
    "sh": Dialect(
        set=lambda name, value: f"export {name}={shlex.quote(value)}",
        unset=lambda name: f"unset {name}",
        prepend=lambda directory: f'export PATH={shlex.quote(directory)}:"$PATH"',
    ),
    "csh": Dialect(
        set=lambda name, value: f"setenv {name} {shlex.quote(value)};",
        unset=lambda name: f"unsetenv {name};",
        prepend=lambda directory: f'setenv PATH {shlex.quote(directory)}:"$PATH";',
    ),
    "fish": Dialect(
        set=lambda name, value: f"set -gx {name} {shlex.quote(value)};",
        unset=lambda name: f"set -e {name};",
        prepend=lambda directory: f"set -gx PATH {shlex.quote(directory)} $PATH;",
    ),
}


def render(exports: Exports, dialect: Dialect) -> str:
    """Write exports as lines of a shell."""
    lines = [dialect.unset(name) for name in exports.stale]
    lines += [dialect.set(name, value) for name, value in exports.variables.items()]
    if exports.path is not None:
        lines.append(dialect.prepend(str(exports.path)))
    return "\n".join(lines)


def exports_of(profile: str, environ: Mapping[str, str]) -> Exports:
    """Find what a shell with an environment needs for a profile.

    Parameters
    ----------
    profile
        Name or path of the profile.
    environ
        The shell's environment: its variables win over the profile's, except those that an earlier profile set.

    Raises
    ------
    InvalidSetting
        If there is no such profile, or it or the environment has a wrong value.
    """
    earlier = _earlier(environ)
    chosen = {name: value for name, value in environ.items() if earlier.get(name) != value}
    variables = _variables(profile, chosen)
    stale = tuple(name for name in earlier if name not in variables and environ.get(name) == earlier[name])
    return Exports({**variables, MARKER: profile}, stale, _plugin(variables, environ))


def _earlier(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the profile that the shell has evaluated before sets; nothing if that cannot be told."""
    from caldp.domain.errors import InvalidSetting

    try:
        return _variables(environ[MARKER], {}) if environ.get(MARKER) else {}
    except InvalidSetting:  # its file is gone, or was changed
        return {}


def _variables(profile: str, environ: Mapping[str, str]) -> dict[str, str]:
    import sys

    from caldp.domain.run.crds_variables import crds_variables, reference_variables
    from caldp.profiles import resolve_settings

    settings = resolve_settings(profile, {}, environ).settings
    cache = str(Path(settings.crds_path).expanduser())
    variables = {
        **crds_variables(settings, environ),
        "CRDS_PATH": cache,
        **reference_variables(cache, flat=settings.crds_readonly_cache),
    }
    if "CRDS_DOWNLOAD_PLUGIN" in variables:
        variables["CALDP_PYTHON"] = sys.executable
    return variables


def _plugin(variables: Mapping[str, str], environ: Mapping[str, str]) -> Path | None:
    """Return the directory of our ``crds_s3_get`` if CRDS is to find it and does not yet."""
    import os

    from caldp.factories import crds_plugin_directory

    directory = crds_plugin_directory()
    wanted = "CRDS_DOWNLOAD_PLUGIN" in variables and str(directory) not in environ.get("PATH", "").split(os.pathsep)
    return directory if wanted else None
