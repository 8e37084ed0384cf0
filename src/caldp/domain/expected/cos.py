"""What calcos makes of COS exposures.

Source: calcos 3.6.2 (``calcos.py``: makeFileNames, checkSwitches, combineToProduct; ``timetag.py``, ``accum.py``),
and its products for FUV TIME-TAG spectra.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import field, frozen

from caldp.domain.expected.exposures import performed
from caldp.domain.expected.product import Expectation, ExpectedProduct
from caldp.domain.files import FitsFacts, HstFileName
from caldp.domain.plan import Observation, Stage

_SCIENCE: Final = frozenset({"EXTERNAL/SCI", "EXTERNAL/CAL", "DARK", "FLAT"})
_CALIBRATED: Final = _SCIENCE | {"WAVECAL", "ACQ/IMAGE"}
"""Types of exposures that calcos calibrates."""

_EXTRACTION: Final = frozenset({"X1DCORR", "BACKCORR", "FLUXCORR", "TDSCORR", "HELCORR"})
"""Steps of the spectral extraction: COMPLETE in x1d, PERFORM for ever in corrtag, counts and flt."""
_FUV_ONLY: Final = frozenset(
    {
        "TEMPCORR",
        "GEOCORR",
        "DGEOCORR",
        "IGEOCORR",
        "RANDCORR",
        "PHACORR",
        "XWLKCORR",
        "YWLKCORR",
        "BRSTCORR",
        "ALGNCORR",
    }
)
_NOT_FOR_WAVECALS: Final = frozenset({"DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR", "WAVECORR"})


@frozen
class _Exposure:
    """The raw files of one exposure: FUV has one for each segment.

    Attributes
    ----------
    root
        Its rootname.
    files
        Headers by the ending of the segment's file names: ``_a``, ``_b`` or nothing.
    """

    root: str
    files: Mapping[str, FitsFacts] = field(factory=dict)

    @property
    def first(self) -> FitsFacts:
        """The header that speaks for the exposure."""
        return next(iter(self.files.values()))

    @property
    def kind(self) -> str:
        """The exposure's type, such as ``EXTERNAL/SCI``."""
        return self.first.text("EXPTYPE")

    @property
    def has_flashes(self) -> bool:
        """Whether a lamp is flashed during the exposure, to be measured along with it."""
        flashes, number = self.first.text("TAGFLASH"), self.first.number("NUMFLASH")
        return flashes not in ("", "NONE", "N/A") and number != 0

    @property
    def is_extracted(self) -> bool:
        """Whether a spectrum is extracted."""
        return self.first.text("OBSTYPE") == "SPECTROSCOPIC" and "X1DCORR" in performed(self.first)

    @property
    def is_combined(self) -> bool:
        """Whether it is part of the association's product."""
        return self.kind in _SCIENCE and (not self.has_flashes or self.kind == "EXTERNAL/SCI")


def expect_cos(observation: Observation) -> Expectation:
    """Derive what calcos must make from the raw headers and the association table."""
    given = tuple(_given(observation))
    calibrated = tuple(exposure for exposure in given if exposure.kind in _CALIBRATED)
    if not any(performed(exposure.first) for exposure in calibrated):
        return Expectation(nothing_to_do=_why_nothing(given))
    products = [product for exposure in calibrated for product in _of_exposure(exposure)]
    products += _of_association(observation, calibrated)
    empty = [file.name for exposure in calibrated for file in exposure.files.values() if _is_empty(file)]
    return Expectation(tuple(products), notes=tuple(f"{name} holds no events" for name in empty))


def _given(observation: Observation) -> Iterator[_Exposure]:
    """Choose what calcos is given: an association's members; acquisitions may lie beside them."""
    by_root: dict[str, dict[str, FitsFacts]] = {}
    for name, facts in sorted(observation.raws.items()):
        parsed = HstFileName.parse(name)
        if parsed is not None:
            segment = parsed.suffix[-2:] if parsed.suffix.endswith(("_a", "_b")) else ""
            by_root.setdefault(parsed.root, {})[segment] = facts
    members = by_root if observation.association is None else [m.name for m in observation.association.exposures]
    return (_Exposure(root, by_root[root]) for root in members if root in by_root)


