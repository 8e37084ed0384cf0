"""The port ReferenceChoice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from caldp.domain.stale.rules import ContextFacts, InstrumentFacts


class ReferenceChoice(Protocol):
    """Chooses references by the rules of one CRDS context; downloads nothing, and touches no header.

    Methods may be called from several threads. All of them raise `BestrefsError` if the context, or its rules for an
    instrument, are not to be had.
    """

    def context(self) -> ContextFacts:
        """Return what holds for the context as a whole."""

    def instrument(self, name: str) -> InstrumentFacts:
        """Return what holds for the rules of an instrument, given in lower case."""

    def assign(self, selection: Mapping[str, str]) -> Mapping[str, str]:
        """Return the references of an exposure.

        Parameters
        ----------
        selection
            Header values by keyword in upper case, as texts; INSTRUME among them.

        Returns
        -------
        mapping
            Name of the file by type; ``N/A`` for none, and a text that begins with ``NOT FOUND`` where a rule fails.
            Types that the rules leave alone are left out.
        """

    def locate(self, names: Iterable[str]) -> Mapping[str, Path | None]:
        """Find reference files in the cache by name; None for those that are not there."""

    def close(self) -> None:
        """Let go of whatever was begun; may be called at any time, more than once."""
