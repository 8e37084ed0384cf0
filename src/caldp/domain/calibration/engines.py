"""The calibration programs: which package each comes from, and the command that brings it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from attrs import frozen

HSTCAL: Final = frozenset({"calacs.e", "calwf3.e", "cs0.e"})
"""Programs of the HSTCAL package; the others come with the ``engines`` extra of caldp."""

_CONSTRAINTS: Final = '"$(caldp constraints --path)"'
_COS: Final = frozenset({"calcos"})


@frozen
class Installers:
    """Programs that install packages here.

    Attributes
    ----------
    python
        Words that install packages of Python where caldp is, with their option for constraints.
    conda
        Words that install packages of conda-forge in the active environment; empty if none is active.
    """

    python: str = "pip install --constraint"
    conda: str = ""

    def command(self, programs: Collection[str]) -> str:
        """Return the one command that brings programs.

        Parameters
        ----------
        programs
            Their names, such as ``calacs.e``.
        """
        commands = []
        if any(program in HSTCAL for program in programs):
            commands.append(f"{self.conda} hstcal" if self.conda else _environment_for_hstcal())
        if of_python := set(programs) - HSTCAL:
            extra = "cos" if of_python <= _COS else "engines"
            commands.append(f'{self.python} {_CONSTRAINTS} "caldp[{extra}]"')
        return " && ".join(commands)


def _environment_for_hstcal() -> str:
    """Return the command that installs HSTCAL beside a Python that is not conda's."""
    create = "conda create --yes --name hstcal --channel conda-forge hstcal"
    # At the end of PATH: that environment's other programs must not come before those of caldp's.
    return f'{create} && export PATH="$PATH:$(conda run --name hstcal printenv CONDA_PREFIX)/bin"'


def how_to_install(program: str) -> str:
    """Say how to install a program that is not there.

    Parameters
    ----------
    program
        Its name, such as ``calacs.e``.
    """
    if program in HSTCAL:
        return "Install HSTCAL (conda install -c conda-forge hstcal) and put its directory of programs on PATH."
    return f"Install the engines ({Installers().command((program,))}) and put their directory of programs on PATH."
