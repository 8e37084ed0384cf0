"""Products of calwf3.e from WFC3 exposures.

Source: calwf3 3.7.3 (``procccd.c``, ``procir.c``, ``wf3table.c``), and its products for IR and for
a UVIS subarray.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve

from caldp.domain.calibration.expected.drizzle import with_drizzled
from caldp.domain.calibration.expected.exposures import SubProduct, exposures, marked, performed, sub_products
from caldp.domain.calibration.expected.images import of_exposure, of_group
from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.structure import IR_IMSET, Structure, blank_notes, combined, image_sets, like_raw
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.files import FitsFacts

_LATER: Final = frozenset({"DRIZCORR", "RPTCORR"})
"""Steps that combine exposures."""
_WITHOUT_CTE: Final = frozenset({"PCTECORR"})
_NO_WORK: Final = frozenset({"DRIZCORR", "EXPSCORR"})
"""Switches that alone give calwf3 nothing to do."""
_NO_WORK_OF_IR: Final = _NO_WORK | {"UNITCORR", "ZSIGCORR", "RPTCORR"}
"""The same of IR: steps that ``getirflags.c`` does not count."""
_FLAT_FIELDING: Final = frozenset({"DARKCORR", "FLATCORR", "SHADCORR", "PHOTCORR", "FLUXCORR"})
"""Steps of wf32d (``getreffiles.c``)."""
_OF_UVIS: Final = frozenset({"ATODCORR", "BIASCORR", "FLSHCORR", "SHADCORR", "FLUXCORR", "PCTECORR", "EXPSCORR"})
_OF_IR: Final = frozenset({"ZSIGCORR", "ZOFFCORR", "NLINCORR", "UNITCORR"})
"""Steps that calwf3 passes over on the other detector; their switches stay (``getswitches.c``)."""


def expect_wfc3(observation: Observation) -> Expectation:
    """Derive what calwf3 and runastrodriz must make from the raw headers and the association table."""
    given = exposures(observation)
    is_ir = {facts.required("DETECTOR") for facts in given.values()} == {"IR"}
    if not any(_steps(facts) - (_NO_WORK_OF_IR if is_ir else _NO_WORK) for facts in given.values()):
        return Expectation(nothing_to_do="no calibration switch that calwf3 starts from is set to PERFORM")
    products = _of_ir(observation, given) if is_ir else _of_uvis(observation, given)
    corrected = not is_ir and any("PCTECORR" in _steps(facts) for facts in given.values())
    expectation = Expectation(tuple(products), notes=blank_notes(given.values()))
    return with_drizzled(expectation, observation, given, flc=corrected)


def _steps(facts: FitsFacts) -> frozenset[str]:
    """List the steps that are asked for and that the detector has."""
    return performed(facts) - (_OF_UVIS if facts.required("DETECTOR") == "IR" else _OF_IR)


def _of_ir(observation: Observation, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    for root, facts in given.items():
        complete = _steps(facts) - _LATER
        yield evolve(of_exposure(root, facts, _ramp(facts)), name=f"{root}_ima.fits", complete=complete)
        fitted = of_exposure(root, facts, combined([facts], IR_IMSET))
        yield evolve(fitted, name=f"{root}_flt.fits", complete=complete)
        yield ExpectedProduct(f"{root}.tra", Stage.STAGE1, is_fits=False)
    # Other than for UVIS, the switch of the first exposure decides and not the association table.
    if "RPTCORR" in _steps(next(iter(given.values()))):
        for group in sub_products(observation, given):
            complete = _steps(given[group.roots[0]]) - _LATER
            made = of_group(group, given, sets=1)  # without SAMP and TIME: rej_do.c, cr_history.c
            yield evolve(made, name=f"{group.name}_crj.fits", complete=complete, photometry=False)


def _ramp(facts: FitsFacts) -> Structure:
    """Describe the calibrated reads, which are all there; of the first read, the last set, nothing may be left."""
    structure = like_raw(facts, IR_IMSET)
    return evolve(structure, blank=structure.blank | {structure.sets}) if structure.sets > 1 else structure


def _of_uvis(observation: Observation, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    groups = sub_products(observation, given)
    grouped = {root for group in groups for root in group.roots}
    for root, facts in given.items():
        # Of exposures that are combined, calibrated ones are made on request only.
        if root not in grouped or "EXPSCORR" in _steps(facts):
            yield from _of_uvis_exposure(root, facts)
        yield ExpectedProduct(f"{root}.tra", Stage.STAGE1, is_fits=False)
    for group in groups:
        yield from _of_uvis_group(group, given)


def _of_uvis_exposure(root: str, facts: FitsFacts) -> Iterator[ExpectedProduct]:
    switches = marked(_steps(facts), _FLAT_FIELDING) - _LATER - {"CRCORR"}
    made = of_exposure(root, facts, like_raw(facts))
    yield evolve(made, name=f"{root}_flt.fits", complete=switches - _WITHOUT_CTE)
    if "PCTECORR" in switches:
        yield evolve(made, name=f"{root}_flc.fits", complete=switches)


def _of_uvis_group(group: SubProduct, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    first = given[group.roots[0]]
    switches, made = marked(_steps(first), _FLAT_FIELDING) - _LATER, of_group(group, given, image_sets(first))
    yield evolve(made, name=f"{group.name}_crj.fits", complete=switches - _WITHOUT_CTE)
    if "PCTECORR" in switches:
        yield evolve(made, name=f"{group.name}_crc.fits", complete=switches)
    yield ExpectedProduct(f"{group.name}.tra", Stage.STAGE1, is_fits=False)
