"""Modes of STIS, made of the simulated CCD spectrum and its wavelength calibration.

The MAMAs get the CCD's light, in counts; their wavelengths are as wrong as their references agree with them.
Facts about headers: STIS Data Handbook, chapters 2 and 3; ``sciflags.c`` and ``getflags1.c`` of calstis 3.5.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from attrs import evolve

from caldp.simulation import drizzle, fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import associate, rename_exposure, renamed_tables, revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.stis import model
from caldp.simulation.stis.images import FULL_FRAME, SUBARRAY, Readout
from caldp.simulation.stis.references import RULES

_DATASET: Final = "osim02010"
_EXPOSURE: Final = "osim02s1q"
"""Rootname of an exposure that no association is made of."""
_WAV: Final = f"{_DATASET}_wav.fits"
_SPECTRAL: Final = "WAVECORR X1DCORR BACKCORR HELCORR DISPCORR FLUXCORR CTECORR X2DCORR"
_CCD_ONLY: Final = "ATODCORR BLEVCORR BIASCORR CRCORR EXPSCORR"
_MAMA_ONLY: Final = "DOPPCORR LORSCORR GLINCORR LFLGCORR"
_DARK_TIME: Final = 600.0


def _raw(directory: Path) -> Path:
    (path,) = directory.glob("*_raw.fits")
    return path


def _images(directory: Path, number: int) -> Any:
    """Take the first image sets of the raw file."""
    path = _raw(directory)
    with fits.open(path, memmap=False) as hdus:
        kept = fits.HDUList(hdus[: 1 + 3 * number])
        kept[0].header.update({"CRSPLIT": number, "NRPTEXP": number, "TEXPTIME": number * kept[1].header["EXPTIME"]})
        fits_files.write(path, kept)
    return path


def _single(directory: Path) -> None:
    revise(_images(directory, 1), switches(omit="CRCORR EXPSCORR"))


def _repeated(directory: Path) -> None:
    revise(_raw(directory), {"CRSPLIT": 1, "NRPTEXP": 2, **switches("RPTCORR", omit="CRCORR")})


def _without_wavecal(directory: Path) -> None:
    _by_itself(directory, "WAVECORR")


def _wavecal_alone(directory: Path) -> None:
    (_raw(directory)).unlink()
    associate(directory, {"osim02w1q": "AUTO-WAVECAL", _DATASET: "PRODUCT"})


def _by_itself(directory: Path, omit: str = _SPECTRAL) -> None:
    """Take away wavelength calibration and association."""
    for name in (_WAV, f"{_DATASET}_asn.fits"):
        (directory / name).unlink()
    path = rename_exposure(_raw(directory), _EXPOSURE)
    revise(path, {"WAVECAL": "N/A", "ASN_ID": "NONE", "ASN_TAB": "NONE", **switches(omit=omit)})


_MIRROR: Final[Keywords] = {
    "OBSTYPE": "IMAGING",
    "OPT_ELEM": "MIRVIS",
    "CENWAVE": 0,
    "APERTURE": "50CCD",
    "PROPAPER": "50CCD",
}


def _imaging(directory: Path) -> None:
    _by_itself(directory)
    revise(_raw(directory), {**_MIRROR, **switches("GEOCORR PHOTCORR")})


def _calibration(target: str, seconds: float, keywords: Keywords) -> Callable[[Path], None]:
    """Return the change into an exposure without the sky."""

    def change(directory: Path) -> None:
        _by_itself(directory)
        path = _images(directory, 1)
        revise(path, {**_MIRROR, "TARGNAME": target, "TEXPTIME": seconds, **keywords}, {"EXPTIME": seconds})

    return change


def _lamp(directory: Path) -> None:
    """Take the exposure for one of the tungsten lamp."""
    _by_itself(directory)
    lamp: Keywords = {"TARGNAME": "CCDFLAT", "SCLAMP": "TUNGSTEN", "APERTURE": "50CCD"}
    revise(_raw(directory), {**lamp, **switches(omit="FLATCORR")})


def _acquisition(kind: str) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        _by_itself(directory)
        omitted = switches(omit="DQICORR BLEVCORR BIASCORR CRCORR EXPSCORR DARKCORR FLATCORR")
        revise(_raw(directory), {**_MIRROR, "OBSMODE": kind, "APERTURE": "F28X50LP", **omitted})

    return change


def _counts(path: Path, readout: Readout, primary: Keywords, images: int = 1) -> None:
    """Rewrite a raw file of the CCD as one of a MAMA: light alone, no overscan."""
    with fits.open(path, memmap=False) as hdus:
        header, first = hdus[0].header, hdus[1]
        light = np.clip(np.asarray(first.data, dtype=np.int32) - round(model.BIAS_LEVEL), 0, 60_000)[readout.lit]
        kept = dict(first.header.items())
        kept = {name: kept[name] for name in kept if name not in _STRUCTURE}
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


_NAMES: Final = ("ROOTNAME", "EXPNAME", "EXPTIME", "EXPSTART", "EXPEND", "DATE-OBS", "TIME-OBS")
_STRUCTURE: Final = {
    "XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "EXTNAME", "EXTVER", "BSCALE", "BZERO", "",
    "COMMENT", "HISTORY",
}  # fmt: skip


def _mama(detector: str, grating: str, cenwave: int, images: int = 1, more: str = "") -> Callable[[Path], None]:
    """Return the change into a spectrum of a MAMA."""

    def change(directory: Path) -> None:
        element: dict[str, str | int] = {"DETECTOR": detector, "OPT_ELEM": grating, "CENWAVE": cenwave}
        element |= {"MLINTAB": "N/A", "TDCTAB": "N/A"}
        done = f"GLINCORR LFLGCORR {more}"
        steps = switches(done, omit=" ".join({*_CCD_ONLY.split(), *_MAMA_ONLY.split()} - set(done.split())))
        _counts(_raw(directory), SUBARRAY, {**element, **steps, **switches(omit="CTECORR")}, images)
        _counts(directory / _WAV, FULL_FRAME, {**element, **steps, **switches(omit="RPTCORR")})

    return change


def _mama_alone(directory: Path) -> None:
    _mama("FUV-MAMA", "G140L", 1425)(directory)
    _wavecal_alone(directory)


def _mama_imaging(detector: str, mirror: str) -> Callable[[Path], None]:
    def change(directory: Path) -> None:
        _mama(detector, mirror, 0)(directory)
        _by_itself(directory)
        image = {"OBSTYPE": "IMAGING", "APERTURE": "25MAMA", "PROPAPER": "25MAMA", "IDCTAB": "N/A"}
        revise(_raw(directory), {**image, **switches("GEOCORR PHOTCORR", omit="SGEOCORR")})

    return change


def _mama_dark(directory: Path) -> None:
    _mama_imaging("FUV-MAMA", "MIRFUV")(directory)
    omitted = switches(omit="GEOCORR PHOTCORR DARKCORR FLATCORR")
    revise(_raw(directory), {"TARGNAME": "DARK", "TEXPTIME": _DARK_TIME, **omitted}, {"EXPTIME": _DARK_TIME})


def _time_tag(directory: Path) -> None:
    """Put a list of events beside the image that the archive makes of it."""
    _mama("FUV-MAMA", "G140L", 1425)(directory)
    revise(_raw(directory), {"OBSMODE": "TIME-TAG"})
    with fits.open(_raw(directory), memmap=False) as hdus:
        rows, columns = np.nonzero(hdus["SCI"].data)
        seconds = np.linspace(0.0, hdus["SCI"].header["EXPTIME"], rows.size)
        names = {name: hdus["SCI"].header[name] for name in _NAMES}
        columns_of = (("TIME", "1J", seconds * 8000), ("AXIS1", "1I", columns), ("AXIS2", "1I", rows))
        events = fits_files.table("EVENTS", [fits.Column(name, form, array=a) for name, form, a in columns_of], names)
        fits_files.write(directory / f"{_DATASET}_tag.fits", [fits.PrimaryHDU(header=hdus[0].header), events])


_DARK_CURRENT: Final = {
    "DATE0": 54970.0, "TEMP0": 37.0, "A1": 0.001, "D1": 450.0, "A2": 0.0006, "D2": 1800.0, "TA": 9e-4, "TB": 5e-5,
    "TC": 1e-6,
}  # fmt: skip
"""Dark current of the NUV-MAMA by date and temperature (columns of ``gettdccorr.c``)."""


def _mama_references(detector: str, grating: str, cenwave: int) -> Callable[[Path], None]:
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


_CCD_KINDS: Final = frozenset({"ccdtab", "biasfile", "crrejtab"})


def _mama_rules(detector: str) -> tuple[ReferenceRule, ...]:
    match = {"DETECTOR": detector}
    rules = [evolve(rule, match=match) for rule in RULES if rule.filekind not in _CCD_KINDS]
    own = {"mlintab": "simmama_lin.fits", "tdctab": "simmama_tdc.fits"}
    return (*rules, *(ReferenceRule(kind, name, match) for kind, name in own.items()))


def _image_references(mode: str, filter_: str = "CLEAR") -> Callable[[Path], None]:
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


def _image_rules(detector: str) -> tuple[ReferenceRule, ...]:
    kinds = {"idctab": "idc", "imphttab": "imp", "apertab": "apt"}
    return tuple(ReferenceRule(kind, f"simimage_{end}.fits", {"DETECTOR": detector}) for kind, end in kinds.items())


def _of(change: Callable[[Path], None], dataset: str = _DATASET) -> Mode:
    return Mode(dataset, "stis", change)


def _of_mama(change: Callable[[Path], None], detector: str, grating: str, cenwave: int) -> Mode:
    return Mode(
        _DATASET, "stis", change, _mama_references(detector, grating, cenwave), _mama_rules(detector), _CCD_KINDS
    )


def _of_mama_images(detector: str, mirror: str, change: Callable[[Path], None] | None = None) -> Mode:
    spectra, images = (
        _mama_references(detector, mirror, 0),
        _image_references(f"STIS,25MAMA,MIRROR,{detector.replace('-', '')},MJD#"),
    )

    def write(directory: Path) -> None:
        images(directory)
        spectra(directory)

    kinds = {rule.filekind for rule in _image_rules(detector)}
    rules = [rule for rule in _mama_rules(detector) if rule.filekind not in kinds]
    return Mode(
        _EXPOSURE,
        "stis",
        change or _mama_imaging(detector, mirror),
        write,
        (*rules, *_image_rules(detector)),
        _CCD_KINDS,
    )


MODES: Final = {
    "STIS CCD spectrum of one image": _of(_single),
    "STIS CCD spectrum RPT-OBS": _of(_repeated),
    "STIS CCD spectrum without wavecal": _of(_without_wavecal, _EXPOSURE),
    "STIS CCD wavecal alone": _of(_wavecal_alone),
    "STIS CCD tungsten lamp": _of(_lamp, _EXPOSURE),
    "STIS CCD bias": _of(
        _calibration("BIAS", 0.0, switches(omit="BIASCORR DARKCORR FLATCORR CRCORR EXPSCORR")), _EXPOSURE
    ),
    "STIS CCD dark": _of(
        _calibration("DARK", _DARK_TIME, switches(omit="DARKCORR FLATCORR CRCORR EXPSCORR")), _EXPOSURE
    ),
    "STIS CCD imaging CR-SPLIT": Mode(
        _EXPOSURE, "stis", _imaging, _image_references("STIS,50CCD,A2D1,MIRROR,CCD,MJD#"), _image_rules("CCD")
    ),
    "STIS CCD ACQ": _of(_acquisition("ACQ"), _EXPOSURE),
    "STIS CCD ACQ/PEAK": _of(_acquisition("ACQ/PEAK"), _EXPOSURE),
    "STIS FUV-MAMA G140L": _of_mama(_mama("FUV-MAMA", "G140L", 1425), "FUV-MAMA", "G140L", 1425),
    "STIS NUV-MAMA G230L": _of_mama(_mama("NUV-MAMA", "G230L", 2376), "NUV-MAMA", "G230L", 2376),
    "STIS FUV-MAMA G140L RPT-OBS": _of_mama(_mama("FUV-MAMA", "G140L", 1425, 2, "RPTCORR"), "FUV-MAMA", "G140L", 1425),
    "STIS FUV-MAMA TIME-TAG": _of_mama(_time_tag, "FUV-MAMA", "G140L", 1425),
    "STIS FUV-MAMA wavecal alone": _of_mama(_mama_alone, "FUV-MAMA", "G140L", 1425),
    "STIS FUV-MAMA imaging": _of_mama_images("FUV-MAMA", "MIRFUV"),
    "STIS NUV-MAMA imaging": _of_mama_images("NUV-MAMA", "MIRNUV"),
    "STIS FUV-MAMA dark": _of_mama_images("FUV-MAMA", "MIRFUV", _mama_dark),
}
"""Modes by name."""
