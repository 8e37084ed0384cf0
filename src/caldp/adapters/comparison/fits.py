"""FITS files compared HDU by HDU, in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen

from caldp.adapters.comparison.cards import Values, compare_cards, values_of
from caldp.adapters.comparison.layout import PIECE, image_scale, image_shape, image_type, pieces, pixel, read
from caldp.adapters.comparison.table_layout import Table
from caldp.adapters.comparison.tables import compare_tables, layout_difference
from caldp.adapters.comparison.values import Tally
from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.adapters.support.quiet import ignoring_warnings
from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.difference import HduDifference, ProductDifference, ValueDifference
from caldp.domain.comparison.pairs import paired
from caldp.domain.hst.flag_names import flag_names

_FLAGS: Final = frozenset({"DQ", "DQ_WGT_FLAGS"})
"""EXTNAME of images of data quality flags, and columns that hold such."""


class _Unreadable(Exception):
    """A file cannot be compared; the message says why."""


@frozen
class _Hdu:
    """An HDU of an open file."""

    file: FileIO
    header: Any
    start: int
    size: int
    values: Values

    @property
    def is_table(self) -> bool:
        return bool(self.header.get("XTENSION") == "BINTABLE")

    @property
    def is_image(self) -> bool:
        if self.header.get("GROUPS") is True:
            return False
        return "XTENSION" not in self.header or self.header["XTENSION"] == "IMAGE"


class FitsDifferences:
    """Compares FITS files; implements the port FitsComparer."""

    def compare(self, a: Path, b: Path, tolerance: Tolerance) -> ProductDifference:
        """Compare two files, each HDU with the one of its name and version."""
        try:
            with (
                _opened(a, "A") as ours,
                _opened(b, "B") as theirs,
                reading_foreign(lambda error: _Unreadable(f"their data cannot be read: {in_words(error)}")),
            ):
                found = tuple(_compare_hdus(ours, theirs, tolerance))
        except _Unreadable as problem:
            return ProductDifference(a.name, Agreement.NOT_COMPARABLE, str(problem), is_read=True)
        agreement = Agreement.of(hdu.agreement for hdu in found)
        told = tuple(hdu for hdu in found if not hdu.is_same)
        return ProductDifference(a.name, agreement, hdus=told, is_read=True)


@contextmanager
def _opened(path: Path, side: str) -> Iterator[list[_Hdu]]:
    """Open a file and read its headers.

    Raises
    ------
    _Unreadable
        If it is no whole FITS file.
    """
    from astropy.io import fits

    def problem(error: Exception) -> Exception:
        return _Unreadable(f"{side} cannot be read: {in_words(error)}")

    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise problem(error) from error
    with file:
        # astropy gets a file of its own, since it leaves those open whose headers it stumbles over.
        with (
            reading_foreign(problem),
            path.open("rb") as named,
            ignoring_warnings(),
            fits.open(named, memmap=True, lazy_load_hdus=False, disable_image_compression=True) as hdus,
        ):
            found = [
                _Hdu(file, hdu.header.copy(), place["datLoc"], place["datSpan"], values_of(hdu.header))
                for hdu in hdus
                if (place := hdu.fileinfo())
            ]
        if not found:
            raise _Unreadable(f"{side} cannot be read: it is empty")
        missing = found[-1].start + found[-1].size - path.stat().st_size
        if missing > 0:
            raise _Unreadable(f"{side} cannot be read: it is cut off, {missing} bytes are missing")
        yield found


def _compare_hdus(a: list[_Hdu], b: list[_Hdu], tolerance: Tolerance) -> Iterator[HduDifference]:
    flags = flag_names(*(str(a[0].header.get(key, "")) for key in ("INSTRUME", "DETECTOR")))
    for (name, version), ours, theirs in paired(_keyed(a), _keyed(b)):
        if ours is None or theirs is None:
            where = "B" if ours is None else "A"
            yield HduDifference(name, version, Agreement.DIFFERENT, f"in {where} only")
            continue
        cards, remarks = compare_cards(ours.values, theirs.values, tolerance)
        reason, values, is_exact = _compare_data(name, ours, theirs, tolerance, flags)
        parts = [value.agreement for value in values]
        parts += [Agreement.DIFFERENT] if reason else [] if is_exact else [Agreement.WITHIN]
        yield HduDifference(name, version, Agreement.of(parts), reason, values, cards, remarks)


def _keyed(hdus: list[_Hdu]) -> Iterator[tuple[tuple[str, int], _Hdu]]:
    for hdu in hdus:
        version = hdu.header.get("EXTVER", 1)
        name = str(hdu.header.get("EXTNAME", "")).strip().upper()
        yield (name, version if isinstance(version, int) else 1), hdu


def _compare_data(
    name: str, a: _Hdu, b: _Hdu, tolerance: Tolerance, flags: Mapping[int, str]
) -> tuple[str, tuple[ValueDifference, ...], bool]:
    """Compare the data of an HDU: say what else than values differs, which values do, and whether bytes are equal."""
    if a.is_image and b.is_image:
        return _compare_images(name, a, b, tolerance, flags)
    if a.is_table and b.is_table:
        ours, theirs = (Table.of(one.file, one.header, one.start) for one in (a, b))
        is_exact = _same_layout(a, b) and _same_bytes(a, b)
        if is_exact:
            return "", (), True
        reason = layout_difference(ours, theirs)
        found = compare_tables(ours, theirs, tolerance, lambda column: flags if column in _FLAGS else None)
        return reason, tuple(found), False
    if _kind(a) != _kind(b):
        return f"{_kind(a)} in A, {_kind(b)} in B", (), False
    is_exact = _same_bytes(a, b)
    return "" if is_exact else "its bytes differ", (), is_exact


def _kind(hdu: _Hdu) -> str:
    return "image" if hdu.is_image else str(hdu.header.get("XTENSION", "random groups")).strip()


def _compare_images(
    name: str, a: _Hdu, b: _Hdu, tolerance: Tolerance, flags: Mapping[int, str]
) -> tuple[str, tuple[ValueDifference, ...], bool]:
    shape, other = image_shape(a.header), image_shape(b.header)
    if shape != other:
        return f"{_size(shape)} in A, {_size(other)} in B", (), False
    if _same_layout(a, b) and _same_bytes(a, b):
        return "", (), True
    tally = Tally(tolerance, lambda number: pixel(number, shape), flags if name in _FLAGS else None)
    kinds, scales = [image_type(one.header) for one in (a, b)], [image_scale(one.header) for one in (a, b)]
    count = int(np.prod(shape)) if shape else 0
    step = max(1, PIECE // max(kind.itemsize // 4 or 1 for kind in kinds))
    for first in range(0, count, step):
        number = min(step, count - first)
        ours, theirs = (
            scale(read(one.file, one.start + first * kind.itemsize, kind, number))
            for one, kind, scale in zip((a, b), kinds, scales, strict=True)
        )
        tally.add(ours, theirs)
    found = tally.result()
    return "", () if found is None else (found,), False


def _size(shape: tuple[int, ...]) -> str:
    return f"{' x '.join(map(str, shape))} pixels" if shape else "no data"


def _same_layout(a: _Hdu, b: _Hdu) -> bool:
    """Tell whether equal bytes are equal values: types and scalings are the same."""
    structural = ("BITPIX", "NAXIS", "BSCALE", "BZERO", "BLANK", "PCOUNT", "GCOUNT", "THEAP", "TFIELDS")
    prefixes = ("NAXIS", "TFORM", "TSCAL", "TZERO", "TNULL", "TTYPE")
    keys = {key for one in (a, b) for key in one.values if key in structural or key.rstrip("0123456789") in prefixes}
    return all(a.values.get(key) == b.values.get(key) for key in keys)


def _same_bytes(a: _Hdu, b: _Hdu) -> bool:
    if a.size != b.size:
        return False
    kind = np.dtype("u1")
    ours, theirs = pieces(a.file, a.start, kind, a.size), pieces(b.file, b.start, kind, b.size)
    return all(one.tobytes() == other.tobytes() for one, other in zip(ours, theirs, strict=True))
