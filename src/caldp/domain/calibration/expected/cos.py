"""Products of calcos from COS exposures.

Source: calcos 3.6.2 (``calcos.py``: makeFileNames, checkSwitches, combineToProduct; ``timetag.py``, ``accum.py``),
and its products for FUV TIME-TAG spectra.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from caldp.domain.calibration.expected.cos_exposure import (
    CALIBRATED,
    EXTRACTION,
    Exposure,
    completed,
    is_blank,
    is_empty,
    why_blank,
)
from caldp.domain.calibration.expected.exposures import performed, require_exposures
from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.structure import Structure, blank_notes, like_raw, spectrum_table, table
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.files import FitsFacts, HstFileName


def expect_cos(observation: Observation) -> Expectation:
    """Derive what calcos must make from the raw headers and the association table."""
    by_root = {exposure.root: exposure for exposure in given_exposures(observation)}
    given = tuple(require_exposures(by_root, observation).values())
    calibrated = tuple(exposure for exposure in given if exposure.kind in CALIBRATED)
    if not any(exposure.is_started for exposure in calibrated):
        return Expectation(nothing_to_do=_why_nothing(given))
    products = [product for exposure in calibrated for product in _of_exposure(exposure)]
    products += _of_association(observation, calibrated)
    files = [file for exposure in calibrated for file in exposure.files.values()]
    notes = tuple(filter(None, map(why_blank, files)))
    return Expectation(tuple(products), notes=notes + blank_notes(files))


def given_exposures(observation: Observation) -> Iterator[Exposure]:
    """Choose the exposures that calcos is given: an association's members; acquisitions may lie beside them."""
    by_root: dict[str, dict[str, FitsFacts]] = {}
    for name, facts in sorted(observation.raws.items()):
        parsed = HstFileName.parse(name)
        if parsed is not None:
            segment = parsed.suffix[-2:] if parsed.suffix.endswith(("_a", "_b")) else ""
            by_root.setdefault(parsed.root, {})[segment] = facts
    members = by_root if observation.association is None else [m.name for m in observation.association.exposures]
    return (Exposure(root, by_root[root]) for root in members if root in by_root)


def _why_nothing(given: Iterable[Exposure]) -> str:
    kinds = sorted({exposure.kind for exposure in given})
    return f"calcos calibrates no exposure that is {', '.join(kinds)} with these switches"


def _of_exposure(exposure: Exposure) -> Iterator[ExpectedProduct]:
    kinds = ("flt", "counts") if exposure.kind == "ACQ/IMAGE" else ("flt", "counts", "corrtag")
    roots = frozenset({exposure.root})
    for segment, facts in exposure.files.items():
        empty = is_empty(facts)
        complete = frozenset[str]() if empty else completed(exposure, facts) - EXTRACTION
        exposed = facts.required_number("EXPTIME") > 0 and not empty
        for kind in kinds:
            yield ExpectedProduct(
                f"{exposure.root}_{kind}{segment}.fits",
                Stage.STAGE1,
                complete,
                structure=None if empty else _of_segment(kind, exposure, facts),
                roots=roots,
                exposed=exposed,
            )
    filled = [facts for facts in exposure.files.values() if not is_empty(facts)]
    if filled and exposure.is_tagged and exposure.has_flashes and "WAVECORR" in performed(exposure.first):
        yield ExpectedProduct(
            f"{exposure.root}_lampflash.fits",
            Stage.STAGE1,
            structure=table("LAMPFLASH"),
            roots=roots,
            exposed=exposure.is_exposed,
        )
    if exposure.is_extracted:
        yield ExpectedProduct(
            f"{exposure.root}_x1d.fits",
            Stage.STAGE1,
            completed(exposure, filled[0]) if filled else frozenset(),
            structure=spectrum_table(blank=exposure.is_blank),
            roots=roots,
            exposed=exposure.is_exposed,
        )
    yield ExpectedProduct(f"{exposure.root}.tra", Stage.STAGE1, is_fits=False)


def _of_segment(kind: str, exposure: Exposure, facts: FitsFacts) -> Structure:
    """Describe a product of a raw file that holds data: a list of events, or images."""
    blank = is_blank(facts)
    if kind == "corrtag":
        return table("EVENTS", "GTI", "TIMELINE", blank=blank)
    if exposure.kind == "ACQ/IMAGE":
        return like_raw(facts)  # an image before the target was centred, and one after
    return Structure(blank=frozenset({1}) if blank else frozenset())


def _of_association(observation: Observation, calibrated: Iterable[Exposure]) -> Iterator[ExpectedProduct]:
    association = observation.association
    product = next((member.name for member in association.products), None) if association else None
    if product is None:
        return
    own = {product, observation.dataset.name}
    roots = {name[:9] for name in observation.others if name.endswith("_spt.fits")}
    if any(exposure.root in roots for exposure in calibrated):
        yield ExpectedProduct(f"{product}_jnk.fits", Stage.STAGE1, roots=frozenset(own))
    combined = [exposure for exposure in calibrated if exposure.is_combined]
    images = [exposure for exposure in combined if exposure.first.required("OBSTYPE") == "IMAGING"]
    if images:
        yield evolve(_sum(f"{product}_fltsum.fits", images, own), structure=_of_sum(images))
    spectra = [exposure for exposure in combined if exposure.is_extracted]
    if not spectra:
        return
    is_filled = not any(is_empty(facts) for exposure in spectra for facts in exposure.files.values())
    complete = completed(spectra[0], spectra[0].first) if is_filled else frozenset[str]()
    yield evolve(_sum(f"{product}_x1dsum.fits", spectra, own), complete=complete)
    for position in sorted({int(exposure.first.required_number("FPPOS")) for exposure in spectra} - {0}):
        there = [exposure for exposure in spectra if exposure.first.number("FPPOS") == position]
        yield evolve(_sum(f"{product}_x1dsum{position}.fits", there, own), complete=complete)


def _sum(name: str, exposures: Iterable[Exposure], own: Iterable[str]) -> ExpectedProduct:
    """Describe the sum of some exposures, by default of spectra: calcos gives it the rootname of the first."""
    members = tuple(exposures)
    return ExpectedProduct(
        name,
        Stage.STAGE1,
        structure=spectrum_table(blank=all(exposure.is_blank for exposure in members)),
        roots=frozenset({*own, *(exposure.root for exposure in members)}),
        exposed=all(exposure.is_exposed for exposure in members),
    )


def _of_sum(images: Iterable[Exposure]) -> Structure:
    return Structure(blank=frozenset({1}) if all(exposure.is_blank for exposure in images) else frozenset())
