"""Modes of STIS's MAMAs, made of the simulated CCD spectrum and its wavelength calibration.

The MAMAs get the CCD's light, in counts; their wavelengths are as wrong as their references agree with them.
Facts about headers: STIS Data Handbook, chapters 2 and 3; ``sciflags.c`` and ``getflags1.c`` of calstis 3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from attrs import evolve
from numpy.typing import NDArray

from caldp.simulation import fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import carried_over, renamed_tables, revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.modes.stis import (
    CCD_ONLY,
    DARK_TIME,
    DATASET,
    EXPOSURE,
    WAV,
    image_references,
    image_rules,
    raw_exposure,
    wavecal_alone,
    without_association,
)
from caldp.simulation.stis import model
from caldp.simulation.stis.images import FULL_FRAME, SUBARRAY, Readout
from caldp.simulation.stis.references import RULES

_MAMA_ONLY: Final = "DOPPCORR LORSCORR GLINCORR LFLGCORR"
_MOST_COUNTS: Final = 60_000
"""A raw pixel holds no more than 65,535."""


def _counts(path: Path, readout: Readout, primary: Keywords, images: int = 1) -> None:
    """Rewrite a raw file of the CCD as one of a MAMA: light alone, no overscan."""
    with fits.open(path, memmap=False) as hdus:
        header, first = hdus[0].header, hdus[1]
        light = np.clip(np.asarray(first.data, dtype=np.int32) - round(model.BIAS_LEVEL), 0, _MOST_COUNTS)
        light = light[readout.lit]
        kept = carried_over(first.header)
        kept |= {"LTV1": 0.0, "CRPIX1": kept["CRPIX1"] - readout.overscan}
        kept |= {"LTV2": 1.0 - readout.first_row, "CRPIX2": model.MIDDLE_ROW - readout.first_row + 1}
        kept |= {"GLOBRATE": 0.0, "DOPPMAG": 0.0, "DOPPZERO": kept["EXPSTART"], "ORBITPER": 5700.0, "DOPPON": False}
        extensions: list[Any] = []
        for version in range(1, images + 1):
            extensions += [
                fits_files.image("SCI", light.astype(np.uint16), kept, version),
                fits_files.constant_image("ERR", light.shape, 0.0, kept, version),
                fits_files.constant_image("DQ", light.shape, 0, kept, version),
            ]
        header.update({"SIZAXIS1": light.shape[1], "SIZAXIS2": light.shape[0], **primary})
        header.update({"CRSPLIT": 1, "NRPTEXP": images, "TEXPTIME": images * kept["EXPTIME"]})
        for name in ("CCDAMP", "CCDGAIN", "CCDOFFST", "ATODGAIN", "READNSE"):
            header.remove(name, ignore_missing=True)
        fits_files.write(path, [hdus[0], *extensions])


def expose(path: Path, rate: NDArray[np.float64], seed: int | Sequence[int]) -> None:
    """Put other light into a raw file.

    Parameters
    ----------
    path
        The raw file of a MAMA.
    rate
        Counts per second, of the shape of its image.
    seed
        Seed of the noise.
    """
    with fits.open(path, memmap=False) as hdus:
        counts = np.random.default_rng(seed).poisson(rate * hdus["SCI"].header["EXPTIME"])
        hdus["SCI"].data = np.clip(counts, 0, _MOST_COUNTS).astype(np.uint16)
        fits_files.write(path, hdus)


_NAMES: Final = ("ROOTNAME", "EXPNAME", "EXPTIME", "EXPSTART", "EXPEND", "DATE-OBS", "TIME-OBS")


def mama(detector: str, grating: str, cenwave: int, images: int = 1, more: str = "") -> Callable[[Path], None]:
    """Return the change into a spectrum of a MAMA."""

    def change(directory: Path) -> None:
        element: dict[str, str | int] = {"DETECTOR": detector, "OPT_ELEM": grating, "CENWAVE": cenwave}
        element |= {"MLINTAB": "N/A", "TDCTAB": "N/A"}
        done = f"GLINCORR LFLGCORR {more}"
        steps = switches(done, omit=" ".join({*CCD_ONLY.split(), *_MAMA_ONLY.split()} - set(done.split())))
        _counts(raw_exposure(directory), SUBARRAY, {**element, **steps, **switches(omit="CTECORR")}, images)
        _counts(directory / WAV, FULL_FRAME, {**element, **steps, **switches(omit="RPTCORR")})

    return change


def _mama_alone(directory: Path) -> None:
    mama("FUV-MAMA", "G140L", 1425)(directory)
    wavecal_alone(directory)


def _mama_imaging(detector: str, mirror: str) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        mama(detector, mirror, 0)(directory)
        without_association(directory)
        image = {"OBSTYPE": "IMAGING", "APERTURE": "25MAMA", "PROPAPER": "25MAMA", "IDCTAB": "N/A"}
        revise(raw_exposure(directory), {**image, **switches("GEOCORR PHOTCORR", omit="SGEOCORR")})

    return change


def _mama_dark(directory: Path) -> None:
    _mama_imaging("FUV-MAMA", "MIRFUV")(directory)
    omitted = switches(omit="GEOCORR PHOTCORR DARKCORR FLATCORR")
    revise(raw_exposure(directory), {"TARGNAME": "DARK", "TEXPTIME": DARK_TIME, **omitted}, {"EXPTIME": DARK_TIME})


def _time_tag(directory: Path) -> None:
    """Put a list of events beside the image that the archive makes of it."""
    mama("FUV-MAMA", "G140L", 1425)(directory)
    revise(raw_exposure(directory), {"OBSMODE": "TIME-TAG"})
    with fits.open(raw_exposure(directory), memmap=False) as hdus:
        rows, columns = np.nonzero(hdus["SCI"].data)
        seconds = np.linspace(0.0, hdus["SCI"].header["EXPTIME"], rows.size)
        names = {name: hdus["SCI"].header[name] for name in _NAMES}
        columns_of = (("TIME", "1J", seconds * 8000), ("AXIS1", "1I", columns), ("AXIS2", "1I", rows))
        events = fits_files.table("EVENTS", [fits.Column(name, form, array=a) for name, form, a in columns_of], names)
        fits_files.write(directory / f"{DATASET}_tag.fits", [fits.PrimaryHDU(header=hdus[0].header), events])


_DARK_CURRENT: Final = {
    "DATE0": 54970.0, "TEMP0": 37.0, "A1": 0.001, "D1": 450.0, "A2": 0.0006, "D2": 1800.0, "TA": 9e-4, "TB": 5e-5,
    "TC": 1e-6,
}  # fmt: skip
"""Dark current of the NUV-MAMA by date and temperature (columns of ``gettdccorr.c``)."""


def mama_references(detector: str, grating: str, cenwave: int) -> Callable[[Path], None]:
    """Return what turns the CCD's reference files into those of a MAMA, and writes its linearity."""

    def write(directory: Path) -> None:
        values = {"DETECTOR": detector, "OPT_ELEM": grating, "CENWAVE": cenwave}
        renamed_tables(directory, "simccd_*.fits", values)
        row = {"DETECTOR": detector, "GLOBAL_LIMIT": 300_000.0, "LOCAL_LIMIT": 500.0, "TAU": 2.8e-7, "EXPAND": 2.0}
        row |= {"PEDIGREE": "MODEL", "DESCRIP": fits_files.DESCRIPTION}
        primary = fits_files.reference_primary("STIS", "MAMA LINEARITY TABLE", {"DETECTOR": detector})
        fits_files.write(directory / "simmama_lin.fits", [primary, fits_files.one_row_table("", row)])
        primary = fits_files.reference_primary("STIS", "DARK CORRECTION TABLE", {"DETECTOR": detector})
        fits_files.write(directory / "simmama_tdc.fits", [primary, fits_files.one_row_table("", _DARK_CURRENT)])

    return write


