"""Open FITS files without the warnings that astropy has about the headers of real ones."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_FILTERS: Final = threading.Lock()


@contextmanager
def open_quietly(path: Path) -> Iterator[Any]:
    """Open a FITS file and read all its headers.

    Parameters
    ----------
    path
        A FITS file, perhaps gzipped.

    Yields
    ------
    HDUList
        Its data are read when they are asked for, and not mapped into memory.

    Raises
    ------
    OSError
        If the file cannot be read, is no FITS file, or is cut off.
    """
    from astropy.io import fits
    from astropy.utils.exceptions import AstropyWarning

    # Filters of warnings belong to the whole process: two threads must not change and restore them crosswise.
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyWarning)
        hdus = fits.open(path, memmap=False)
        try:
            len(hdus)
        except BaseException:
            hdus.close()
            raise
    with hdus:
        yield hdus
