"""FITS headers through astropy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from caldp.adapters.tools.quiet import ignoring_warnings
from caldp.domain.association import Association, Member
from caldp.domain.errors import InvalidInput
from caldp.domain.files import Extension, FitsFacts, HeaderValue, HstFileName, UnreadableFits

_BLOCK = 2880


class AstropyFits:
    """Reads and edits FITS headers with `astropy.io.fits`; implements the port FitsFiles."""

    def facts(self, path: Path) -> FitsFacts | UnreadableFits:
        """Read all headers of a file and check that nothing of it is cut off."""
        try:
            with _opened(path) as hdus:
                last = hdus[len(hdus) - 1].fileinfo()
                broken = _broken_end(path, last["datLoc"] + last["datSpan"])
                if broken:
                    return UnreadableFits(path.name, broken)
                primary, *others = hdus
                return FitsFacts(path.name, _keywords(primary), tuple(_extension(hdu) for hdu in others))
        except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
            return UnreadableFits(path.name, _why(error, path))

    def association(self, path: Path) -> Association:
        """Read an association table."""
        parsed = HstFileName.parse(path.name)
        try:
            with _opened(path) as hdus:
                rows = hdus[1].data
                members = tuple(
                    Member(str(name).strip().lower(), str(kind).strip().upper(), bool(present))
                    for name, kind, present in zip(rows["MEMNAME"], rows["MEMTYPE"], rows["MEMPRSNT"], strict=True)
                )
        except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
            raise InvalidInput(
                f"{path.name} is not an association table: {_why(error, path)}.",
                advice="Expected a FITS table with columns MEMNAME, MEMTYPE and MEMPRSNT; fetch the file again.",
            ) from error
        return Association(parsed.root if parsed else path.stem, members)

    def set_keywords(self, path: Path, keywords: Mapping[str, HeaderValue]) -> None:
        """Set keywords of the primary header."""
        try:
            with _opened(path, mode="update") as hdus:
                hdus[0].header.update(keywords)
        except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
            raise InvalidInput(
                f"The header of {path.name} cannot be edited: {_why(error, path)}.",
                advice="The file is damaged or not writable; fetch it again.",
            ) from error


@contextmanager
def _opened(path: Path, mode: str = "readonly") -> Iterator[Any]:
    from astropy.io import fits

    # What astropy warns of (truncation, non-standard cards) is either reported by us or harmless.
    with (
        ignoring_warnings(),
        fits.open(path, mode=mode, memmap=True, lazy_load_hdus=False, disable_image_compression=True) as hdus,
    ):
        yield hdus


def _broken_end(path: Path, end: int) -> str:
    """Say what is wrong with where a file ends, compared with the end of its last readable data; bytes."""
    missing = end - path.stat().st_size
    if missing > 0:
        return f"it is cut off, {missing} bytes are missing"
    with path.open("rb") as file:
        file.seek(end)
        # astropy stops in silence at a header that is cut off; padding with zeros is harmless.
        return "its last header is cut off" if file.read(_BLOCK).strip(b"\0") else ""


def _extension(hdu: Any) -> Extension:
    return Extension(str(hdu.name).upper(), _keywords(hdu), int(hdu.size))


def _keywords(hdu: Any) -> dict[str, HeaderValue]:
    return {
        card.keyword: card.value
        for card in hdu.header.cards
        if card.keyword not in ("", "COMMENT", "HISTORY") and isinstance(card.value, str | int | float | bool)
    }


def _why(error: Exception, path: Path) -> str:
    if path.exists() and path.stat().st_size == 0:
        return "it is empty"
    if path.exists() and path.stat().st_size < _BLOCK:
        return "it is shorter than one FITS block"
    text = str(error).strip().rstrip(".").splitlines()
    return text[0] if text else type(error).__name__
