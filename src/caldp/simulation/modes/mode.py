"""A mode: a change to the simulated observation of an instrument, and reference files of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.modes.files import Change


def _nothing(_directory: Path) -> None:
    """Write no reference file."""


@frozen
class Mode:
    """An observation in a mode that the simulated one is not in.

    Attributes
    ----------
    dataset
        Its name, for `caldp process`.
    base
        The instrument whose simulated observation it is made of.
    change
        Changes the raw files in a directory.
    references
        Writes further reference files into the directory of the cache, or changes those that are there.
    rules
        Rules for these; one of the same kind takes the place of the instrument's own.
    without
        Kinds of reference files that the mode has not, although the instrument's observation has.
    """

    dataset: str
    base: str
    change: Change
    references: Callable[[Path], None] = _nothing
    rules: tuple[ReferenceRule, ...] = ()
    without: frozenset[str] = frozenset()
