"""The calibration programs: which package each comes from, and how to get it."""

from __future__ import annotations

from typing import Final

HSTCAL: Final = frozenset({"calacs.e", "calwf3.e", "cs0.e"})
"""Programs of the HSTCAL package; the others come with the ``engines`` extra of caldp."""


def how_to_install(program: str) -> str:
    """Say how to install a program that is not there.

    Parameters
    ----------
    program
        Its name, such as ``calacs.e``.
    """
    if program in HSTCAL:
        return "Install HSTCAL (conda install -c conda-forge hstcal) and put its directory of programs on PATH."
    return "Install the engines (pip install 'caldp[engines]') and put their directory of programs on PATH."
