"""A STIS association with two raw files, each with a wavelength calibration of its own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from astropy.io import fits
from attrs import evolve

from caldp.simulation import SimulatedObservation, simulate

ROOTS = ("osim02s1q", "osim02s2q")
"""Rootnames of the raw files: members of the table that are parts of one raw file as the archive has it."""


def simulate_pair(directory: Path, keywords: Mapping[str, str] | None = None) -> SimulatedObservation:
    """Simulate the association, and take its raw file twice.

    Parameters
    ----------
    directory
        Directory of the observation.
    keywords
        Further keywords of the primary headers.
    """
    observation = simulate("stis", directory)
    inputs = directory / "pair"
    inputs.mkdir()
    shutil.copy(observation.inputs / f"{observation.dataset}_asn.fits", inputs)
    for root in ROOTS:
        for suffix in ("raw", "wav"):
            path = inputs / f"{root}_{suffix}.fits"
            shutil.copy(observation.inputs / f"{observation.dataset}_{suffix}.fits", path)
            own = {"ROOTNAME": root, "WAVECAL": f"{root}_wav.fits" if suffix == "raw" else "N/A"}
            with fits.open(path, mode="update") as hdus:
                hdus[0].header.update({**own, **(keywords or {})})
    return evolve(observation, inputs=inputs)
