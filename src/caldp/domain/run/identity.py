"""Identity of the engines and the machine of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OMP_DYNAMIC", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MKL_DYNAMIC",
    "ASTRODRIZ_NO_PARALLEL",
)  # fmt: skip
"""Variables of `caldp.domain.run.engine_variables` that set how many threads or processes the engines use."""


@frozen
class EngineIdentity:
    """Identity of a calibration program.

    Attributes
    ----------
    program
        Its name, such as ``calacs.e``.
    path
        Its executable.
    version
        Version as an HSTCAL program prints it, such as ``10.5.0 (16-Mar-2026)``; version of the package of any other.
        Empty if it cannot be known.
    build
        Tag and commit that an HSTCAL program was built from; of any other the SHA-256 of the list of its package's
        installed files with their digests. Empty if it cannot be known.
    sha256
        SHA-256 of the executable; hexadecimal, empty if it cannot be read.
    """

    program: str
    path: str
    version: str = ""
    build: str = ""
    sha256: str = ""


@frozen
class Machine:
    """Machine of a run.

    Attributes
    ----------
    platform
        Operating system and its release, such as ``Linux-6.1.0-x86_64-with-glibc2.36``.
    processor
        Model of the processor; empty if it cannot be known.
    cores
        Cores that the run may use; 0 if that cannot be known.
    memory_limit
        Memory that the run may use; bytes, None if there is no limit or it cannot be known.
    threads
        Thread settings of the engines, by variable. A variable that is not set is left out: its library then takes
        all cores.
    """

    platform: str = ""
    processor: str = ""
    cores: int = 0
    memory_limit: int | None = None
    threads: Mapping[str, str] = field(factory=dict)


def thread_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Pick the thread settings of an environment."""
    return {name: environment[name] for name in THREAD_VARIABLES if name in environment}
