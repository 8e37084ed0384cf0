"""What calwf3.e makes of WFC3 exposures.

Source: calwf3 3.7.3 (``procccd.c``, ``procir.c``, ``wf3table.c``), and its products for IR and for
a UVIS subarray.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from caldp.domain.expected.drizzle import with_drizzled
from caldp.domain.expected.exposures import SubProduct, exposures, performed, sub_products
from caldp.domain.expected.product import Expectation, ExpectedProduct
from caldp.domain.files import FitsFacts
from caldp.domain.plan import Observation, Stage

_LATER: Final = frozenset({"DRIZCORR", "RPTCORR"})
"""Steps that combine exposures."""
_WITHOUT_CTE: Final = frozenset({"PCTECORR"})
_NO_WORK: Final = frozenset({"DRIZCORR", "EXPSCORR"})
"""Switches that alone give calwf3 nothing to do."""


def expect_wfc3(observation: Observation) -> Expectation:
    """Derive what calwf3 and runastrodriz must make from the raw headers and the association table."""
    given = exposures(observation)
    if not any(performed(facts) - _NO_WORK for facts in given.values()):
        return Expectation(nothing_to_do="no calibration switch is set to PERFORM")
    is_ir = all(facts.text("DETECTOR") == "IR" for facts in given.values())
    products = _of_ir(observation, given) if is_ir else _of_uvis(observation, given)
    corrected = not is_ir and any("PCTECORR" in performed(facts) for facts in given.values())
    return with_drizzled(Expectation(tuple(products)), observation, given, flc=corrected)


def _of_ir(observation: Observation, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    for root, facts in given.items():
        imaging = facts.text("OBSTYPE") == "IMAGING"
        for suffix in ("ima", "flt"):
            complete = performed(facts) - _LATER
            yield ExpectedProduct(f"{root}_{suffix}.fits", Stage.STAGE1, complete, photometry=imaging)
        yield ExpectedProduct(f"{root}.tra", Stage.STAGE1, is_fits=False)
    # Other than for UVIS, the switch of the first exposure decides and not the association table.
    if "RPTCORR" in performed(next(iter(given.values()))):
        for group in sub_products(observation, given):
            complete = performed(given[group.roots[0]]) - _LATER
            yield ExpectedProduct(f"{group.name}_crj.fits", Stage.STAGE1, complete)


def _of_uvis(observation: Observation, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    groups = sub_products(observation, given)
    grouped = {root for group in groups for root in group.roots}
    for root, facts in given.items():
        # Of exposures that are combined, calibrated ones are made on request only.
        if root not in grouped or "EXPSCORR" in performed(facts):
            yield from _of_uvis_exposure(root, facts)
        yield ExpectedProduct(f"{root}.tra", Stage.STAGE1, is_fits=False)
    for group in groups:
        yield from _of_uvis_group(group, given)


def _of_uvis_exposure(root: str, facts: FitsFacts) -> Iterator[ExpectedProduct]:
    switches, imaging = performed(facts) - _LATER - {"CRCORR"}, facts.text("OBSTYPE") == "IMAGING"
    yield ExpectedProduct(f"{root}_flt.fits", Stage.STAGE1, switches - _WITHOUT_CTE, photometry=imaging)
    if "PCTECORR" in switches:
        yield ExpectedProduct(f"{root}_flc.fits", Stage.STAGE1, switches, photometry=imaging)


def _of_uvis_group(group: SubProduct, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    first = given[group.roots[0]]
    switches, imaging = performed(first) - _LATER, first.text("OBSTYPE") == "IMAGING"
    yield ExpectedProduct(f"{group.name}_crj.fits", Stage.STAGE1, switches - _WITHOUT_CTE, photometry=imaging)
    if "PCTECORR" in switches:
        yield ExpectedProduct(f"{group.name}_crc.fits", Stage.STAGE1, switches, photometry=imaging)
    yield ExpectedProduct(f"{group.name}.tra", Stage.STAGE1, is_fits=False)
