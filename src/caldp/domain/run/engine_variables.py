"""Variables that steer calibration: the readers of each, and the values that inputs may set."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from attrs import frozen


class Kind(Enum):
    """Values that an input may give a variable: a pattern, and its description."""

    SWITCH = r"on|off|yes|no|true|false", "on, off, yes, no, true or false"
    TRUTH = r"true|false", "true or false"
    ON_OFF = r"on|off", "on or off"
    WORD = r"\w{0,32}", "one word, or nothing: only being set counts"
    COUNT = r"[1-9][0-9]{0,2}(?:,[1-9][0-9]{0,2}){0,3}", "a number from 1 to 999"
    OWN = r"(?!)", "yours to set, not an input's"

    @property
    def expected(self) -> str:
        """Description of the accepted values."""
        return self.value[1]

    def allows(self, value: str) -> bool:
        """Tell whether an input may set the variable to a value; upper and lower case are the same."""
        return re.fullmatch(self.value[0], value, re.IGNORECASE | re.ASCII) is not None


@frozen
class EngineVariable:
    """A variable that calibration programs read.

    Attributes
    ----------
    name
        Its name.
    kind
        Values that an input may set it to; `Kind.OWN` where an input may not.
    reader
        Module or library that reads it, as of HSTCAL of 2026, calcos 3.6, drizzlepac 3.11, stwcs 1.7.
    meaning
        Effect of the variable.
    """

    name: str
    kind: Kind
    reader: str
    meaning: str


_RUN: Final = "drizzlepac.runastrodriz"
_SVM: Final = "drizzlepac.hapsequencer"
_MVM: Final = "drizzlepac.hapmultisequencer"
_STWCS: Final = "stwcs.updatewcs.astrometry_utils"
_OPENMP: Final = "OpenMP, in HSTCAL and numpy's libraries"

ENGINE_VARIABLES: Final = (
    EngineVariable("ASTROMETRY_COMPUTE_APOSTERIORI", Kind.SWITCH, _RUN, "Align to Gaia."),
    EngineVariable("ASTROMETRY_APPLY_APRIORI", Kind.SWITCH, _RUN, "Apply WCS solutions of the astrometry database."),
    EngineVariable("ASTROMETRY_STEP_CONTROL", Kind.ON_OFF, _STWCS, "The older name of the same switch."),
    EngineVariable("RAISE_PIPELINE_ERRORS", Kind.TRUTH, _STWCS, "Fail where the astrometry database fails."),
    EngineVariable("PIPELINE_QUALITY_TESTING", Kind.SWITCH, _RUN, "Judge alignment and products, in a JSON file."),
    EngineVariable("PIPELINE_RESET_IDCTAB", Kind.SWITCH, _RUN, "Take the IDCTAB of the raw into flt and flc."),
    EngineVariable("SVM_QUALITY_TESTING", Kind.SWITCH, _SVM, "Judge a visit's products, in JSON files."),
    *(
        EngineVariable(f"SVM_CATALOG_{detector}", Kind.SWITCH, _SVM, f"Make source catalogues of {detector} products.")
        for detector in ("HRC", "SBC", "WFC", "UVIS", "IR", "PC")
    ),
    EngineVariable("MVM_QUALITY_TESTING", Kind.SWITCH, _MVM, "Judge a sky cell's products, in JSON files."),
    EngineVariable("MVM_INCLUDE_SMALL", Kind.SWITCH, _MVM, "Make layers of ACS/HRC and ACS/SBC too."),
    EngineVariable("MVM_ONLY_CTE", Kind.SWITCH, _MVM, "Use inputs corrected for CTE only."),
    EngineVariable("ASTRODRIZ_NO_PARALLEL", Kind.WORD, "drizzlepac.util", "Drizzle in one process."),
    EngineVariable("OMP_NUM_THREADS", Kind.COUNT, _OPENMP, "Threads."),
    EngineVariable("OMP_THREAD_LIMIT", Kind.COUNT, _OPENMP, "Threads at most."),
    EngineVariable("OMP_MAX_ACTIVE_LEVELS", Kind.COUNT, _OPENMP, "Levels of threads that start threads."),
    EngineVariable("OMP_DYNAMIC", Kind.TRUTH, _OPENMP, "Use fewer threads on a busy machine."),
    EngineVariable("OPENBLAS_NUM_THREADS", Kind.COUNT, "OpenBLAS, in numpy and scipy of PyPI", "Threads."),
    EngineVariable("MKL_NUM_THREADS", Kind.COUNT, "MKL, in numpy and scipy of conda", "Threads."),
    EngineVariable("MKL_DYNAMIC", Kind.TRUTH, "MKL", "Use fewer threads on a busy machine."),
    EngineVariable("ASTROMETRY_SERVICE_URL", Kind.OWN, _STWCS, "The astrometry database."),
    EngineVariable("ASTROMETRIC_CATALOG_URL", Kind.OWN, "drizzlepac.haputils.astrometric_utils", "The catalogues."),
    EngineVariable("GSSS_WEBSERVICES_URL", Kind.OWN, _STWCS, "The guide stars."),
    EngineVariable("HLA_CLASSIC_BASEPATH", Kind.OWN, "drizzlepac.haputils.svm_quality_analysis", "HLA products."),
    EngineVariable("HLA_BUILD_VER", Kind.OWN, "drizzlepac.haputils.svm_quality_analysis", "HLA version."),
)
"""Variables of the engines, found by reading every use of ``os.environ`` and ``getenv`` in these programs.

HSTCAL's ``imclobber`` is left out on purpose: with it an engine replaces products instead of refusing to.
"""

BY_NAME: Final = {variable.name: variable for variable in ENGINE_VARIABLES}

TUNING: Final = frozenset(
    {
        "OMP_PROC_BIND", "OMP_PLACES", "OMP_SCHEDULE", "OMP_STACKSIZE", "OMP_WAIT_POLICY", "OMP_NESTED",
        "OMP_DISPLAY_ENV", "GOMP_CPU_AFFINITY", "OPENBLAS_CORETYPE", "OPENBLAS_MAIN_FREE", "MKL_CBWR",
        "MKL_ENABLE_INSTRUCTIONS", "MALLOC_ARENA_MAX", "MALLOC_ARENA_TEST", "MALLOC_CHECK_", "MALLOC_MMAP_MAX_",
        "MALLOC_MMAP_THRESHOLD_", "MALLOC_PERTURB_", "MALLOC_TOP_PAD_", "MALLOC_TRIM_THRESHOLD_",
    }
)  # fmt: skip
"""Further variables of the caller that engines get: how OpenMP, OpenBLAS, MKL and the C library use the machine."""
