"""Comparison of the products of both ways: every array, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits


def differing(one: Path, other: Path) -> str:
    """Say in which extensions two files differ; empty if every array of one is that of the other."""
    with fits.open(one, memmap=False) as ours, fits.open(other, memmap=False) as theirs:
        if len(ours) != len(theirs):
            return f"{len(ours)} and {len(theirs)} HDUs"
        return ", ".join(_differing(ours, theirs))


def _differing(ours: Any, theirs: Any) -> Iterator[str]:
    for number, (first, second) in enumerate(zip(ours, theirs, strict=True)):
        if _bytes(first) != _bytes(second):
            yield f"{first.name or number},{first.ver}"


def _bytes(hdu: Any) -> object:
    """Return the data with their shape and type; of an array of one value, that value."""
    if hdu.data is None:
        return [hdu.header.get(name) for name in ("NPIX1", "NPIX2", "PIXVALUE")]
    data = np.asarray(hdu.data)
    return data.shape, str(data.dtype.newbyteorder("=")), np.ascontiguousarray(data).tobytes()
