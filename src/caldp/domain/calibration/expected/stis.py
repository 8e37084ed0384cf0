"""Products of cs0.e from STIS exposures.

Source: calstis 3.5 (``calstis0.c``, ``sciflags.c``, ``history7.c``, ``do1dx.c``), and its products for CCD spectra.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from caldp.domain.calibration.expected.exposures import performed, require_exposures
from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.structure import (
    Structure,
    blank_notes,
    blank_sets,
    combined,
    image_sets,
    like_raw,
    spectrum_table,
)
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.files import FitsFacts, HstFileName

_BASIC: Final = frozenset(
    {
        "DQICORR", "ATODCORR", "BLEVCORR", "BIASCORR", "DARKCORR", "FLATCORR", "SHADCORR", "PHOTCORR", "LORSCORR",
        "GLINCORR", "LFLGCORR",
    }
)  # fmt: skip
"""Two-dimensional reduction: COMPLETE in every product."""
_AFTER_REJECTION: Final = frozenset(
    {"DARKCORR", "FLATCORR", "SHADCORR", "PHOTCORR", "LORSCORR", "GLINCORR", "LFLGCORR"}
)
"""Steps of the pass that follows the rejection of cosmic rays. Without one, calstis leaves out the single exposures
beside their sum (``sciflags.c``, ``calstis0.c``)."""
_OTHER_DETECTOR: Final = {
    True: frozenset({"LORSCORR", "GLINCORR", "LFLGCORR"}),
    False: frozenset({"ATODCORR", "BLEVCORR", "BIASCORR", "SHADCORR"}),
}
"""Steps that calstis passes over on the CCD, and on a MAMA; their switches stay (``sanity1.c``)."""
_UNTOLD: Final = frozenset({"DOPPCORR", "SC2DCORR", "EXPSCORR"})
"""Switches that calstis carries out and does not set to COMPLETE."""
_UNMARKED: Final = _UNTOLD - {"EXPSCORR"}
"""Those of them that no product shows either."""
_EXTRACTION: Final = frozenset({"X1DCORR", "BACKCORR", "DISPCORR", "HELCORR", "FLUXCORR", "CTECORR"})
_RECTIFICATION: Final = frozenset({"X2DCORR", "DISPCORR", "HELCORR", "FLUXCORR", "SGEOCORR"})
_COMBINATION: Final = frozenset({"CRCORR", "RPTCORR"})


def expect_stis(observation: Observation) -> Expectation:
    """Derive what calstis must make from the raw headers: of raw exposures, or of wavecals where there are none."""
    parsed = {name: HstFileName.parse(name) for name in sorted(observation.raws)}
    for suffix in ("raw", "wav"):
        given = {file: observation.raws[name] for name, file in parsed.items() if file and file.suffix == suffix}
        if given:
            break
    require_exposures({file.root: facts for file, facts in given.items()}, observation)
    idle = {file: why for file, facts in given.items() if (why := _why_nothing(facts))}
    products = [product for file, facts in given.items() if file not in idle for product in _of_exposure(file, facts)]
    reasons = tuple(f"{file}: {why}" for file, why in idle.items())
    if not products:
        return Expectation(nothing_to_do="; ".join(reasons))
    notes = tuple(f"Nothing is made of {reason}" for reason in reasons)
    notes += tuple(_untold(file, facts) for file, facts in given.items() if performed(facts) & _UNMARKED)
    return Expectation(tuple(products), notes=notes + blank_notes(given.values()))


def _base(file: HstFileName) -> str:
    """Return what a product's name begins with: calstis knows the suffix of raw files only."""
    return file.root if file.suffix == "raw" else f"{file.root}_{file.suffix}"


def _untold(file: HstFileName, facts: FitsFacts) -> str:
    steps = " and ".join(sorted(performed(facts) & _UNMARKED))
    return f"{file}: whether {steps} was done cannot be judged, since calstis does not mark it as done"


