"""Datasets that are called current are calibrated to the same data under the new context, and stale ones are not.

The engines are the real calcos and calstis, the observations simulated. A context in which every reference file is
another one, but for nothing that the exposures use, is compared with one in which rows differ that they use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from astropy.io import fits
from attrs import frozen

import caldp
from caldp import DatasetFinding, Rung, Verdict
from caldp.domain.stale.selecting import TABLES
from caldp.simulation import simulate
from caldp.simulation.cos.references import RULES as COS
from caldp.simulation.crds_cache import CONTEXT, ReferenceRule
from caldp.simulation.stis.references import RULES as STIS
from tests.support.contexts import copied_cache, derive_context
from tests.support.reference_changes import Change, put_other_rows, repack, replaced, times

HARMLESS, HARMFUL = "hst_9801.pmap", "hst_9802.pmap"


def roll_templates(hdus: fits.HDUList) -> None:
    hdus[1].data["INTENSITY"] = np.roll(hdus[1].data["INTENSITY"], 5, axis=1)


def shift_wavelengths(hdus: fits.HDUList) -> None:
    hdus[1].data["COEFF"][:, 0] += 20.0


@frozen
class Instrument:
    """An instrument that is simulated.

    Attributes
    ----------
    rules
        Its reference files.
    whole
        Types of tables that are delivered again as they are, because rows of any mode are used.
    harmful
        Changes that matter, by type.
    product
        Ending of the product with the spectrum.
    """

    rules: tuple[ReferenceRule, ...]
    whole: frozenset[str]
    harmful: Mapping[str, Change]
    product: str


INSTRUMENTS: Final = {
    "cos": Instrument(
        COS, frozenset({"BPIXTAB", "DEADTAB"}), {"FLUXTAB": times("SENSITIVITY"), "LAMPTAB": roll_templates}, "x1dsum"
    ),
    "stis": Instrument(
        STIS, frozenset({"BPIXTAB", "LAMPTAB"}), {"PHOTTAB": times("THROUGHPUT"), "DISPTAB": shift_wavelengths}, "sx1"
    ),
}


@frozen
class Calibrated:
    """One observation, calibrated under three contexts.

    Attributes
    ----------
    instrument
        Its instrument.
    changed
        Types with other rows of other modes.
    outputs
        Output by context.
    environment
        Environment in which the cache is found.
    """

    instrument: Instrument
    changed: frozenset[str]
    outputs: Mapping[str, Path]
    environment: Mapping[str, str]

    def data(self, context: str) -> dict[str, tuple[str, ...]]:
        """Return the digests of the data of all HDUs by product."""
        (path,) = self.outputs[context].rglob("record.json")
        record = caldp.RunRecord.from_json(path.read_text())
        return {file.name: tuple(hdu.data for hdu in file.hdus) for file in record.products if file.hdus}

    def spectrum(self, context: str) -> Any:
        (path,) = self.outputs[context].rglob(f"*_{self.instrument.product}.fits")
        return fits.getdata(path)

    def finding(self, context: str, of: str = CONTEXT) -> DatasetFinding:
        (finding,) = caldp.stale(self.outputs[of], context=context, environment=self.environment)
        return finding


@pytest.fixture(
    scope="module",
    params=[pytest.param("cos", marks=pytest.mark.engines), pytest.param("stis", marks=pytest.mark.hstcal)],
)
def calibrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    name: str = request.param
    instrument, root = INSTRUMENTS[name], tmp_path_factory.mktemp(name)
    observation = simulate(name, root / "simulated")
    cache = copied_cache(observation.crds_cache, root / "cache")
    entries = {entry.keyword: entry for entry in TABLES if entry.instrument == name}
    changed = {rule.filekind.upper() for rule in instrument.rules} & entries.keys() - instrument.whole

    def harmless(keyword: str) -> Change:
        return (lambda hdus: put_other_rows(hdus, entries[keyword])) if keyword in changed else repack

    files = {rule.filekind.upper(): rule.filename for rule in instrument.rules}
    others = {file: replaced(cache, file, harmless(keyword), "out") for keyword, file in files.items()}
    derive_context(cache, CONTEXT, HARMLESS, others)
    worse = {files[key]: replaced(cache, files[key], change, "new") for key, change in instrument.harmful.items()}
    derive_context(cache, CONTEXT, HARMFUL, worse)
    outputs = {}
    for context in (CONTEXT, HARMLESS, HARMFUL):
        outputs[context] = root / context
        settings = {**observation.settings, "crds_path": str(cache), "crds_context": context, "previews": False}
        outcome = caldp.process(observation.dataset, observation.inputs, outputs[context], overrides=settings)
        assert outcome.status == 0, outcome.record.failures
    environment = {**os.environ, "CRDS_PATH": str(cache), "CRDS_READONLY_CACHE": "1"}
    return Calibrated(instrument, frozenset(changed), outputs, environment)


def rungs(finding: DatasetFinding) -> Iterator[tuple[str, Rung]]:
    return ((one.keyword, one.rung) for one in finding.types)


def test_what_is_called_current_comes_out_the_same(calibrated: Calibrated) -> None:
    finding = calibrated.finding(HARMLESS)
    assert finding.verdict is Verdict.CURRENT, finding.reason
    of_rows = {keyword for keyword, rung in rungs(finding) if rung is Rung.SAME_ROWS}
    same = {keyword for keyword, rung in rungs(finding) if rung is Rung.SAME_CONTENT}
    assert of_rows == calibrated.changed
    assert of_rows | same == {rule.filekind.upper() for rule in calibrated.instrument.rules}
    before = calibrated.data(CONTEXT)
    assert len(before) > 3
    assert calibrated.data(HARMLESS) == before


def test_what_has_changed_comes_out_otherwise(calibrated: Calibrated) -> None:
    finding = calibrated.finding(HARMFUL)
    assert finding.verdict is Verdict.STALE
    assert {keyword for keyword, rung in rungs(finding) if rung is Rung.CHANGED} == calibrated.instrument.harmful.keys()
    before, after = calibrated.spectrum(CONTEXT), calibrated.spectrum(HARMFUL)
    assert not np.array_equal(before["WAVELENGTH"], after["WAVELENGTH"])
    assert _sensitivity(after) == pytest.approx(1.25 * _sensitivity(before), rel=0.05)


def _sensitivity(spectra: Any) -> float:
    """Return the median of what counts were divided by to get fluxes."""
    measured = (spectra["FLUX"] != 0) & (spectra["NET"] != 0)
    return float(np.median(spectra["NET"][measured] / spectra["FLUX"][measured]))


def test_the_amount_of_a_change_is_told(calibrated: Calibrated) -> None:
    curve = next(iter(calibrated.instrument.harmful))
    differences = [one.differences for one in calibrated.finding(HARMFUL).types if one.keyword == curve]
    (amount,) = {one.amount for each in differences for one in each}
    assert amount is not None
    assert amount.median == pytest.approx(1.25)
    assert amount.changed == amount.compared


def test_products_of_a_context_are_current_under_it(calibrated: Calibrated) -> None:
    finding = calibrated.finding(HARMFUL, of=HARMFUL)
    assert {rung for _, rung in rungs(finding)} == {Rung.UNCHANGED}
    assert finding.verdict is Verdict.CURRENT
