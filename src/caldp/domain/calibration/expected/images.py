"""Calibrated images of ACS and WFC3: expectations that all programs share."""

from __future__ import annotations

from collections.abc import Mapping

from caldp.domain.calibration.expected.exposures import SubProduct, is_exposed, is_imaging
from caldp.domain.calibration.expected.product import ExpectedProduct
from caldp.domain.calibration.expected.structure import IMSET, Structure, combined
from caldp.domain.calibration.plan import Stage
from caldp.domain.hst.files import FitsFacts


def of_exposure(root: str, facts: FitsFacts, structure: Structure) -> ExpectedProduct:
    """Describe a calibrated exposure of stage 1; its name and switches are still to be set.

    Parameters
    ----------
    root
        Its rootname.
    facts
        The raw header.
    structure
        Parts that it must consist of.
    """
    return ExpectedProduct(
        root,
        Stage.STAGE1,
        photometry=is_imaging(facts),
        structure=structure,
        roots=frozenset({root}),
        exposed=is_exposed([facts]),
    )


def of_group(
    group: SubProduct, given: Mapping[str, FitsFacts], sets: int, parts: frozenset[str] = IMSET
) -> ExpectedProduct:
    """Describe the product of exposures that are combined; its name and switches are still to be set.

    calacs and calwf3 write the product's rootname or that of its first exposure into the header.

    Parameters
    ----------
    group
        The exposures and their product.
    given
        Raw headers by rootname.
    sets, parts
        Number of image sets that it must have, and the parts of each.
    """
    raws = [given[root] for root in group.roots]
    return ExpectedProduct(
        group.name,
        Stage.STAGE1,
        photometry=is_imaging(raws[0]),
        structure=combined(raws, parts, sets),
        roots=frozenset({group.name, *group.roots}),
        exposed=is_exposed(raws),
    )
