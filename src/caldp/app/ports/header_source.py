"""The port HeaderSource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from caldp.domain.hst.files import UnreadableFits
from caldp.domain.stale.header_values import FileHeaders


class HeaderSource(Protocol):
    """Reads the headers of many FITS files, quickly: nothing of their data."""

    def files(self, path: Path) -> Iterator[FileHeaders | UnreadableFits]:
        """Yield the headers of the FITS files of a place, in order of their names; other files are passed over.

        Parameters
        ----------
        path
            A FITS file, plain or with ``.gz``; a tarball, ``.tar.gz``; or a directory of these, which is looked
            through to its depths.

        Raises
        ------
        InputNotFound
            If there is nothing at the path.
        InvalidInput
            If a file that was named is neither FITS nor a tarball.
        """

    def parts(self, name: str, place: str, read: Callable[[int, int], bytes]) -> FileHeaders | UnreadableFits:
        """Return the headers of a FITS file of which any bytes can be had; those of its data are not asked for.

        Parameters
        ----------
        name
            Its name.
        place
            Its address, for messages.
        read
            Returns bytes, given the position of the first and their number: fewer at the end, and none beyond it.
        """

    def stream(self, name: str, place: str, chunks: Iterable[bytes]) -> Iterator[FileHeaders | UnreadableFits]:
        """Yield the headers of a FITS file or of the members of a tarball, of which the bytes come one after another.

        Parameters
        ----------
        name
            Its name, by which its kind is known.
        place
            Its address, for messages.
        chunks
            Its bytes; no more of them are asked for than are needed.
        """
