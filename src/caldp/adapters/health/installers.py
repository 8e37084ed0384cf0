"""Programs that installed caldp and can install what it needs, by the traces that they leave."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from caldp.domain.calibration.engines import Installers

_RECEIPT = "uv-receipt.toml"
"""File that ``uv tool`` leaves in the environment of a tool."""


def find_installers(environ: Mapping[str, str], prefix: Path | None = None) -> Installers:
    """Find out how packages are installed where this Python is.

    Parameters
    ----------
    environ
        The caller's environment: which environment of conda or pixi is active, and PATH.
    prefix
        Directory of the environment to look at instead of this Python's.
    """
    return Installers(_python(environ, prefix or Path(sys.prefix)), _conda(environ))


def _python(environ: Mapping[str, str], prefix: Path) -> str:
    if (prefix / _RECEIPT).is_file():
        return "uv tool install --force --constraints"
    python = shlex.quote(str(prefix / "bin" / "python"))
    if find_spec("pip") is None:
        return f"uv pip install --python {python} --constraints"
    pip = shutil.which("pip", path=environ.get("PATH"))
    is_ours = pip is not None and Path(pip).parent == prefix / "bin"
    return "pip install --constraint" if is_ours else f"{python} -m pip install --constraint"


def _conda(environ: Mapping[str, str]) -> str:
    if environ.get("PIXI_PROJECT_MANIFEST"):
        return "pixi add"
    if not environ.get("CONDA_PREFIX"):
        return ""
    found = next(
        (name for name in ("conda", "mamba", "micromamba") if shutil.which(name, path=environ.get("PATH"))), ""
    )
    return f"{found or 'conda'} install --channel conda-forge"
