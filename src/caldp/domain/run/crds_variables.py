"""The environment variables by which the CRDS library and the engines find reference files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from caldp.domain.hst.instrument import REFERENCE_DIRECTORIES
from caldp.domain.run.settings import Settings

DOWNLOAD_PLUGIN: Final = "crds_s3_get ${FILENAME} -d ${OUTPUT_PATH} -s ${FILE_SIZE} -c ${FILE_SHA1SUM}"
"""The one form of command that CRDS 13 runs in a shell and CRDS 14, without a shell, recognises by its first word."""

_MODE: Final = "CRDS_DOWNLOAD_MODE"
_PLUGIN: Final = "CRDS_DOWNLOAD_PLUGIN"
_PICKLED: Final = "CRDS_USE_PICKLED_CONTEXTS"
_MAPPINGS: Final = "CRDS_MAPPING_URI"
_UNSET: Final = frozenset({"", "none"})
"""Values of variables that are not set: CRDS writes ``None`` for its addresses into a process that imports it."""
_IN_A_BUCKET: Final = ("CRDS_CONFIG_URI", "CRDS_PICKLE_URI", _MAPPINGS)


def crds_variables(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """List the variables that the CRDS library reads; empty ones are left out.

    Parameters
    ----------
    settings
        Resolved settings. Paths are passed on as they stand: whoever uses them expands ``~``.
    environ
        The caller's environment. Its variables for CRDS win, save those that have a setting of their own.
    """
    further = {**_bucket_variables(settings.references_bucket), **settings.crds_environment}
    further |= {
        name: environ[name] for name in (*further, _MODE, _PLUGIN) if environ.get(name, "").lower() not in _UNSET
    }
    if further.get(_PICKLED) == "1":
        # A bucket with pickles needs no mappings: told where there could be some, CRDS looks for half a minute.
        further.pop(_MAPPINGS, None)
    if further.get(_MODE) == "plugin":
        further.setdefault(_PLUGIN, DOWNLOAD_PLUGIN)
    variables = {
        "CRDS_OBSERVATORY": "hst",
        "CRDS_SERVER_URL": settings.crds_server_url,
        "CRDS_PATH": settings.crds_path,
        "CRDS_READONLY_CACHE": str(int(settings.crds_readonly_cache)),
        "CRDS_CONTEXT": settings.crds_context,
        **further,
    }
    return {name: value for name, value in variables.items() if value}


def reference_settings(settings: Settings) -> tuple[object, ...]:
    """Return the settings that choose where references come from, and which they are."""
    return (
        settings.crds_server_url, settings.crds_path, settings.crds_context, settings.context_from_output,
        settings.references_bucket, settings.crds_readonly_cache, settings.verify_references,
        tuple(sorted(settings.crds_environment.items())),
    )  # fmt: skip


def reads_a_bucket(variables: Mapping[str, str]) -> bool:
    """Tell whether the CRDS library looks for its configuration or rules in a bucket, beside its cache."""
    return any(variables.get(name) for name in _IN_A_BUCKET)


def _bucket_variables(bucket: str) -> dict[str, str]:
    """Say where in CALCLOUD's bucket CRDS finds what; the bucket is given as ``s3://name[/prefix]``."""
    if not bucket:
        return {}
    root = bucket.rstrip("/")
    return {f"CRDS_{kind.upper()}_URI": f"{root}/{kind}s/hst/" for kind in ("mapping", "reference", "pickle")} | {
        "CRDS_CONFIG_URI": f"{root}/config/hst/"
    }


def reference_variables(cache: str, *, flat: bool) -> dict[str, str]:
    """List the variables that stand for reference directories in headers, such as ``jref``.

    Parameters
    ----------
    cache
        The CRDS cache.
    flat
        True if all files lie in one directory, as in the read-only cache on site, and not by instrument.
    """
    root = f"{cache.rstrip('/')}/references/hst/"
    # HSTCAL puts the name right behind the value: without its slash a file is not found.
    variables = {name: root if flat else f"{root}{place}/" for name, place in REFERENCE_DIRECTORIES.items()}
    return {**variables, "uref_linux": variables["uref"]}
