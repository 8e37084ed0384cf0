"""The whole detector of WFC3/UVIS and a quadrant of it: raw images, and the reference files for them.

``../shared/hst`` has such files for a subarray and one filter only. Sizes of the detector: WFC3 Instrument Handbook,
chapter 5. Half a row is cut to whole bins; which of the bins of overscan and light together are trimmed is made up.
A post-flash file has the overscan: ``doflash.c`` of calwf3 3.7.3 takes that for granted. Columns of tables:
``findover.c`` and ``getccdtab.c``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from attrs import frozen
from numpy.typing import NDArray

from benchmarks.mode_matrix.site import SHARED
from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import carried_over

_CHIPS: Final = (2, 1)
_BIAS: Final = 2560
_THERE: Final = SHARED / "crds_cache" / "references" / "hst"
_FILTER: Final = "F606W"
"""The filter that the cache's tables are of."""


@frozen
class Readout:
    """Readout of both chips by all four amplifiers; pixels are those of the image, binned or not.

    Attributes
    ----------
    binning
        Pixels of the detector along a pixel of the image.
    rows, columns
        Size of a chip's raw image.
    physical, virtual
        Columns of overscan at either end of a row, and at either side of its middle.
    parallel
        Rows of overscan, below the first chip and above the second.
    """

    binning: int
    rows: int
    columns: int
    physical: int
    virtual: int
    parallel: int

    @property
    def raw(self) -> tuple[int, int]:
        """Rows and columns of a raw image."""
        return self.rows, self.columns

    @property
    def lit(self) -> tuple[int, int]:
        """Rows and columns that see light."""
        return self.rows - self.parallel, self.columns - 2 * (self.physical + self.virtual)

    def below(self, chip: int) -> int:
        """Return the rows of overscan below the light of a chip."""
        return self.parallel if chip == 1 else 0

    def place(self, chip: int, shape: tuple[int, int]) -> dict[str, Any]:
        """Give the keywords that say where a raw image, or one of what sees light, lies on its chip."""
        left, below = (0, 0) if shape == self.lit else (self.physical, self.below(chip))
        half = (1 - 1 / self.binning) / 2  # from the middle of a bin to that of its first pixel
        own = {"LTV1": left + half, "LTV2": below + half, "BINAXIS1": self.binning, "BINAXIS2": self.binning}
        return {**own, "LTM1_1": 1 / self.binning, "LTM2_2": 1 / self.binning, "CCDCHIP": chip}


UNBINNED: Final = Readout(1, 2070, 4206, 25, 30, 19)
BINNED: Final = {2: Readout(2, 1035, 2102, 13, 14, 10), 3: Readout(3, 690, 1402, 9, 10, 7)}

FILES: Final = {
    "BIASFILE": "simuvis_bia", "PFLTFILE": "simuvis_pfl", "FLSHFILE": "simuvis_fls", "DARKFILE": "simuvis_drk",
    "CCDTAB": "simuvis_ccd", "OSCNTAB": "simuvis_osc", "IDCTAB": "simuvis_idc", "IMPHTTAB": "simuvis_imp",
}  # fmt: skip
"""Kinds of reference files that `write_references` writes, and their names."""


def write_references(directory: Path, element: str, readout: Readout = UNBINNED) -> None:
    """Write images of one value for the whole detector, and tables for the readout and the filter.

    Parameters
    ----------
    directory
        Directory of reference files.
    element
        Filter or grism, which calwf3 wants in the header of a flat field.
    readout
        Readout that they fit.
    """
    contents = {
        "BIASFILE": ("BIAS", 1.0, readout.raw),
        "PFLTFILE": ("PIXEL-TO-PIXEL FLAT", 1.01, readout.lit),
        "FLSHFILE": ("POST FLASH", 0.3, readout.raw),
        "DARKFILE": ("DARK", 0.0016, readout.lit),
    }
    for kind, (filetype, value, shape) in contents.items():
        keywords: Keywords = {"DETECTOR": "UVIS", "FILTER": element, "CCDAMP": "ABCD", "CCDGAIN": 1.5}
        extensions: list[Any] = []
        for version, chip in enumerate(_CHIPS, start=1):
            place = {**fits_files.whole_detector_keywords(*shape), **readout.place(chip, shape)}
            for name, each in {"SCI": value, "ERR": 0.0, "DQ": 0}.items():
                extensions.append(fits_files.constant_image(name, shape, each, place, version))
        own = {**keywords, "BINAXIS1": readout.binning, "BINAXIS2": readout.binning}
        fits_files.write(
            directory / f"{FILES[kind]}.fits", [fits_files.reference_primary("WFC3", filetype, own), *extensions]
        )
    _rewrite(directory, "CCDTAB", "t291659mi_ccd", {"CCDAMP": "ABCD"}, _parameters(readout))
    _rewrite(directory, "OSCNTAB", "q911321oi_osc", {"CCDAMP": "ABCD"}, _overscan(readout))
    _rewrite(directory, "IDCTAB", "2731450pi_idc", {}, lambda _row: {"FILTER": element})
    _rewrite(
        directory, "IMPHTTAB", "1681905hi_imp", {}, lambda row: {"OBSMODE": row["OBSMODE"].replace(_FILTER, element)}
    )


