"""A product that must exist after calibration, and what its headers must say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

from caldp.domain.calibration.expected.structure import Structure
from caldp.domain.calibration.plan import Stage

_SECOND: Final = frozenset({Stage.STAGE2})
"""Stages that start from what another has made."""


@frozen
class ExpectedProduct:
    """A file that a stage must make.

    Attributes
    ----------
    name
        File name without directory.
    stage
        The stage that makes it.
    complete
        Calibration switches that must be COMPLETE, or SKIPPED, in its primary header afterwards.
    is_fits
        True if it must open as a FITS file; trailers are text.
    photometry
        True if PHOTFLAM must be other than 0 where PHOTCORR is COMPLETE.
    structure
        Parts that it must consist of; None where any whole FITS file will do.
    roots
        Rootnames in lower case, one of which must be in its header: its own, and of a sum also its members'.
        Empty where the header needs none.
    exposed
        True if its exposure time must be above 0.
    """

    name: str
    stage: Stage
    complete: frozenset[str] = frozenset()
    is_fits: bool = True
    photometry: bool = False
    structure: Structure | None = None
    roots: frozenset[str] = frozenset()
    exposed: bool = False


@frozen
class Expectation:
    """Files that a calibration must leave behind.

    Attributes
    ----------
    products
        Products that must be there.
    nothing_to_do
        Reason for no product at all, such as an acquisition that calcos does not calibrate; empty otherwise.
    left_out
        Stages that are not to be run, and why.
    notes
        Remarks on the products that can be made beforehand, one sentence each.
    manifest
        Name of the file that lists further products, empty if there is none.
    """

    products: tuple[ExpectedProduct, ...] = ()
    nothing_to_do: str = ""
    left_out: Mapping[Stage, str] = field(factory=dict)
    notes: tuple[str, ...] = ()
    manifest: str = ""

    def of(self, stage: Stage) -> tuple[ExpectedProduct, ...]:
        """Return the products of one stage."""
        return tuple(product for product in self.products if product.stage is stage)

    def before(self, stage: Stage) -> tuple[ExpectedProduct, ...]:
        """Return the products of the stages before one."""
        return tuple(product for product in self.products if product.stage is not stage) if stage in _SECOND else ()

    def without(self, switches: frozenset[str]) -> Expectation:
        """Ask for less: the given switches need not be COMPLETE."""
        return evolve(self, products=tuple(evolve(each, complete=each.complete - switches) for each in self.products))
