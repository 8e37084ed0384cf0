"""Suggestion of another dataset that a user may have meant, from the association tables at the input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Final

from caldp.domain.batch.holdings import Holdings
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.selection import plain_name

_MOST_NAMED: Final = 5


def suggest(dataset: AnyDataset, names: Iterable[str], read: Callable[[str], Association]) -> str:
    """Name the association that an exposure belongs to, or one whose name is much the same.

    Parameters
    ----------
    dataset
        Dataset that the user asked for.
    names
        Names of the files on offer; only tables of the same program and visit are looked into.
    read
        Reads the association table of a name.

    Returns
    -------
    str
        A question, such as ``j8cb01u3q is a member of an association; did you mean j8cb010b0?``; empty for none.
    """
    if dataset.is_mosaic:
        return ""
    tables = {
        file.root: name for name in names if (file := HstFileName.parse(plain_name(name))) and file.suffix == "asn"
    }
    if dataset.is_association:
        close = get_close_matches(dataset.name, tables.keys() - {dataset.name}, n=1, cutoff=0.85)
        return f"Did you mean {close[0]}?" if close else ""
    for root, name in sorted(tables.items()):
        if root[:6] == dataset.name[:6] and dataset.name in _members(name, read):
            return f"{dataset} is a member of an association; did you mean {root}?"
    return ""


def on_offer(dataset: AnyDataset, names: Iterable[str]) -> str:
    """Name the datasets that are there instead of the one that was asked for, those of the most similar names first.

    Parameters
    ----------
    dataset
        Dataset that the user asked for.
    names
        Names of the files on offer.

    Returns
    -------
    str
        A sentence; empty if there is no dataset.
    """
    there = Holdings.of((name, 0) for name in names).likely()
    shown = get_close_matches(dataset.name, there, n=_MOST_NAMED, cutoff=0.0)
    more = f" and {len(there) - len(shown)} more" if len(there) > len(shown) else ""
    return f"There is input of {', '.join(shown)}{more}." if shown else ""


def _members(name: str, read: Callable[[str], Association]) -> frozenset[str]:
    try:
        return read(name).roots
    except InvalidInput:  # a damaged table of another dataset is no trouble of this one's
        return frozenset()
