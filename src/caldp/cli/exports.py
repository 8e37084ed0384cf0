"""Variables that a shell needs for a profile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from caldp.domain.run.exports import PROFILE_VARIABLE
from caldp.views.exports import Exports


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
    return Exports({**variables, PROFILE_VARIABLE: profile}, stale, _plugin(variables, environ))


def _earlier(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the profile that the shell has evaluated before sets; nothing if that cannot be told."""
    from caldp.domain.errors import InvalidSetting

    try:
        return _variables(environ[PROFILE_VARIABLE], {}) if environ.get(PROFILE_VARIABLE) else {}
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
