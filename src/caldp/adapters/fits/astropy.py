"""FITS headers, by themselves or through astropy, and digests."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from caldp.adapters.fits.digest import file_digest
from caldp.adapters.fits.hdus import Hdu
from caldp.adapters.fits.header_cards import header_cards
from caldp.adapters.fits.plain import plain_hdus, plain_members
from caldp.adapters.fits.science import science_values
from caldp.adapters.support.fits_layout import data_size
from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.adapters.support.plain_fits import BLOCK, Unordinary
from caldp.adapters.support.quiet import ignoring_warnings
from caldp.domain.calibration.table_values import TableChange
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.digests import FileDigest
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, HstFileName, UnreadableFits
from caldp.domain.hst.magic import HEAD, kind_of

_TABLES = ("BINTABLE", "TABLE", "A3DTABLE")
"""Types of extensions that have rows; others beside images are HDRLET, a headerlet of stwcs, and FOREIGN files."""
_UNPARSABLE = re.compile(r"Unparsable card \(([^)]*)\), fix it first.*")


class _Damaged(Exception):
    """A file cannot be read; the message says why."""


class AstropyFits:
    """Reads FITS headers, edits them with `astropy.io.fits`, and digests files; implements the port FitsFiles."""

    def facts(self, path: Path, *, science: bool = False) -> FitsFacts | UnreadableFits:
        """Read all headers of a file, and on request its science; check that nothing of it is cut off."""
        try:
            with reading_foreign(lambda error: _Damaged(_why(error, path))):
                hdus = _hdus(path, science)
                extensions = tuple(_extension(hdu, path, science) for hdu in hdus[1:])
                repeated = tuple(card for hdu in hdus for card in hdu.repeated)
                return FitsFacts(path.name, hdus[0].keywords, extensions, repeated)
        except _Damaged as damage:
            return UnreadableFits(path.name, str(damage))

    def association(self, path: Path) -> Association:
        """Read an association table."""
        parsed = HstFileName.parse(path.name)

        def problem(error: Exception) -> InvalidInput:
            return InvalidInput(
                f"{path.name} is not an association table: {_why(error, path)}.",
                advice="Expected a FITS table with columns MEMNAME, MEMTYPE and MEMPRSNT; fetch the file again.",
            )

        with reading_foreign(problem):
            try:
                members = plain_members(path)
            except Unordinary:
                members = _members(path)
        return Association(parsed.root if parsed else path.stem, members)

    def write_association(self, path: Path, table: Association, original: Path) -> None:
        """Write an association table that has some of the rows of another."""
        import numpy as np
        from astropy.io import fits

        def problem(error: Exception) -> InvalidInput:
            return InvalidInput(
                f"{original.name} is not an association table: {_why(error, original)}.",
                advice="Expected a FITS table with a column MEMNAME; fetch the file again.",
            )

        wanted = {member.name for member in table.members}
        written = BytesIO()  # astropy knows no file that must not be there
        with reading_foreign(problem), _opened(original) as hdus:
            rows = hdus[1].data
            chosen = np.array([str(name).strip().lower() in wanted for name in rows["MEMNAME"]], dtype=bool)
            primary = fits.PrimaryHDU(header=hdus[0].header)
            fits.HDUList([primary, fits.BinTableHDU(rows[chosen], header=hdus[1].header)]).writeto(written)
        with path.open("xb") as file:
            file.write(written.getvalue())

    def set_keywords(self, path: Path, keywords: Mapping[str, HeaderValue], history: Iterable[str] = ()) -> None:
        """Set keywords of the primary header."""

        def problem(error: Exception) -> InvalidInput:
            return InvalidInput(
                f"The header of {path.name} cannot be edited: {_why(error, path)}.",
                advice="The file is damaged or not writable; fetch it again.",
            )

        with reading_foreign(problem), _opened(path, mode="update") as hdus:
            hdus[0].header.update(keywords)
            for text in history:
                hdus[0].header.add_history(text)

    def flag(self, path: Path, versions: Collection[int], flag: int, history: Iterable[str] = ()) -> None:
        """Set a flag in all pixels of data quality extensions; HSTIO writes those of one value as PIXVALUE."""

        def problem(error: Exception) -> InvalidInput:
            return InvalidInput(
                f"The data quality of {path.name} cannot be flagged: {_why(error, path)}.",
                advice="The file is damaged or not writable; fetch it again.",
            )

        with reading_foreign(problem), _opened(path, mode="update") as hdus:
            for version in versions:
                hdu = hdus["DQ", version]
                if hdu.header["NAXIS"]:
                    hdu.data = hdu.data | flag
                else:
                    hdu.header["PIXVALUE"] = int(hdu.header["PIXVALUE"]) | flag
            for text in history:
                hdus[0].header.add_history(text)

    def edit_table(self, original: Path, target: Path, change: TableChange) -> int:
        """Write a copy of a reference table in whose first table some cells have other values."""
        from caldp.adapters.fits.tables import changed_table

        def problem(error: Exception) -> InvalidInput:
            return InvalidInput(
                f"{original.name} cannot be edited: {_why(error, original)}.",
                advice="Expected a reference table with the columns that are to be changed.",
            )

        written = BytesIO()
        with reading_foreign(problem), _opened(original) as hdus:
            edited, count = changed_table(hdus, change)
            edited.writeto(written)
        with target.open("xb") as file:
            file.write(written.getvalue())
        return count

    def digest(self, path: Path) -> FileDigest | None:
        """Digest a file of any kind."""
        try:
            return file_digest(path)
        except OSError:
            return None


@contextmanager
def _opened(path: Path, mode: str = "readonly") -> Iterator[Any]:
    from astropy.io import fits

    # What astropy warns of (truncation, non-standard cards) is either reported by us or harmless.
    # The file is opened here, because astropy leaves those open whose headers it stumbles over.
    with (
        path.open("rb" if mode == "readonly" else "rb+") as file,
        ignoring_warnings(),
        fits.open(file, mode=mode, memmap=True, lazy_load_hdus=False, disable_image_compression=True) as hdus,
    ):
        yield hdus


def _hdus(path: Path, science: bool) -> Sequence[Hdu]:
    try:
        return plain_hdus(path, with_rows=science)
    except Unordinary:
        return _hdus_by_astropy(path, science)


def _hdus_by_astropy(path: Path, science: bool) -> Sequence[Hdu]:
    with _opened(path) as hdus, path.open("rb", buffering=0) as file:
        last = hdus[len(hdus) - 1].fileinfo()
        broken = _broken_end(path, last["datLoc"] + last["datSpan"])
        if broken:
            raise _Damaged(broken)
        found = []
        for hdu in hdus:
            place = hdu.fileinfo()
            file.seek(place["hdrLoc"])
            cards = tuple(header_cards(file.read(place["datLoc"] - place["hdrLoc"])))
            columns = getattr(hdu, "columns", None) if science else None
            row = None if columns is None else columns.dtype.newbyteorder(">")
            found.append(Hdu(cards, place["datLoc"], row))
        return found


def _members(path: Path) -> tuple[Member, ...]:
    with _opened(path) as hdus:
        rows = hdus[1].data
        return tuple(
            Member(str(name).strip().lower(), str(kind).strip().upper(), bool(present))
            for name, kind, present in zip(rows["MEMNAME"], rows["MEMTYPE"], rows["MEMPRSNT"], strict=True)
        )


def _broken_end(path: Path, end: int) -> str:
    """Say what is wrong with where a file ends, compared with the end of its last readable data; bytes."""
    missing = end - path.stat().st_size
    if missing > 0:
        return f"it is cut off, {missing} bytes are missing"
    with path.open("rb") as file:
        file.seek(end)
        # astropy stops in silence at a header that is cut off; padding with zeros is harmless.
        return "its last header is cut off" if file.read(BLOCK).strip(b"\0") else ""


def _extension(hdu: Hdu, path: Path, science: bool) -> Extension:
    keywords = hdu.keywords
    return Extension(
        str(keywords.get("EXTNAME", "")).upper(),
        keywords,
        data_size(keywords),
        int(keywords.get("EXTVER", 1)),
        int(keywords["NAXIS2"]) if keywords.get("XTENSION") in _TABLES else None,
        science_values(hdu, path) if science else {},
    )


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return kind_of(file.read(HEAD))
    except OSError:
        return ""


def _why(error: Exception, path: Path) -> str:
    if path.exists() and path.stat().st_size == 0:
        return "it is empty"
    kind = _kind(path)
    if kind not in ("", "a FITS file"):
        return f"it is {kind}"
    if path.exists() and path.stat().st_size < BLOCK:
        return "it is shorter than one FITS block"
    return _UNPARSABLE.sub(r"its header card \1 cannot be read", in_words(error))