def _why_nothing(given: Iterable[_Exposure]) -> str:
    kinds = sorted({exposure.kind or "of unknown type" for exposure in given})
    return f"calcos calibrates no exposure that is {', '.join(kinds)} with these switches"


def _of_exposure(exposure: _Exposure) -> Iterator[ExpectedProduct]:
    kinds = ("flt", "counts") if exposure.kind == "ACQ/IMAGE" else ("flt", "counts", "corrtag")
    for segment, facts in exposure.files.items():
        complete = frozenset[str]() if _is_empty(facts) else _completed(exposure, facts) - _EXTRACTION
        for kind in kinds:
            yield ExpectedProduct(f"{exposure.root}_{kind}{segment}.fits", Stage.STAGE1, complete)
    filled = [facts for facts in exposure.files.values() if not _is_empty(facts)]
    is_tagged = exposure.first.text("OBSMODE") == "TIME-TAG" and exposure.has_flashes
    if filled and is_tagged and "WAVECORR" in performed(exposure.first):
        yield ExpectedProduct(f"{exposure.root}_lampflash.fits", Stage.STAGE1)
    if exposure.is_extracted:
        complete = _completed(exposure, filled[0]) if filled else frozenset[str]()
        yield ExpectedProduct(f"{exposure.root}_x1d.fits", Stage.STAGE1, complete)
    yield ExpectedProduct(f"{exposure.root}.tra", Stage.STAGE1, is_fits=False)


def _of_association(observation: Observation, calibrated: Iterable[_Exposure]) -> Iterator[ExpectedProduct]:
    association = observation.association
    product = next((member.name for member in association.products), None) if association else None
    if product is None:
        return
    roots = {name[:9] for name in observation.others if name.endswith("_spt.fits")}
    if any(exposure.root in roots for exposure in calibrated):
        yield ExpectedProduct(f"{product}_jnk.fits", Stage.STAGE1)
    combined = [exposure for exposure in calibrated if exposure.is_combined]
    if any(exposure.first.text("OBSTYPE") == "IMAGING" for exposure in combined):
        yield ExpectedProduct(f"{product}_fltsum.fits", Stage.STAGE1)
    spectra = [exposure for exposure in combined if exposure.is_extracted]
    if not spectra:
        return
    is_filled = not any(_is_empty(facts) for exposure in spectra for facts in exposure.files.values())
    complete = _completed(spectra[0], spectra[0].first) if is_filled else frozenset[str]()
    positions = sorted({int(exposure.first.number("FPPOS") or 0) for exposure in spectra} - {0})
    for suffix in ("x1dsum", *(f"x1dsum{position}" for position in positions)):
        yield ExpectedProduct(f"{product}_{suffix}.fits", Stage.STAGE1, complete)


def _is_empty(facts: FitsFacts) -> bool:
    """Tell whether a raw file of events holds none: calcos then writes products without data."""
    return any(extension.name == "EVENTS" and extension.data_bytes == 0 for extension in facts.extensions)


def _completed(exposure: _Exposure, facts: FitsFacts) -> frozenset[str]:
    """List the switches that must be COMPLETE in the exposure's last product: calcos turns some off by itself."""
    return performed(facts) - frozenset(_turned_off(exposure, facts))


def _turned_off(exposure: _Exposure, facts: FitsFacts) -> Iterator[str]:
    if exposure.kind == "WAVECAL":
        yield from _NOT_FOR_WAVECALS
    if facts.text("DETECTOR") == "NUV":
        yield from _FUV_ONLY
    if facts.text("APERTURE") in ("WCA", "FCA") or facts.text("OBSTYPE") == "SPECTROSCOPIC":
        yield "PHOTCORR"
    if facts.text("OBSTYPE") == "IMAGING" or exposure.kind == "ACQ/IMAGE":
        yield from _EXTRACTION | {"DOPPCORR"}
        return
    if "X1DCORR" not in performed(facts):
        yield from _EXTRACTION
    if "FLUXCORR" not in performed(facts):
        yield "TDSCORR"
    is_tagged = facts.text("OBSMODE") == "TIME-TAG"
    if facts.number("DOPPMAGV" if is_tagged else "DOPMAGT") == 0 or not (is_tagged or "FLATCORR" in performed(facts)):
        yield "DOPPCORR"
    if not is_tagged:
        yield "BRSTCORR"
    if (facts.number("RA_TARG") or 0) < 0:
        yield "HELCORR"
