"""JPEG files written strip by strip, so that a picture need not lie in memory as a whole.

Pillow encodes whole pictures only. A strip is one, of which the entropy-coded part is taken: with a restart marker
after each row of blocks, the parts of all strips in their order, with one marker between them, are the picture
(ITU-T T.81, sections B.2.1 and F.1.1.5.2). It shows the same pixels as one that is encoded at once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from caldp.adapters.support.partial import replacing

STRIP_MULTIPLE: Final = 128
"""Heights of all strips but the last are multiples of so many rows: of 8 blocks, as restart markers count to 8, of
8 or 16 rows, in grey or in colour."""

_END_OF_PICTURE: Final = b"\xff\xd9"
_EIGHTH_RESTART: Final = b"\xff\xd7"
_FRAME, _SCAN, _COMMENT, _APPLICATION_1 = 0xC0, 0xDA, 0xFE, 0xE1


def write_jpeg(strips: Iterable[NDArray[np.uint8]], height: int, quality: int, path: Path, words: bytes = b"") -> None:
    """Write a picture.

    Parameters
    ----------
    strips
        From the top to the bottom, of shape (rows, columns) in grey, or (rows, columns, 4) in colour: red, green, blue
        and a byte of padding. Rows are multiples of `STRIP_MULTIPLE`, but for the last strip.
    height
        Rows of all strips together.
    quality
        Quality of the JPEG, per cent.
    path
        The file; it appears whole or not at all.
    words
        Segments of words, as `comment` and `xmp_segment` make them.
    """
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        between = b""
        for strip in strips:
            head, scan = _encode(strip, quality, is_part=len(strip) < height)
            file.write(between or _completed(head, height, words))
            file.write(scan)
            between = _EIGHTH_RESTART
        file.write(_END_OF_PICTURE)


class _JpegBuffer(BytesIO):
    """Memory whose name spares Pillow the import of all its other formats."""

    name = "strip.jpg"


def _encode(strip: NDArray[np.uint8], quality: int, *, is_part: bool) -> tuple[bytes, memoryview]:
    """Return what comes before the entropy-coded part, and this part."""
    buffer = _JpegBuffer()
    mode, size = "L" if strip.ndim == 2 else "RGBX", (strip.shape[1], strip.shape[0])
    picture = Image.frombuffer(mode, size, np.ascontiguousarray(strip), "raw", mode, 0, 1)
    picture.save(buffer, quality=quality, restart_marker_rows=int(is_part))
    content = buffer.getbuffer()
    start = 2
    while True:
        marker, length = content[start + 1], int.from_bytes(content[start + 2 : start + 4])
        start += 2 + length
        if marker == _SCAN:
            return bytes(content[:start]), content[start : -len(_END_OF_PICTURE)]


def comment(text: str) -> bytes:
    """Return a segment with a comment, in ASCII."""
    return _segment(_COMMENT, text.encode("ascii"))


def xmp_segment(packet: str) -> bytes:
    """Return a segment with an XMP packet (Adobe, XMP Specification Part 3, section 1.1.3)."""
    return _segment(_APPLICATION_1, b"http://ns.adobe.com/xap/1.0/\0" + packet.encode())


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def _completed(head: bytes, height: int, words: bytes) -> bytes:
    """Write the height of the picture where that of its first strip stands, and words behind the first segment."""
    patched, start = bytearray(head), 2
    while patched[start + 1] != _FRAME:
        start += 2 + int.from_bytes(patched[start + 2 : start + 4])
    struct.pack_into(">H", patched, start + 5, height)
    first = 4 + int.from_bytes(patched[4:6])
    return bytes(patched[:first] + words + patched[first:])
