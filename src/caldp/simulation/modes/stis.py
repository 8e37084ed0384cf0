"""Modes of STIS's CCD, made of the simulated spectrum and its wavelength calibration.

Facts about headers: STIS Data Handbook, chapters 2 and 3; ``sciflags.c`` and ``getflags1.c`` of calstis 3.5.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from astropy.io import fits

from caldp.simulation import drizzle, fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import associate, rename_exposure, revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.stis import model

DATASET: Final = "osim02010"
EXPOSURE: Final = "osim02s1q"
"""Rootname of an exposure that no association is made of."""
WAV: Final = f"{DATASET}_wav.fits"
_SPECTRAL: Final = "WAVECORR X1DCORR BACKCORR HELCORR DISPCORR FLUXCORR CTECORR X2DCORR"
CCD_ONLY: Final = "ATODCORR BLEVCORR BIASCORR CRCORR EXPSCORR"
DARK_TIME: Final = 600.0


def raw_exposure(directory: Path) -> Path:
    """Return the path of the science exposure."""
    (path,) = directory.glob("*_raw.fits")
    return path


def _images(directory: Path, number: int) -> Any:
    """Take the first image sets of the raw file."""
    path = raw_exposure(directory)
    with fits.open(path, memmap=False) as hdus:
        kept = fits.HDUList(hdus[: 1 + 3 * number])
        kept[0].header.update({"CRSPLIT": number, "NRPTEXP": number, "TEXPTIME": number * kept[1].header["EXPTIME"]})
        fits_files.write(path, kept)
    return path


def _single(directory: Path) -> None:
    revise(_images(directory, 1), switches(omit="CRCORR EXPSCORR"))


def _repeated(directory: Path) -> None:
    revise(raw_exposure(directory), {"CRSPLIT": 1, "NRPTEXP": 2, **switches("RPTCORR", omit="CRCORR")})


def _without_wavecal(directory: Path) -> None:
    without_association(directory, "WAVECORR")


def wavecal_alone(directory: Path) -> None:
    """Leave the wavelength calibration of the association alone."""
    raw_exposure(directory).unlink()
    associate(directory, {"osim02w1q": "AUTO-WAVECAL", DATASET: "PRODUCT"})


def without_association(directory: Path, omit: str = _SPECTRAL) -> None:
    """Take away wavelength calibration and association."""
    for name in (WAV, f"{DATASET}_asn.fits"):
        (directory / name).unlink()
    path = rename_exposure(raw_exposure(directory), EXPOSURE)
    revise(path, {"WAVECAL": "N/A", "ASN_ID": "NONE", "ASN_TAB": "NONE", **switches(omit=omit)})


_MIRROR: Final[Keywords] = {
    "OBSTYPE": "IMAGING",
    "OPT_ELEM": "MIRVIS",
    "CENWAVE": 0,
    "APERTURE": "50CCD",
    "PROPAPER": "50CCD",
}


def _imaging(directory: Path) -> None:
    without_association(directory)
    revise(raw_exposure(directory), {**_MIRROR, **switches("GEOCORR PHOTCORR")})


def _calibration(target: str, seconds: float, keywords: Keywords) -> Callable[[Path], None]:
    """Return the change into an exposure without the sky."""

    def change(directory: Path) -> None:
        without_association(directory)
        path = _images(directory, 1)
        revise(path, {**_MIRROR, "TARGNAME": target, "TEXPTIME": seconds, **keywords}, {"EXPTIME": seconds})

    return change


def _lamp(directory: Path) -> None:
    """Take the exposure for one of the tungsten lamp."""
    without_association(directory)
    lamp: Keywords = {"TARGNAME": "CCDFLAT", "SCLAMP": "TUNGSTEN", "APERTURE": "50CCD"}
    revise(raw_exposure(directory), {**lamp, **switches(omit="FLATCORR")})


def _acquisition(kind: str) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        without_association(directory)
        omitted = switches(omit="DQICORR BLEVCORR BIASCORR CRCORR EXPSCORR DARKCORR FLATCORR")
        revise(raw_exposure(directory), {**_MIRROR, "OBSMODE": kind, "APERTURE": "F28X50LP", **omitted})

    return change


def image_references(mode: str, filter_: str = "CLEAR") -> Callable[[Path], None]:
    """Return what writes the distortion and the photometry of images."""

    def write(directory: Path) -> None:
        size, middle = model.SIZE, model.SIZE / 2
        row: dict[str, Any] = {"DIRECTION": "INVERSE", "FILTER": filter_, "SCALE": model.PLATE_SCALE}
        row |= {"XREF": middle, "YREF": middle, "CXSIZE": size, "CYSIZE": size, "CXREF": middle, "CYREF": middle}
        row |= {"CX10": 0.0, "CX11": 1 / model.PLATE_SCALE, "CY10": 1 / model.PLATE_SCALE, "CY11": 0.0}
        row |= {"PEDIGREE": "MODEL", "DESCRIP": fits_files.DESCRIPTION}
        primary = fits_files.reference_primary("STIS", "IMAGE DISTORTION CORRECTION TABLE", {"NORDER": 1})
        fits_files.write(directory / "simimage_idc.fits", [primary, fits_files.one_row_table("", row, {"NORDER": 1})])
        tables = drizzle.photometry_tables(mode, (4.0e-19, 5740.0, 4300.0))
        primary = fits_files.reference_primary("STIS", "IMAGE PHOTOMETRY TABLE", drizzle.PHOTOMETRY_KEYWORDS)
        fits_files.write(directory / "simimage_imp.fits", [primary, *tables])
        with fits.open(directory / "simccd_apt.fits", memmap=False) as hdus:
            hdus[1].data["APERTURE"] = mode.split(",")[1].upper()
            fits_files.write(directory / "simimage_apt.fits", hdus)

    return write


def image_rules(detector: str) -> tuple[ReferenceRule, ...]:
    """Return the rules for the files that `image_references` writes."""
    kinds = {"idctab": "idc", "imphttab": "imp", "apertab": "apt"}
    return tuple(ReferenceRule(kind, f"simimage_{end}.fits", {"DETECTOR": detector}) for kind, end in kinds.items())


def _of(change: Callable[[Path], None], dataset: str = DATASET) -> Mode:
    return Mode(dataset, "stis", change)


MODES: Final = {
    "STIS CCD spectrum of one image": _of(_single),
    "STIS CCD spectrum RPT-OBS": _of(_repeated),
    "STIS CCD spectrum without wavecal": _of(_without_wavecal, EXPOSURE),
    "STIS CCD wavecal alone": _of(wavecal_alone),
    "STIS CCD tungsten lamp": _of(_lamp, EXPOSURE),
    "STIS CCD bias": _of(
        _calibration("BIAS", 0.0, switches(omit="BIASCORR DARKCORR FLATCORR CRCORR EXPSCORR")), EXPOSURE
    ),
    "STIS CCD dark": _of(_calibration("DARK", DARK_TIME, switches(omit="DARKCORR FLATCORR CRCORR EXPSCORR")), EXPOSURE),
    "STIS CCD imaging CR-SPLIT": Mode(
        EXPOSURE, "stis", _imaging, image_references("STIS,50CCD,A2D1,MIRROR,CCD,MJD#"), image_rules("CCD")
    ),
    "STIS CCD ACQ": _of(_acquisition("ACQ"), EXPOSURE),
    "STIS CCD ACQ/PEAK": _of(_acquisition("ACQ/PEAK"), EXPOSURE),
}
"""Modes by name."""
