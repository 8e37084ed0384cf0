"""Values of products that a test makes up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.domain.report.image import ImageValues
from caldp.domain.report.page import Curve, FlagShare


@frozen
class FakeProducts:
    """Hands out what it was given; implements the port ProductReader.

    Attributes
    ----------
    known
        Curves of each file by its name.
    flagged
        Shares of flags of each file by its name.
    images, headers
        Image and header values of each file by its name.
    """

    known: Mapping[str, tuple[Curve, ...]] = field(factory=dict)
    flagged: Mapping[str, tuple[FlagShare, ...]] = field(factory=dict)
    images: Mapping[str, ImageValues] = field(factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(factory=dict)

    def curves(self, path: Path) -> tuple[Curve, ...]:
        return self.known.get(path.name, ())

    def flags(self, path: Path) -> tuple[FlagShare, ...]:
        return self.flagged.get(path.name, ())

    def image(self, path: Path) -> ImageValues | None:
        return self.images.get(path.name)

    def header(self, path: Path) -> Mapping[str, str]:
        return self.headers.get(path.name, {})
