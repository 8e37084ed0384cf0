"""Products of calacs.e from ACS exposures.

Source: calacs 10.5 (``calacs.c``, ``acstable.c``, ``do2d.c``), and its products for SBC and HRC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve

from caldp.domain.calibration.expected.drizzle import with_drizzled
from caldp.domain.calibration.expected.exposures import SubProduct, exposures, marked, performed, sub_products
from caldp.domain.calibration.expected.images import of_exposure, of_group
from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.structure import blank_notes, image_sets, like_raw
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.files import FitsFacts

_LATER: Final = frozenset({"DRIZCORR", "CRCORR", "RPTCORR"})
"""Steps that combine exposures: no single calibrated exposure has them done by calacs."""
_WITHOUT_CTE: Final = frozenset({"PCTECORR"})
_NO_WORK: Final = frozenset({"DRIZCORR", "EXPSCORR"})
"""Switches that alone give calacs nothing to do."""
_FLAT_FIELDING: Final = frozenset({"DARKCORR", "FLSHCORR", "FLATCORR", "SHADCORR", "PHOTCORR"})
"""Steps of acs2d (``sciflags.c``)."""
_OF_CCDS: Final = frozenset(
    {"ATODCORR", "BIASCORR", "BLEVCORR", "PCTECORR", "FLSHCORR", "SINKCORR", "SHADCORR", "CRCORR", "EXPSCORR"}
)
_OF_MAMA: Final = frozenset({"GLINCORR", "LFLGCORR"})
"""Steps that calacs passes over on the other kind of detector; their switches stay (``sanity2d.c``, ``calacs.c``)."""


def expect_acs(observation: Observation) -> Expectation:
    """Derive what calacs and runastrodriz must make from the raw headers and the association table."""
    given = exposures(observation)
    if not any(_steps(facts) - _NO_WORK for facts in given.values()):
        return Expectation(nothing_to_do="no calibration switch is set to PERFORM")
    corrected = {root for root, facts in given.items() if "PCTECORR" in _steps(facts)}
    products = [product for root, facts in given.items() for product in _of_exposure(root, facts)]
    for group in sub_products(observation, given):
        products += _of_group(group, given)
    expectation = Expectation(tuple(products), notes=blank_notes(given.values()))
    return with_drizzled(expectation, observation, given, flc=bool(corrected))


def _steps(facts: FitsFacts) -> frozenset[str]:
    """List the steps that are asked for and that the detector has."""
    return performed(facts) - (_OF_CCDS if facts.required("DETECTOR") == "SBC" else _OF_MAMA)


def _of_exposure(root: str, facts: FitsFacts) -> Iterator[ExpectedProduct]:
    switches, made = marked(_steps(facts), _FLAT_FIELDING), of_exposure(root, facts, like_raw(facts))
    yield evolve(made, name=f"{root}_flt.fits", complete=switches - _LATER - _WITHOUT_CTE)
    if "PCTECORR" in switches:
        yield evolve(made, name=f"{root}_flc.fits", complete=switches - _LATER)
    yield ExpectedProduct(f"{root}.tra", Stage.STAGE1, is_fits=False)


def _of_group(group: SubProduct, given: Mapping[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    """List what is made of CR-SPLIT or repeated exposures: CCDs are cleaned of cosmic rays, MAMAs are summed."""
    first = given[group.roots[0]]
    switches = marked(_steps(first), _FLAT_FIELDING) - {"DRIZCORR"}
    made = of_group(group, given, image_sets(first))
    if first.required("DETECTOR") == "SBC":
        yield evolve(made, name=f"{group.name}_sfl.fits", complete=switches)
    else:
        cleaned = switches - {"RPTCORR"}  # calacs takes RPTCORR of a CCD for CRCORR, and leaves the switch alone
        yield evolve(made, name=f"{group.name}_crj.fits", complete=cleaned - _WITHOUT_CTE)
        if "PCTECORR" in switches:
            yield evolve(made, name=f"{group.name}_crc.fits", complete=cleaned)
    yield ExpectedProduct(f"{group.name}.tra", Stage.STAGE1, is_fits=False)
