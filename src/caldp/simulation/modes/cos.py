"""Modes of COS's NUV channel, made of the simulated TIME-TAG association.

Facts about headers: COS Data Handbook, chapters 2 and 3; COS Instrument Handbook, chapters 5 and 8.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from caldp.simulation import fits_files
from caldp.simulation.cos import model
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import associate, by_itself, carried_over, revise, switches
from caldp.simulation.modes.mode import Mode

_FIRST: Final = "lsim01a1q"
_SECOND: Final = "lsim01a2q"
_DATASET: Final = "lsim01010"
_SPECTRAL: Final = "X1DCORR BACKCORR FLUXCORR TDSCORR HELCORR DOPPCORR WAVECORR"
_PHOTOMETRY: Final = "simnuv_imph.fits"
_NO_FLASH: Final[Keywords] = {"TAGFLASH": "NONE"}
_UNUSED: Final = -999.0


def to_images(path: Path, suffix: str, images: int = 1, columns: int = model.SIZE) -> Path:
    """Write an exposure as images of its counts; the file of events goes.

    Parameters
    ----------
    path
        A TIME-TAG file, of any segment.
    suffix
        Suffix that takes the place of ``rawtag``.
    images
        Number of image sets.
    columns
        Columns of the detector.
    """
    with fits.open(path, memmap=False) as hdus:
        primary, header, events = fits.PrimaryHDU(header=hdus[0].header), hdus["EVENTS"].header, hdus["EVENTS"].data
        counts = np.zeros((model.SIZE, columns), dtype=np.int16)
        np.add.at(counts, (events["RAWY"], events["RAWX"]), 1)
        kept = carried_over(header)
    kept |= {"DOPPONT": True, "DOPMAGT": kept["DOPPMAGV"], "DOPZEROT": kept["DOPPZERO"], "ORBTPERT": kept["ORBITPER"]}
    names = {"ROOTNAME": primary.header["ROOTNAME"], "EXPNAME": primary.header["ROOTNAME"]}
    extensions: list[Any] = []
    for version in range(1, images + 1):
        extensions += [
            fits_files.image("SCI", counts, kept, version),
            fits_files.constant_image("ERR", counts.shape, 0.0, names, version),
            fits_files.constant_image("DQ", counts.shape, 0, names, version),
        ]
    primary.header.update({"OBSMODE": "ACCUM", "IMAGETYP": "ACCUM", **_NO_FLASH})
    target = path.with_name(path.name.replace("_rawtag", f"_{suffix}"))
    fits_files.write(target, [primary, *extensions])
    path.unlink()
    return target


_NAMES: Final = ("ROOTNAME", "EXPNAME", "EXPTIME", "EXPSTART", "EXPEND", "DATE-OBS", "TIME-OBS")


def _raw(directory: Path, root: str) -> Path:
    return directory / f"{root}_rawtag.fits"


def _single(directory: Path) -> None:
    by_itself(directory, _FIRST)


def to_wavecal(path: Path) -> None:
    """Turn an exposure with flashes into one of the lamp alone."""
    revise(path, {"EXPTYPE": "WAVECAL", "TARGNAME": "WAVE", "APERTURE": "WCA", "PROPAPER": "WCA", **_NO_FLASH})


def _wavecal_alone(directory: Path) -> None:
    _single(directory)
    to_wavecal(_raw(directory, _FIRST))


def _with_wavecal(directory: Path) -> None:
    """Leave out the flashes, and let the second exposure be of the lamp."""
    revise(_raw(directory, _FIRST), _NO_FLASH, {"NUMFLASH": 0})
    to_wavecal(_raw(directory, _SECOND))
    associate(directory, {_FIRST: "EXP-FP", _SECOND: "EXP-GWAVE", _DATASET: "PROD-FP"})


def _accum(directory: Path) -> None:
    _with_wavecal(directory)
    to_images(_raw(directory, _FIRST), "rawaccum")


def _accum_alone(directory: Path) -> None:
    _single(directory)
    revise(to_images(_raw(directory, _FIRST), "rawaccum"), switches(omit="WAVECORR"))


def _internal(directory: Path, keywords: Keywords) -> None:
    """Turn an exposure into one that sees no sky, and is not extracted."""
    by_itself(directory, _FIRST)
    closed: Keywords = {"APERTURE": "FCA", "RA_TARG": _UNUSED, **_NO_FLASH, **switches(omit=_SPECTRAL)}
    revise(_raw(directory, _FIRST), {**keywords, **closed}, {"NUMFLASH": 0})


def _dark(directory: Path) -> None:
    _internal(directory, {"EXPTYPE": "DARK", "TARGNAME": "DARK", "SHUTTER": "Closed"})


def _imaging(path: Path) -> None:
    """Turn an exposure into an image: what lies on the detector does not matter to calcos."""
    mirror: Keywords = {
        "OBSTYPE": "IMAGING",
        "OPT_ELEM": "MIRRORA",
        "CENWAVE": 0,
        "FPOFFSET": 0,
        **_NO_FLASH,
    }
    photometry: Keywords = {"PHOTFLAM": 0.0, "PHOTFNU": 0.0, "PHOTBW": 0.0, "PHOTPLAM": 0.0, "PHOTZPT": 0.0}
    revise(path, {**mirror, **switches("PHOTCORR", omit=_SPECTRAL)}, {"NUMFLASH": 0, **photometry})


def _images(directory: Path) -> None:
    for root in (_FIRST, _SECOND):
        _imaging(_raw(directory, root))


def _accum_images(directory: Path) -> None:
    _images(directory)
    for root in (_FIRST, _SECOND):
        to_images(_raw(directory, root), "rawaccum")


def _acquisition_image(directory: Path) -> None:
    _single(directory)
    _imaging(_raw(directory, _FIRST))
    path = to_images(_raw(directory, _FIRST), "rawacq", images=2)
    revise(path, {"EXPTYPE": "ACQ/IMAGE", "IMAGETYP": "ACQ", **switches(omit="BRSTCORR BADTCORR")})


def _acquisition(kind: str) -> Any:
    """Return the change into an acquisition that measures counts at some places, and makes no image."""

    def change(directory: Path) -> None:
        _single(directory)
        path = _raw(directory, _FIRST)
        with fits.open(path, memmap=False) as hdus:
            primary, header = fits.PrimaryHDU(header=hdus[0].header), hdus["EVENTS"].header
            names = {name: header[name] for name in _NAMES}
        primary.header.update({"EXPTYPE": kind, "OBSMODE": "ACCUM", "IMAGETYP": "ACQ", **_NO_FLASH})
        formats = {"DWELL_POINT": "1I", "XDISP_OFFSET": "1E", "COUNTS": "1J"}
        rows = [(point, 0.9 * (point - 2), 900 - 200 * abs(point - 2)) for point in range(1, 4)]
        table = fits_files.rows_table("EVENTS", formats, rows, names)
        fits_files.write(directory / f"{_FIRST}_rawacq.fits", [primary, table])
        path.unlink()

    return change


def _flat(directory: Path) -> None:
    _internal(directory, {"EXPTYPE": "FLAT", "TARGNAME": "NUV-FLAT", "LAMPUSED": "D1"})


def _without_events(directory: Path) -> None:
    by_itself(directory, _FIRST)
    path = _raw(directory, _FIRST)
    with fits.open(path, memmap=False) as hdus:
        events = fits.BinTableHDU(hdus["EVENTS"].data[:0], header=hdus["EVENTS"].header)
        events.header["NEVENTS"] = 0
        fits_files.write(path, [hdus[0], events, hdus["GTI"]])


def _mirror_references(directory: Path) -> None:
    """Write the photometry of images."""
    names = ("PHOTFLAM", "PHOTPLAM", "PHOTBW")
    tables = [
        fits_files.rows_table(
            name,
            {"OBSMODE": "40A", "DATACOL": "12A", name: "1D", "PEDIGREE": "30A", "DESCRIP": "110A"},
            [("cos,nuv,mirrora,psa", name, value, "MODEL", fits_files.DESCRIPTION)],
        )
        for name, value in zip(names, (4.6e-18, 2318.0, 450.0), strict=True)
    ]
    keywords: Keywords = {
        "DETECTOR": "NUV", "COSCOORD": "USER", "OBSTYPE": "IMAGING", "VCALCOS": "3.1", "PHOTZPT": -21.1, "PARNUM": 0,
    }  # fmt: skip
    primary = fits_files.reference_primary("COS", "IMAGING PHOTOMETRIC TABLE", keywords)
    fits_files.write(directory / _PHOTOMETRY, [primary, *tables])


def _of(change: Any, dataset: str = _FIRST) -> Mode:
    return Mode(dataset, "cos", change)


def _of_mirror(change: Any, dataset: str = _FIRST) -> Mode:
    rule = ReferenceRule("imphttab", _PHOTOMETRY, {"DETECTOR": "NUV"})
    return Mode(dataset, "cos", change, _mirror_references, (rule,))


MODES: Final = {
    "COS NUV TIME-TAG exposure by itself": _of(_single),
    "COS NUV TIME-TAG with a wavecal": _of(_with_wavecal, _DATASET),
    "COS NUV wavecal alone": _of(_wavecal_alone),
    "COS NUV ACCUM with a wavecal": _of(_accum, _DATASET),
    "COS NUV ACCUM alone": _of(_accum_alone),
    "COS NUV TIME-TAG dark": _of(_dark),
    "COS NUV TIME-TAG lamp flat": _of(_flat),
    "COS NUV TIME-TAG without events": _of(_without_events),
    "COS NUV imaging TIME-TAG": _of_mirror(_images, _DATASET),
    "COS NUV imaging ACCUM": _of_mirror(_accum_images, _DATASET),
    "COS NUV ACQ/IMAGE": _of_mirror(_acquisition_image),
    "COS NUV ACQ/SEARCH": _of(_acquisition("ACQ/SEARCH")),
    "COS NUV ACQ/PEAKXD": _of(_acquisition("ACQ/PEAKXD")),
    "COS NUV ACQ/PEAKD": _of(_acquisition("ACQ/PEAKD")),
}
"""Modes by name."""
