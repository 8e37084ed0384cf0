"""The engines' environment, from settings, the caller's environment and the dataset's own file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from caldp.app.ports.listener import Listener
from caldp.app.process.flow import WorkDirectory
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.selection import environment_file
from caldp.domain.run.crds_variables import reference_variables
from caldp.domain.run.engine_environment import REFERENCE_VARIABLES, build_environment, parse_variables
from caldp.domain.run.events import Level, Note
from caldp.domain.run.secrets import without_secrets
from caldp.domain.run.settings import Settings

_MOST_CHARACTERS: Final = 1 << 20
"""Greatest length of the file that is read; far beyond any real one."""


def engine_environment(
    dataset: AnyDataset,
    settings: Settings,
    caller: Mapping[str, str],
    references: Path,
    work: WorkDirectory,
    tell: Listener,
    astrometry: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Build the engines' environment.

    Parameters
    ----------
    dataset
        Dataset to calibrate.
    settings
        Variables that profile or user set.
    caller
        The environment that we were called with.
    references
        The directory of links to the assigned references.
    work
        Its data directory may hold ``<dataset>_cal_env.txt``.
    tell
        Hears of lines in that file that were passed over, and of what the environment is.
    astrometry
        Variables that keep engines from servers of astrometry; whatever else sets them wins.
    """
    file = work.data / environment_file(dataset)
    lines = _text(file).split("\n") if file.exists() else []
    parsed = parse_variables(lines, file.name, settings.engine_environment)
    for complaint in parsed.complaints:
        tell(Note(complaint, Level.WARNING))
    variables = _reference_variables(dataset, settings, references)
    environment = build_environment(
        caller, settings.engine_environment, parsed.variables, variables, defaults=astrometry or {}
    )
    for name, value in without_secrets(environment).items():
        tell(Note(f"{name}={value}", Level.DETAIL))
    return environment


def _text(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(_MOST_CHARACTERS)


def _reference_variables(dataset: AnyDataset, settings: Settings, references: Path) -> dict[str, str]:
    if not dataset.is_mosaic:
        # HSTCAL puts a name right behind the value: without the slash nothing is found.
        return dict.fromkeys(REFERENCE_VARIABLES, f"{references}/")
    # Visits and sky cells are not assigned anything: their exposures name references of the cache.
    cache = Path(settings.crds_path).expanduser()
    mode = cache / "config" / "hst" / "ref_cache_subdir_mode"
    is_flat = mode.is_file() and mode.read_text(encoding="utf-8", errors="replace").strip() == "flat"
    return reference_variables(str(cache), flat=is_flat)
