"""What calcos makes of COS exposures.

Source: calcos 3.6.2 (``Observation.makeFileNames``, ``Calibration.combineToProduct``) and its products for FUV
TIME-TAG data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from caldp.domain.association import Association
from caldp.domain.expected.product import Expectation, ExpectedProduct
from caldp.domain.files import FitsFacts, HstFileName
from caldp.domain.plan import Observation, Stage

EXTRACTION_SWITCHES: Final = frozenset({"X1DCORR", "BACKCORR", "FLUXCORR", "TDSCORR", "HELCORR"})
"""Steps of the spectral extraction: COMPLETE in x1d, PERFORM for ever in corrtag, counts and flt."""


def expect_cos(observation: Observation) -> Expectation:
    """Derive what calcos must make from the raw headers and the association table."""
    exposures = {name: facts for name, facts in _given(observation).items() if _is_calibrated(facts)}
    if not exposures:
        return Expectation((), nothing_to_do=_why_nothing(observation))
    products: dict[str, ExpectedProduct] = {}
    for name, facts in exposures.items():
        for product in _products_of_exposure(name, facts):
            products.setdefault(product.name, product)
    if observation.association is not None:
        for product in _products_of_association(observation.association, exposures):
            products[product.name] = product
    return Expectation(tuple(products.values()))


def _given(observation: Observation) -> Mapping[str, FitsFacts]:
    """Choose what calcos is given: the association's members; acquisitions may lie beside them."""
    if observation.association is None:
        return observation.raws
    roots = observation.association.roots
    return {name: facts for name, facts in observation.raws.items() if name[:9] in roots}


def _is_calibrated(facts: FitsFacts) -> bool:
    """Tell whether calcos calibrates an exposure: of target acquisitions, images only."""
    if not any(state == "PERFORM" for state in facts.switches.values()):
        return False
    return not facts.text("EXPTYPE").startswith("ACQ") or facts.text("EXPTYPE") == "ACQ/IMAGE"


def _why_nothing(observation: Observation) -> str:
    kinds = sorted({facts.text("EXPTYPE") or "of unknown type" for facts in observation.raws.values()})
    return f"calcos calibrates no exposure that is {', '.join(kinds)} with these switches"


def _products_of_exposure(name: str, facts: FitsFacts) -> Iterator[ExpectedProduct]:
    parsed = HstFileName.parse(name)
    if parsed is None:
        return
    root, segment = parsed.root, parsed.suffix[-2:] if parsed.suffix.endswith(("_a", "_b")) else ""
    performed = _performed(facts)
    before_extraction = performed - EXTRACTION_SWITCHES
    kinds = ["flt", "counts"] + (["corrtag"] if facts.text("OBSMODE") == "TIME-TAG" else [])
    for kind in kinds:
        yield ExpectedProduct(f"{root}_{kind}{segment}.fits", Stage.STAGE1, before_extraction)
    if _makes_lampflash(facts):
        yield ExpectedProduct(f"{root}_lampflash.fits", Stage.STAGE1)
    if _is_extracted(facts):
        yield ExpectedProduct(f"{root}_x1d.fits", Stage.STAGE1, performed)
    yield ExpectedProduct(f"{root}.tra", Stage.STAGE1, is_fits=False)


def _products_of_association(association: Association, exposures: dict[str, FitsFacts]) -> Iterator[ExpectedProduct]:
    product = next((member.name for member in association.products), None)
    science = [facts for name, facts in exposures.items() if _is_science(name, facts, association)]
    if product is None or not science:
        return
    if any(facts.text("OBSTYPE") == "IMAGING" for facts in science):
        yield ExpectedProduct(f"{product}_fltsum.fits", Stage.STAGE1)
    spectra = [facts for facts in science if _is_extracted(facts)]
    performed = frozenset[str]().union(*(_performed(facts) for facts in spectra))
    if spectra:
        yield ExpectedProduct(f"{product}_x1dsum.fits", Stage.STAGE1, performed)
    positions = {int(facts.number("FPPOS") or 0) for facts in spectra} - {0}
    for position in sorted(positions):
        yield ExpectedProduct(f"{product}_x1dsum{position}.fits", Stage.STAGE1, performed)


def _is_science(name: str, facts: FitsFacts, association: Association) -> bool:
    parsed = HstFileName.parse(name)
    members = {member.name for member in association.exposures}
    return parsed is not None and parsed.root in members and facts.text("EXPTYPE") == "EXTERNAL/SCI"


def _performed(facts: FitsFacts) -> frozenset[str]:
    return frozenset(switch for switch, state in facts.switches.items() if state == "PERFORM")


def _is_extracted(facts: FitsFacts) -> bool:
    return facts.text("OBSTYPE") == "SPECTROSCOPIC" and facts.switches.get("X1DCORR") == "PERFORM"


def _makes_lampflash(facts: FitsFacts) -> bool:
    flashes = facts.text("TAGFLASH")
    return flashes not in ("", "NONE", "N/A") and facts.switches.get("WAVECORR") == "PERFORM"
