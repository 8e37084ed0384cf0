"""Combination of the exposures of a COS association, by calcos's own code.

``python -P cos_combination.py ldfd01010_asn.fits`` does what calcos does after it has calibrated
an association's exposures (``calcos.py``: calcos, from combineToProduct on), and nothing of what it does before. The
exposures have been calibrated, each by a calcos of its own, in the current directory. This file is run as a script: it
imports nothing of caldp.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

_AS_BY_DEFAULT: Final = {
    "find_target": {"flag": False, "cutoff": None},
    "create_csum_image": False,
    "raw_csum_coords": False,
    "only_csum": False,
    "binx": 1,
    "biny": 1,
    "compress_csum": False,
    "compression_parameters": "gzip,-0.01",
    "shift_file": None,
    "save_temp_files": False,
    "stimfile": None,
    "livetimefile": None,
    "burstfile": None,
}
"""Arguments of calcos that is called without options (``calcos.py``: main)."""


def main(arguments: Sequence[str]) -> int:
    """Combine the exposures that an association table names; return the exit status."""
    calcos = import_module("calcos.calcos")  # as an attribute of its package it is a function
    cosutil = import_module("calcos.cosutil")
    cosutil.setVerbosity(calcos.VERBOSE)
    cosutil.setWriteToTrailer(False)  # the trailers of the exposures are complete
    cosutil.printMsg(f"CALCOS version {calcos.CALCOS_VERSION}")
    cosutil.printMsg(f"Begin {cosutil.returnTime()}", calcos.VERBOSE)
    association = _calibrated(calcos)(arguments[0], None, _AS_BY_DEFAULT)
    calcos.Calibration(association).combineToProduct()
    association.updateMempresent()
    association.copySptFile()
    cosutil.printMsg(f"End   {cosutil.returnTime()}", calcos.VERBOSE)
    return 0


def _calibrated(calcos: Any) -> Any:
    """Derive the association whose exposures have been calibrated: that their products are there is no mistake."""

    class Calibrated(calcos.Association):  # type: ignore[misc]
        def checkOutputExists(self) -> None:  # noqa: N802
            """Accept the products of the exposures."""

    return Calibrated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
