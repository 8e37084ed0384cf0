"""Pairs of what belongs together on two sides, and what the records' digests tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from caldp.domain.comparison.agreement import Agreement
from caldp.domain.comparison.difference import ProductDifference
from caldp.domain.hst.digests import HduDigest
from caldp.domain.run.recorded import RecordedFile

_Item = TypeVar("_Item")


def paired(
    a: Iterable[tuple[tuple[str, int], _Item]], b: Iterable[tuple[tuple[str, int], _Item]]
) -> Iterator[tuple[tuple[str, int], _Item | None, _Item | None]]:
    """Pair the HDUs of two files by EXTNAME and EXTVER; of those that come twice, the first with the first.

    Parameters
    ----------
    a, b
        Name and version of each HDU, and the HDU, in order.

    Yields
    ------
    key, item of a, item of b
        None for what is in the other file only; in the order of A, then of B.
    """
    rest: dict[tuple[str, int], list[_Item]] = {}
    for key, item in b:
        rest.setdefault(key, []).append(item)
    for key, item in a:
        waiting = rest.get(key)
        yield key, item, waiting.pop(0) if waiting else None
    for key, left in rest.items():
        for item in left:
            yield key, None, item


def same_by_digests(a: RecordedFile | None, b: RecordedFile | None) -> ProductDifference | None:
    """Tell from digests alone that two FITS files have the same data and headers; None if they must be read.

    Parameters
    ----------
    a, b
        The files as their runs have recorded them; None where there is no record.
    """
    if a is None or b is None:
        return None
    if (a.sha256 and a.sha256 == b.sha256) or (a.hdus and a.hdus == b.hdus):
        return ProductDifference(a.name, Agreement.EXACT)
    return None


def differing(a: Sequence[HduDigest], b: Sequence[HduDigest]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the HDUs whose data differ, and those of which only the header does.

    Parameters
    ----------
    a, b
        Digests of the HDUs of two files.

    Returns
    -------
    data, headers : tuple of str
        Labels such as ``SCI,1``. HDUs of one file only are among the former.
    """
    data, headers = [], []
    for (name, version), ours, theirs in paired(_keyed(a), _keyed(b)):
        label = f"{name},{version}" if name else "primary"
        if ours is None or theirs is None or ours.data != theirs.data:
            data.append(label)
        elif ours.header != theirs.header:
            headers.append(label)
    return tuple(data), tuple(headers)


def _keyed(digests: Sequence[HduDigest]) -> Iterator[tuple[tuple[str, int], HduDigest]]:
    return (((digest.name, digest.version), digest) for digest in digests)
