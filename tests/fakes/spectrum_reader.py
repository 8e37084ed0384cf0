"""Spectra that a test makes up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.domain.report.page import Curve


@frozen
class FakeSpectra:
    """Hands out what it was given; implements the port SpectrumReader.

    Attributes
    ----------
    known
        Curves of each file by its name.
    """

    known: Mapping[str, tuple[Curve, ...]] = field(factory=dict)

    def curves(self, path: Path) -> tuple[Curve, ...]:
        return self.known.get(path.name, ())
