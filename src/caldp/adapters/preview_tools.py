"""What all renderers of previews need: quiet reading, whole files, and errors in our own words."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import ENOMEM
from pathlib import Path
from typing import Any, Final

from caldp.adapters.tools.quiet import ignoring_warnings
from caldp.app.ports import Drawing
from caldp.domain.errors import PreviewError

_DAMAGE: Final = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, zlib.error)
"""What FITS and image libraries raise when a file is damaged or cannot be written."""


class NothingToDraw(Exception):
    """A file holds nothing that could be drawn; the message says why, as what follows a colon."""


def attempt(sources: Sequence[Path], draw: Callable[[], tuple[Path, ...]]) -> Drawing:
    """Draw, and say in our own words why it could not be done.

    Raises
    ------
    PreviewError
        If a file is damaged or cannot be written.
    """
    names = ", ".join(path.name for path in sources)
    try:
        return Drawing(files=draw())
    except NothingToDraw as nothing:
        return Drawing(reason=f"{names}: {nothing}.")
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno == ENOMEM:
            raise
        raise PreviewError(
            f"{names}: the preview could not be drawn: {_first_line(error)}.",
            advice="Check that the file is whole, and that pictures can be written where they belong.",
        ) from error


def _first_line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().partition("\n")[0].rstrip(".") or type(error).__name__


@contextmanager
def open_quietly(path: Path) -> Iterator[Any]:
    """Open a FITS file, perhaps gzipped, and read its headers without the warnings that astropy has of real ones.

    Yields
    ------
    HDUList
        Its data are read when they are asked for, and not mapped into memory.

    Raises
    ------
    OSError
        If the file cannot be read, or is no FITS file.
    """
    from astropy.io import fits
    from astropy.utils.exceptions import AstropyWarning

    with ignoring_warnings(AstropyWarning):
        try:
            hdus = fits.open(path, memmap=False)
        except OSError as error:
            raise error if error.errno else OSError("it is no FITS file") from error
        try:
            len(hdus)  # reads all headers
        except BaseException:
            hdus.close()
            raise
    with hdus:
        yield hdus
