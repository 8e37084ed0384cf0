"""Observations of the matrix by the mode's name."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.mode_matrix.hrc import HRC
from benchmarks.mode_matrix.real import REAL
from benchmarks.mode_matrix.site import SHARED, Site
from benchmarks.mode_matrix.uvis import UVIS
from caldp.simulation import DATASETS, simulate
from caldp.simulation.modes import MODES, write_mode
from caldp.simulation.modes.files import Change, by_itself

Maker = Callable[[Path], Site]
"""Makes an observation in a directory."""


def _shared(source: str, context: str = "hst_0729.pmap", dataset: str = "", change: Change | None = None) -> Maker:
    def make(directory: Path) -> Site:
        inputs = directory / "inputs"
        shutil.unpack_archive(SHARED / "inputs" / f"{source}.tar.gz", inputs)
        for path in inputs.iterdir():
            path.chmod(0o644)
        if change is not None:
            change(inputs)
        return Site(dataset or source, inputs, SHARED / "crds_cache", context)

    return make


def _demonstrated(instrument: str) -> Maker:
    return lambda directory: _of(simulate(instrument, directory))


def _mode(name: str) -> Maker:
    return lambda directory: _of(write_mode(name, directory))


def _of(observation: Any) -> Site:
    return Site(observation.dataset, observation.inputs, observation.crds_cache, observation.context)


REAL_SITES: Final[Mapping[str, Maker]] = {
    "COS NUV ACQ/IMAGE (real)": _shared(
        "ldfd01010", dataset="ldfd01vlq", change=lambda place: by_itself(place, "ldfd01vlq")
    ),
    "ACS HRC F435W (real)": _shared("j6gp01mkq", "hst_9729.pmap"),
    "ACS SBC F140LP dither (real)": _shared("jbz504010"),
    "STIS CCD G430L CR-SPLIT": _shared("osim01010"),
    **{name: _shared(source, context, dataset, change) for name, (source, dataset, context, change) in REAL.items()},
    **HRC,
    **UVIS,
}
"""Makers of those that need ``../shared/hst``."""

SIMULATED: Final[Mapping[str, Maker]] = {
    **{f"{name.upper()} as demonstrated": _demonstrated(name) for name in DATASETS},
    **{name: _mode(name) for name in MODES},
}
"""Makers of those that need nothing."""


def sites() -> Mapping[str, Maker]:
    """Return the makers of all observations that can be made here, those of real data first."""
    return {**(REAL_SITES if SHARED.is_dir() else {}), **SIMULATED}
