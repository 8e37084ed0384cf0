"""Writing of simulated FITS files: plainly marked, and the same bytes for the same content."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from caldp.adapters.support.partial import replacing

Keywords: TypeAlias = Mapping[str, bool | int | float | str]

WARNING: Final = "SIMULATED by caldp: made-up data to try the pipeline with; never use for science"
DESCRIPTION: Final = "SIMULATED reference file, made up together with the data it fits----"
"""DESCRIP of reference files: 67 characters, as CRDS has it."""


def primary(keywords: Keywords) -> fits.PrimaryHDU:
    """Make a primary HDU without pixels that says that its file is simulated.

    Parameters
    ----------
    keywords
        Keywords of the header, in order.
    """
    hdu = fits.PrimaryHDU()
    hdu.header["SIMDATA"] = (True, "simulated by caldp; never use for science")
    hdu.header.update(keywords)
    hdu.header["COMMENT"] = WARNING
    return hdu


def reference_primary(instrument: str, filetype: str, keywords: Keywords) -> fits.PrimaryHDU:
    """Make the primary HDU of a reference file.

    Parameters
    ----------
    instrument
        INSTRUME.
    filetype
        FILETYPE, which calibration programs check.
    keywords
        Further keywords of the header.
    """
    common: Keywords = {
        "TELESCOP": "HST",
        "INSTRUME": instrument,
        "FILETYPE": filetype,
        "USEAFTER": "Oct 01 1996 00:00:00",
        "PEDIGREE": "MODEL",
        "DESCRIP": DESCRIPTION,
    }
    return primary({**common, **keywords})


def image(name: str, pixels: NDArray[Any] | None, keywords: Keywords, version: int = 1) -> fits.ImageHDU:
    """Make an image extension; without pixels it is the empty kind that raw files carry.

    Parameters
    ----------
    name
        EXTNAME.
    pixels
        The array, shape (rows, columns), or None.
    keywords
        Keywords of the header beside EXTNAME and EXTVER.
    version
        EXTVER.
    """
    hdu = fits.ImageHDU(pixels, name=name, ver=version)
    hdu.header.update(keywords)
    return hdu


def whole_detector_keywords(rows: int, columns: int) -> Keywords:
    """Give the keywords by which HSTCAL knows that an image is neither binned nor cut out."""
    return {
        "LTV1": 0.0,
        "LTV2": 0.0,
        "LTM1_1": 1.0,
        "LTM2_2": 1.0,
        "BINAXIS1": 1,
        "BINAXIS2": 1,
        "SIZAXIS1": columns,
        "SIZAXIS2": rows,
    }


def constant_image(
    name: str, shape: tuple[int, int], value: float, keywords: Keywords, version: int = 1
) -> fits.ImageHDU:
    """Make an image extension whose every pixel has one value, in HST's form without an array.

    NPIX1, NPIX2 and PIXVALUE say what the array would be (HSTCAL reads and writes this form).

    Parameters
    ----------
    name
        EXTNAME.
    shape
        Rows and columns.
    value
        Value of every pixel.
    keywords
        Further keywords of the header.
    version
        EXTVER.
    """
    rows, columns = shape
    npix: Keywords = {"NPIX1": columns, "NPIX2": rows, "PIXVALUE": value}
    return image(name, None, {**npix, **keywords}, version)


def table(
    name: str,
    columns: Sequence[fits.Column],
    keywords: Keywords | None = None,
    version: int = 1,
) -> fits.BinTableHDU:
    """Make a binary table extension.

    Parameters
    ----------
    name
        EXTNAME.
    columns
        The columns, with their data.
    keywords
        Further keywords of the header.
    version
        EXTVER.
    """
    hdu = fits.BinTableHDU.from_columns(list(columns), name=name, ver=version)
    hdu.header.update(keywords or {})
    return hdu


def rows_table(
    name: str,
    formats: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    keywords: Keywords | None = None,
) -> fits.BinTableHDU:
    """Make a binary table from rows, as one writes down a small reference table.

    Parameters
    ----------
    name
        EXTNAME.
    formats
        Column name to FITS format (TFORM), in order.
    rows
        One sequence of values per row, in the order of `formats`.
    keywords
        Further keywords of the header.
    """
    values = zip(*rows, strict=True)
    return table(
        name,
        [
            fits.Column(name=column, format=form, array=np.array(column_values))
            for (column, form), column_values in zip(formats.items(), values, strict=True)
        ],
        keywords,
    )


def one_row_table(name: str, row: Mapping[str, Any], keywords: Keywords | None = None) -> fits.BinTableHDU:
    """Make a binary table of one row whose values say by their types what their columns are.

    Parameters
    ----------
    name
        EXTNAME; none if empty.
    row
        Column name to value: a string (67 characters at most), an integer (short), a float, a boolean, or an array
        of floats.
    keywords
        Further keywords of the header.
    """
    formats = {str: "67A", int: "1I", float: "1D", bool: "1L"}
    columns = {
        column: f"{value.size}D" if isinstance(value, np.ndarray) else formats[type(value)]
        for column, value in row.items()
    }
    return rows_table(name, columns, [tuple(row.values())], keywords)


def write(path: Path, hdus: Sequence[Any]) -> None:
    """Write one file, with FILENAME and NEXTEND right; a file already there is replaced.

    Parameters
    ----------
    path
        Path of the file; its directory is made if need be.
    hdus
        The primary HDU and the extensions.
    """
    header = hdus[0].header
    header["FILENAME"] = path.name
    header["NEXTEND"] = len(hdus) - 1
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        fits.HDUList(list(hdus)).writeto(partial)
