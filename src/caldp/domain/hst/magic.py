"""File types by first bytes, for messages about files that are not FITS."""

from __future__ import annotations

from typing import Final

HEAD: Final = 512
"""Bytes that are enough to tell a file's type."""

_KINDS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"SIMPLE  =", "a FITS file"),
    (b"XTENSION=", "a FITS file without its beginning"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a file compressed with gzip"),
    (b"BZh", "a file compressed with bzip2"),
    (b"\xfd7zXZ\x00", "a file compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "a file compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
)
_TEXTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"<!doctype html", "an HTML page"),
    (b"<html", "an HTML page"),
    (b"<?xml", "an XML document"),
    (b"version https://git-lfs", "a pointer of Git LFS in the place of a file"),
)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_USTAR: Final = 257  # where a tarball's first header has its magic; older ones have none
_PRINTABLE: Final = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\n\r\f")


def kind_of(head: bytes) -> str:
    """Tell the type of a file from its first bytes.

    Parameters
    ----------
    head
        The first bytes of a file, at least `HEAD` if it has as many.

    Returns
    -------
    str
        Such as ``a FITS file`` or ``an HTML page``; empty if it is something else.
    """
    if not head:
        return "an empty file"
    if head[_USTAR : _USTAR + 5] == b"ustar":
        return "a tarball"
    binary = next((kind for magic, kind in _KINDS if head.startswith(magic)), "")
    return binary or _kind_of_text(head.removeprefix(_BYTE_ORDER_MARK))


def _kind_of_text(head: bytes) -> str:
    text = head.lstrip().lower()
    marked = next((kind for beginning, kind in _TEXTS if text.startswith(beginning)), "")
    return marked or ("a text file" if _PRINTABLE.issuperset(head[:HEAD]) else "")