def _rewrite(directory: Path, kind: str, source: str, match: Mapping[str, str], change: Any) -> None:
    """Write a table of the cache, with other values in the rows that match."""
    with fits.open(_THERE / f"{source}.fits", memmap=False) as hdus:
        for hdu in hdus[1:]:
            for row in hdu.data:
                if all(row[name] == value for name, value in match.items()):
                    for name, value in change(row).items():
                        row[name] = value
        fits_files.write(directory / f"{FILES[kind]}.fits", hdus)


def _parameters(readout: Readout) -> Any:
    own = {"BINAXIS1": readout.binning, "BINAXIS2": readout.binning, "AMPX": readout.lit[1] // 2}
    return lambda _row: own


def _overscan(readout: Readout) -> Any:
    """Return what gives a row its sections; columns and rows are counted from 1."""
    if readout.binning == 1:
        return lambda _row: {}
    physical, virtual, columns = readout.physical, readout.virtual, readout.columns
    middle = columns // 2

    def change(row: Any) -> dict[str, int]:
        below = readout.below(row["CCDCHIP"])
        first = 2 if below else readout.lit[0] + 2
        last = first + readout.parallel - 3
        return {
            "BINX": readout.binning, "BINY": readout.binning, "NX": columns, "NY": readout.rows,
            "TRIMX1": physical, "TRIMX2": physical, "TRIMX3": virtual, "TRIMX4": virtual,
            "TRIMY1": below, "TRIMY2": readout.parallel - below,
            "VX1": physical + 2, "VX2": middle - virtual - 1, "VY1": first, "VY2": last,
            "VX3": middle + virtual + 2, "VX4": columns - physical - 1, "VY3": first, "VY4": last,
            "BIASSECTA1": 3, "BIASSECTA2": physical - 1,
            "BIASSECTB1": columns - physical + 2, "BIASSECTB2": columns - 2,
            "BIASSECTC1": middle - virtual + 2, "BIASSECTC2": middle,
            "BIASSECTD1": middle + 1, "BIASSECTD2": middle + virtual - 1,
        }  # fmt: skip

    return change


def to_full_frame(path: Path, readout: Readout = UNBINNED) -> None:
    """Rewrite a raw subarray as an image of both chips, read by all four amplifiers."""
    rows, columns = readout.lit
    half, physical = columns // 2, readout.physical
    with fits.open(path, memmap=False) as hdus:
        header, first = hdus[0].header, hdus["SCI"]
        extensions: list[Any] = []
        for version, chip in enumerate(_CHIPS, start=1):
            below = readout.below(chip)
            pixels = np.full(readout.raw, _BIAS, dtype=np.uint16)
            light = _light(chip, readout.lit)
            pixels[below : below + rows, physical : physical + half] += light[:, :half]
            pixels[below : below + rows, -physical - half : -physical] += light[:, half:]
            place = {**carried_over(first.header), **readout.place(chip, readout.raw)}
            place |= {name: place[name] * readout.binning for name in ("CD1_1", "CD2_2")}
            extensions += _images(pixels, place, version)
        header.update({"SUBARRAY": False, "APERTURE": "UVIS", "CCDAMP": "ABCD"})
        header.update({"BINAXIS1": readout.binning, "BINAXIS2": readout.binning})
        fits_files.write(path, [hdus[0], *extensions])


def to_quadrant(path: Path) -> None:
    """Rewrite a raw subarray as one of the quadrant that amplifier C reads out."""
    rows, columns = UNBINNED.lit[0], UNBINNED.physical + UNBINNED.lit[1] // 2
    with fits.open(path, memmap=False) as hdus:
        pixels = np.full((rows, columns), _BIAS, dtype=np.uint16)
        pixels[:, UNBINNED.physical :] += _light(2, (rows, columns - UNBINNED.physical))
        place = {**carried_over(hdus["SCI"].header), "CRPIX1": 1049.0, "CRPIX2": 1026.0}
        place |= {"CENTERA1": 1049, "CENTERA2": 1026}
        hdus[0].header.update({"APERTURE": "UVIS-QUAD-SUB", "PROPAPER": "UVIS-QUAD-SUB"})
        fits_files.write(path, [hdus[0], *_images(pixels, place, 1)])


def _light(seed: int, shape: tuple[int, int]) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(160, 240, shape, dtype=np.uint16)


def _images(pixels: NDArray[np.uint16], place: dict[str, Any], version: int) -> list[Any]:
    shape = (pixels.shape[0], pixels.shape[1])
    own = {**place, "SIZAXIS1": shape[1], "SIZAXIS2": shape[0]}
    blank = [fits_files.constant_image(name, shape, 0, own, version) for name in ("ERR", "DQ")]
    return [fits_files.image("SCI", pixels, own, version), *blank]
