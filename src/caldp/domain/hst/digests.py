"""Digests of files, and the header cards that differ between equal runs.

Two runs of the same engines on the same inputs make products that are equal but for the volatile cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

VOLATILE_CARDS: Final[Mapping[str, str]] = {
    "DATE": "Time of writing: `hstio.c` of HSTCAL, `cosutil.py` of calcos, `outputimage.py` of drizzlepac, "
    "`headerlet.py` of stwcs.",
    "IRAF-TLM": "Time of the last change: `tbHeader.c` of HSTCAL, `outputimage.py` of drizzlepac.",
    "CHECKSUM": "Depends on every other card: FITS standard 4.0, section 4.4.2.7.",
    "DATASUM": "Written along with CHECKSUM; the digest of the data stands for it.",
}
"""Keywords that differ between two runs alike in everything else, with what writes each and where that was read."""


@frozen
class HduDigest:
    """Digests of one HDU of a FITS file.

    Attributes
    ----------
    name
        EXTNAME in upper case; empty for the primary HDU and where there is none.
    version
        EXTVER; 1 where there is none.
    header
        SHA-256 of the header's cards in their order, volatile cards and END left out; hexadecimal.
    data
        SHA-256 of the data without their padding; hexadecimal.
    """

    name: str
    version: int
    header: str
    data: str


@frozen
class FileDigest:
    """Digest of a file.

    Attributes
    ----------
    size
        Bytes.
    sha256
        SHA-256 of the whole file; hexadecimal.
    hdus
        Digests of the HDUs of a FITS file; none for any other file, or one that is damaged.
    """

    size: int
    sha256: str
    hdus: tuple[HduDigest, ...] = ()
