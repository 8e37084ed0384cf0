"""Optics of a simulated camera: places of the sky on the detector, as raw headers and IDCTAB tell them.

The distortion is a polynomial of second degree. The camera sits on the telescope's axis, so that the roll of the
telescope (PA_V3) is the orientation of the image; like the real SBC and WFC3/IR it sees the sky mirrored.
"""

from typing import Any, Final

import numpy as np
from astropy.wcs import WCS, Sip
from attrs import frozen
from numpy.typing import NDArray

from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords

_POWERS: Final = ((2, 0), (1, 1), (0, 2))
"""Powers of column and row in each term of the distortion."""


@frozen
class Pointing:
    """Direction in which the camera looks.

    Parameters
    ----------
    right_ascension, declination
        Of the reference pixel, degrees.
    roll
        PA_V3, degrees.
    """

    right_ascension: float
    declination: float
    roll: float


@frozen
class Window:
    """The part of the detector that is read out.

    Parameters
    ----------
    left, bottom
        Columns and rows of the detector before its first.
    size
        Its columns, as many as its rows.
    """

    left: int
    bottom: int
    size: int


@frozen
class Camera:
    """A detector behind distorting optics.

    Parameters
    ----------
    size
        Columns of the detector, as many as its rows.
    scale
        Arcseconds per pixel at the middle.
    bend_columns, bend_rows
        By how much the place of a pixel in either direction is off, per square pixel: coefficients of x^2, xy, y^2.
    """

    size: int
    scale: float
    bend_columns: tuple[float, float, float]
    bend_rows: tuple[float, float, float]

    @property
    def reference(self) -> float:
        """The reference pixel, in columns as in rows, counted from 1."""
        return self.size / 2

    def full_window(self) -> Window:
        """Give the window that is the whole detector."""
        return Window(0, 0, self.size)

    def keywords(self, pointing: Pointing, window: Window) -> Keywords:
        """Give the coordinates in the header of a raw image: the linear part."""
        degrees = self.scale / 3600.0
        cosine, sine = np.cos(np.radians(pointing.roll)), np.sin(np.radians(pointing.roll))
        return {
            "WCSAXES": 2,
            "CRPIX1": self.reference - window.left,
            "CRPIX2": self.reference - window.bottom,
            "CRVAL1": pointing.right_ascension,
            "CRVAL2": pointing.declination,
            "CTYPE1": "RA---TAN",
            "CTYPE2": "DEC--TAN",
            "CD1_1": -degrees * cosine,
            "CD1_2": degrees * sine,
            "CD2_1": degrees * sine,
            "CD2_2": degrees * cosine,
            "LTV1": float(-window.left),
            "LTV2": float(-window.bottom),
            "LTM1_1": 1.0,
            "LTM2_2": 1.0,
            "ORIENTAT": pointing.roll,
            "RA_APER": pointing.right_ascension,
            "DEC_APER": pointing.declination,
            "PA_APER": pointing.roll,
            "VAFACTOR": 1.0,
        }

    def sky_map(self, pointing: Pointing, window: Window) -> WCS:
        """Give the true relation of pixels and sky, with the distortion."""
        linear = self.keywords(pointing, window)
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"]
        wcs.wcs.crpix = [linear["CRPIX1"], linear["CRPIX2"]]
        wcs.wcs.crval = [pointing.right_ascension, pointing.declination]
        wcs.wcs.cd = [[linear["CD1_1"], linear["CD1_2"]], [linear["CD2_1"], linear["CD2_2"]]]
        coefficients = np.zeros((2, 3, 3))
        for number, bend in enumerate((self.bend_columns, self.bend_rows)):
            for powers, value in zip(_POWERS, bend, strict=True):
                coefficients[number][powers] = value
        wcs.sip = Sip(*coefficients, None, None, wcs.wcs.crpix)
        return wcs

    def pixel_area(self) -> NDArray[np.float64]:
        """Give the sky that each pixel sees relative to the reference pixel, shape (size, size)."""
        row, column = np.mgrid[1 : self.size + 1, 1 : self.size + 1] - self.reference
        (a, b, c), (d, e, f) = self.bend_columns, self.bend_rows
        area: NDArray[np.float64] = (1 + 2 * a * column + b * row) * (1 + e * column + 2 * f * row)
        area -= (b * column + 2 * c * row) * (2 * d * column + e * row)
        return area

    def distortion_table(self, filters: tuple[str, ...]) -> Any:
        """Make the table extension of an IDCTAB with one row.

        Parameters
        ----------
        filters
            Values of the filter columns: FILTER1 and FILTER2, or just FILTER.
        """
        names = ("FILTER",) if len(filters) == 1 else ("FILTER1", "FILTER2")
        place = {"XSIZE": self.size, "YSIZE": self.size, "XREF": self.reference, "YREF": self.reference}
        row: dict[str, Any] = {"DETCHIP": 1, "DIRECTION": "FORWARD", **dict(zip(names, filters, strict=True)), **place}
        row |= {"V2REF": 0.0, "V3REF": 0.01, "SCALE": self.scale}
        for axis, linear, bend in (("CX", (0.0, 1.0), self.bend_columns), ("CY", (1.0, 0.0), self.bend_rows)):
            # CXij and CYij belong to column^j row^(i-j).
            row |= {f"{axis}1{j}": self.scale * value for j, value in enumerate(linear)}
            row |= {f"{axis}2{j}": self.scale * value for j, value in enumerate(reversed(bend))}
            row |= {f"{axis}3{j}": 0.0 for j in range(4)}
        formats = {name: {str: "8A", int: "1J", float: "1D"}[type(value)] for name, value in row.items()}
        return fits_files.rows_table("IDC", formats, [tuple(row.values())])
