"""Places of a picture's pixels in the sky, as headers of drizzled images and exposures tell it, distortion apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import atan2, copysign, degrees, hypot, isfinite
from typing import Any, Final

from attrs import evolve, frozen

_AXES: Final = ("CTYPE1", "CTYPE2")
_NUMBERS: Final = ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2")


@frozen
class SkyMap:
    """Linear relation of pixels and sky (FITS standard 4.0, section 8).

    Attributes
    ----------
    axes
        CTYPE of both axes, such as ``RA---TAN`` and ``DEC--TAN``.
    pixel
        Reference pixel; the first one, at the lower left, is 1, 1.
    place
        Right ascension and declination of the reference pixel, degrees.
    matrix
        CD1_1, CD1_2, CD2_1 and CD2_2: degrees for each pixel.
    system
        RADESYS.
    """

    axes: tuple[str, str]
    pixel: tuple[float, float]
    place: tuple[float, float]
    matrix: tuple[float, float, float, float]
    system: str

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> SkyMap | None:
        """Read it from a header; None if that has none, as an image of a lamp or of a spectrum, or says nothing."""
        axes, numbers = [str(header.get(name, "")) for name in _AXES], [header.get(name) for name in _NUMBERS]
        if not all(axis.isascii() and axis.isprintable() for axis in axes):
            return None
        if not (axes[0].startswith("RA--") and axes[1].startswith("DEC-")):
            return None
        if not all(isinstance(number, int | float) and isfinite(number) for number in numbers):
            return None
        x, y, right_ascension, declination, *matrix = map(float, numbers)  # type: ignore[arg-type]
        if not matrix[0] * matrix[3] - matrix[1] * matrix[2]:
            return None
        system = header.get("RADESYS", "ICRS")
        return cls(
            (axes[0], axes[1]),
            (x, y),
            (right_ascension, declination),
            (matrix[0], matrix[1], matrix[2], matrix[3]),
            system if isinstance(system, str) else "ICRS",
        )

    def scaled(self, zoom: float) -> SkyMap:
        """Return that of the picture that is so many times as large."""
        x, y = (number * zoom - 0.5 * (zoom - 1) for number in self.pixel)
        one, two, three, four = (number / zoom for number in self.matrix)
        return evolve(self, pixel=(x, y), matrix=(one, two, three, four))

    @property
    def scale(self) -> tuple[float, float]:
        """Degrees for each pixel along both axes; the first is negative where east is left of north."""
        one, two, three, four = self.matrix
        return copysign(hypot(one, three), one * four - two * three), hypot(two, four)

    @property
    def rotation(self) -> float:
        """Angle from north to up of the picture, degrees, as AVM counts it."""
        return degrees(atan2(-self.matrix[1], self.matrix[3])) + 0.0  # no negative zero

    @property
    def north(self) -> float:
        """Angle from up to north, counter-clockwise, degrees."""
        one, two, three, four = self.matrix
        determinant = one * four - two * three
        return degrees(atan2(two / determinant, one / determinant))

    @property
    def east(self) -> float:
        """Angle from up to east, counter-clockwise, degrees."""
        one, two, three, four = self.matrix
        determinant = one * four - two * three
        return degrees(atan2(-four / determinant, -three / determinant))

    def cards(self) -> Iterator[str]:
        """Yield lines as fitscut writes them into the comments of its JPEGs."""
        for name, axis in zip(_AXES, self.axes, strict=True):
            yield f"{name:8}= '{axis}'"
        for name, number in zip(_NUMBERS, (*self.pixel, *self.place, *self.matrix), strict=True):
            yield f"{name:8}= {number:.15g}"

    def tags(self, shape: tuple[int, int]) -> dict[str, str | tuple[str, ...]]:
        """Return AVM's tags.

        Parameters
        ----------
        shape
            Rows and columns of the picture.
        """

        def numbers(*values: float) -> tuple[str, ...]:
            return tuple(f"{value:.15g}" for value in values)

        return {
            "Spatial.CoordinateFrame": self.system,
            "Spatial.Equinox": "2000.0",
            "Spatial.ReferenceValue": numbers(*self.place),
            "Spatial.ReferenceDimension": numbers(shape[1], shape[0]),
            "Spatial.ReferencePixel": numbers(*self.pixel),
            "Spatial.Scale": numbers(*self.scale),
            "Spatial.Rotation": f"{self.rotation:.15g}",
            "Spatial.CoordsystemProjection": self.axes[0].partition("-")[2].strip("-")[:3],
            "Spatial.CDMatrix": numbers(*self.matrix),
            "Spatial.Quality": "Full" if self.axes[0].endswith("TAN") else "Position",  # distorted
        }
