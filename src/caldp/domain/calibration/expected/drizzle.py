"""Products of runastrodriz from calibrated ACS and WFC3 exposures.

Source: drizzlepac 3.11 (``runastrodriz.process``), stsci.tools (``asnutil.readASNTable``), and products for ACS/SBC,
ACS/HRC and WFC3/IR.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from caldp.domain.calibration.expected.exposures import is_exposed
from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.structure import DRIZZLED, HEADERLET, combined
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.association import Association
from caldp.domain.hst.files import FitsFacts

_ROOTNAMES: Final = {"drz": "{}", "drc": "{}_drc.fits"}
"""ROOTNAME of each product: drizzlepac 3.11 cuts ``_drz`` off its name, and nothing else (``outputimage.py``)."""
_NAMING_KINDS: Final = ("PROD-DTH", "PROD-RPT", "PROD-CRJ")


def with_drizzled(
    expectation: Expectation, observation: Observation, exposures: Mapping[str, FitsFacts], *, flc: bool
) -> Expectation:
    """Add the products of stage 2 to those of stage 1.

    Parameters
    ----------
    expectation
        Expectation of stage 1.
    observation
        Observation under calibration.
    exposures
        Raw headers by rootname, in the order of the association.
    flc
        True if stage 1 makes exposures that are corrected for CTE.
    """
    made = {product.name for product in expectation.products}
    without_flt = [root for root in exposures if f"{root}_flt.fits" not in made]
    if without_flt:
        # It would drizzle the raw exposures in their place, and write into these.
        why = f"runastrodriz is not run, since no calibrated exposure is made of {', '.join(without_flt)}"
        return evolve(expectation, left_out={Stage.STAGE2: why})
    if next(iter(exposures.values())).required("DRIZCORR") != "PERFORM":
        return evolve(expectation, notes=(*expectation.notes, "Nothing is drizzled, since DRIZCORR is not PERFORM"))
    exposed = is_exposed(exposures.values())
    notes = () if exposed else ("The exposure time is 0, so the drizzled product holds no data",)
    root = _product_root(observation)
    drizzled = [
        ExpectedProduct(
            f"{root}_{suffix}.fits",
            Stage.STAGE2,
            # Without exposure time AstroDrizzle does nothing, and the switch stays.
            frozenset({"DRIZCORR"}) if exposed else frozenset(),
            structure=combined(exposures.values(), DRIZZLED) if exposed else None,
            roots=frozenset({root, _ROOTNAMES[suffix].format(root), observation.dataset.name, *exposures}),
            exposed=exposed,
        )
        for suffix in ("drz", *(("drc",) if flc else ()))
    ]
    headerlets = [
        ExpectedProduct(f"{root}_flt_hlet.fits", Stage.STAGE2, structure=HEADERLET) for root in exposures if exposed
    ]
    return evolve(
        expectation, products=(*expectation.products, *drizzled, *headerlets), notes=(*expectation.notes, *notes)
    )


def _product_root(observation: Observation) -> str:
    """Find the rootname of the drizzled product: of a single exposure its own."""
    association = observation.association
    return observation.dataset.name if association is None else _association_root(association)


def _association_root(association: Association) -> str:
    for kind in _NAMING_KINDS:
        for member in association.products:
            if member.kind.startswith(kind):
                return member.name
    return association.name
