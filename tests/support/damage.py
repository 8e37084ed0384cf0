"""Bytes of FITS files, damaged on purpose."""

from __future__ import annotations

import io
from random import Random

Blocks = list[tuple[int, int]]
"""First byte of each header of a file, and of what follows it."""


def header_blocks(content: bytes) -> Blocks:
    """Find the headers of a whole FITS file."""
    from astropy.io import fits

    with fits.open(io.BytesIO(content)) as hdus:
        return [(info["hdrLoc"], info["datLoc"]) for info in (hdu.fileinfo() for hdu in hdus)]


def flip_a_header_bit(content: bytearray, blocks: Blocks, rng: Random) -> str:
    """Flip one bit of one header; say which."""
    start, stop = rng.choice(blocks)
    position, bit = rng.randrange(start, stop), rng.randrange(8)
    content[position] ^= 1 << bit
    return f"byte {position}, bit {bit}"
