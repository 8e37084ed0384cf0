"""Tools of all renderers: quiet reading, whole files, and errors in our own words."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.adapters.support.quiet import ignoring_warnings
from caldp.app.ports.preview_renderer import Drawing
from caldp.domain.errors import PreviewError

_GZIP: Final = b"\x1f\x8b"
_PIECE: Final = 1 << 20


class NothingToDraw(Exception):
    """File that holds nothing to draw; the message gives the reason, as a clause that follows a colon."""


def attempt(sources: Sequence[Path], draw: Callable[[], tuple[Path, ...]]) -> Drawing:
    """Draw, and put a failure into our own words.

    Raises
    ------
    PreviewError
        If a file is damaged or cannot be written.
    """
    names = ", ".join(path.name for path in sources)

    def problem(error: Exception) -> PreviewError:
        return PreviewError(
            f"{names}: the preview could not be drawn: {in_words(error)}.",
            advice="Check that the file is whole, and that pictures can be written where they belong.",
        )

    try:
        with reading_foreign(problem, passing=(NothingToDraw,)):
            return Drawing(files=draw())
    except NothingToDraw as nothing:
        return Drawing(reason=f"{names}: {nothing}.")


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
        If the file cannot be read, is no FITS file, or is cut off.
    """
    from astropy.io import fits
    from astropy.utils.exceptions import AstropyWarning

    with path.open("rb") as file:  # opened here: astropy leaves those open whose headers it stumbles over
        _require_unpackable(file)
        with ignoring_warnings(AstropyWarning):
            try:
                hdus = fits.open(file, memmap=False)
            except OSError as error:
                raise error if error.errno else OSError("it is no FITS file") from error
            _require_whole(hdus, path)
        with hdus:
            yield hdus


def _require_unpackable(file: IO[bytes]) -> None:
    """Refuse a gzipped file that is cut off or damaged: astropy takes its beginning for all of it."""
    is_gzipped = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    if not is_gzipped:
        return
    try:
        with gzip.open(file) as unpacked:
            while unpacked.read(_PIECE):
                pass
    except EOFError as error:
        raise OSError("it is cut off") from error
    except zlib.error as error:
        raise OSError("it cannot be unpacked") from error
    file.seek(0)


def _require_whole(hdus: Any, path: Path) -> None:
    """Read all headers, and refuse data beyond the file's end: memory would be asked for before the lack shows."""
    last = hdus[len(hdus) - 1].fileinfo()
    missing = last["datLoc"] + last["datSpan"] - path.stat().st_size
    if missing > 0 and not path.name.endswith(".gz"):  # how long that would be unpacked is not known
        raise OSError(f"it is cut off, {missing} bytes are missing")