def _why_nothing(facts: FitsFacts) -> str:
    is_bias = facts.required("DETECTOR") == "CCD" and facts.text("TARGNAME") == "BIAS"
    if facts.required_number("TEXPTIME") <= 0 and not is_bias:
        return "its exposure time is 0"
    if not is_bias and not _good_sets(facts):
        return "each of its images has one value only, or an exposure time of 0"
    if not _basic(facts) | (performed(facts) & (_COMBINATION | {"WAVECORR", "X1DCORR", "X2DCORR", "GEOCORR"})):
        return "no calibration switch is set to PERFORM"
    return ""


def _basic(facts: FitsFacts) -> frozenset[str]:
    """List the steps of the two-dimensional reduction that are asked for, and that the detector has."""
    unfit = _OTHER_DETECTOR[facts.required("DETECTOR") == "CCD"]
    if facts.text("OBSTYPE") != "IMAGING":
        unfit |= {"PHOTCORR"}  # passed over too: getflags1.c
    return (performed(facts) & _BASIC) - unfit


def _good_sets(facts: FitsFacts) -> int:
    """Count the image sets that calstis does not flag as bad (IMSET_OK, ``do2d.c``): spectra are made of these."""
    unexposed = {each.version for each in facts.named("SCI") if each.keywords.get("EXPTIME") == 0}
    return image_sets(facts) - len(blank_sets(facts) | unexposed)


def _of_exposure(file: HstFileName, facts: FitsFacts) -> Iterator[ExpectedProduct]:
    switches, is_ccd = performed(facts), facts.required("DETECTOR") == "CCD"
    several = image_sets(facts) > 1
    cleaned = is_ccd and several and bool(switches & _COMBINATION)  # RPTCORR of a CCD means CRCORR
    summed = not is_ccd and several and "RPTCORR" in switches
    basic = reduced = _basic(facts)
    if facts.required("OBSTYPE") == "SPECTROSCOPIC" and facts.text("WAVECAL") != "N/A":
        basic |= switches & {"WAVECORR"}
    of_cleaned = basic | (switches & {"CRCORR"})

    def product(suffix: str, complete: frozenset[str], structure: Structure) -> ExpectedProduct:
        return ExpectedProduct(
            f"{_base(file)}_{suffix}.fits",
            Stage.STAGE1,
            complete - _UNTOLD,
            structure=structure,
            roots=frozenset({file.root}),
            exposed=facts.required_number("TEXPTIME") > 0,
        )

    each, together = like_raw(facts), combined([facts])
    if cleaned:
        yield product("crj", of_cleaned, together)
    if reduced and (not cleaned or ("EXPSCORR" in switches and switches & _AFTER_REJECTION)):
        yield product("flt", basic, each)
    for kind, steps in _derived(facts, switches):
        complete = (of_cleaned if cleaned else basic) | (switches & steps)
        spectra = spectrum_table(sets=1 if cleaned else max(_good_sets(facts), 1))
        structure = spectra if kind == "x1d" else together if cleaned else each
        yield product({"x1d": "sx1", "x2d": "sx2"}[kind] if cleaned else kind, complete, structure)
        if summed and kind == "x2d":
            yield product("sx2", complete | {"RPTCORR"}, together)
    if summed:
        yield product("sfl", basic | {"RPTCORR"}, together)


def _derived(facts: FitsFacts, switches: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """List the kinds of products that are made of a calibrated exposure, and the steps that make them."""
    if facts.required("OBSTYPE") == "SPECTROSCOPIC":
        if "X2DCORR" in switches:
            yield "x2d", _RECTIFICATION
        if "X1DCORR" in switches:
            # The CTE of a CCD is corrected for along with the flux, or not at all.
            corrects_cte = facts.required("DETECTOR") == "CCD" and "FLUXCORR" in switches
            yield "x1d", _EXTRACTION if corrects_cte else _EXTRACTION - {"CTECORR"}
    elif "GEOCORR" in switches:
        yield "x2d", frozenset({"GEOCORR", "SGEOCORR"})