CCD_KINDS: Final = frozenset({"ccdtab", "biasfile", "crrejtab"})
"""Kinds of reference files that a MAMA has not."""


def mama_rules(detector: str) -> tuple[ReferenceRule, ...]:
    """Return the rules for the reference files of a MAMA."""
    match = {"DETECTOR": detector}
    rules = [evolve(rule, match=match) for rule in RULES if rule.filekind not in CCD_KINDS]
    own = {"mlintab": "simmama_lin.fits", "tdctab": "simmama_tdc.fits"}
    return (*rules, *(ReferenceRule(kind, name, match) for kind, name in own.items()))


def _of_mama(change: Callable[[Path], None], detector: str, grating: str, cenwave: int) -> Mode:
    return Mode(DATASET, "stis", change, mama_references(detector, grating, cenwave), mama_rules(detector), CCD_KINDS)


def _of_mama_images(detector: str, mirror: str, change: Callable[[Path], None] | None = None) -> Mode:
    spectra, images = (
        mama_references(detector, mirror, 0),
        image_references(f"STIS,25MAMA,MIRROR,{detector.replace('-', '')},MJD#"),
    )

    def write(directory: Path) -> None:
        images(directory)
        spectra(directory)

    kinds = {rule.filekind for rule in image_rules(detector)}
    rules = [rule for rule in mama_rules(detector) if rule.filekind not in kinds]
    return Mode(
        EXPOSURE,
        "stis",
        change or _mama_imaging(detector, mirror),
        write,
        (*rules, *image_rules(detector)),
        CCD_KINDS,
    )


MODES: Final = {
    "STIS FUV-MAMA G140L": _of_mama(mama("FUV-MAMA", "G140L", 1425), "FUV-MAMA", "G140L", 1425),
    "STIS NUV-MAMA G230L": _of_mama(mama("NUV-MAMA", "G230L", 2376), "NUV-MAMA", "G230L", 2376),
    "STIS FUV-MAMA G140L RPT-OBS": _of_mama(mama("FUV-MAMA", "G140L", 1425, 2, "RPTCORR"), "FUV-MAMA", "G140L", 1425),
    "STIS FUV-MAMA TIME-TAG": _of_mama(_time_tag, "FUV-MAMA", "G140L", 1425),
    "STIS FUV-MAMA wavecal alone": _of_mama(_mama_alone, "FUV-MAMA", "G140L", 1425),
    "STIS FUV-MAMA imaging": _of_mama_images("FUV-MAMA", "MIRFUV"),
    "STIS NUV-MAMA imaging": _of_mama_images("NUV-MAMA", "MIRNUV"),
    "STIS FUV-MAMA dark": _of_mama_images("FUV-MAMA", "MIRFUV", _mama_dark),
}
"""Modes by name."""
