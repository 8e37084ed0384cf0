"""Raw headers as the archive has them, and a short way to write down what is expected of them."""

from __future__ import annotations

from typing import Any

from caldp.domain.calibration.expected import Expectation, expect
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import Extension, FitsFacts

Rows = dict[str, str]
"""Product names, and the switches of the raw header that need not be COMPLETE in each, in order of the alphabet."""


def raw(perform: str, *extensions: str, omit: str = "", **keywords: Any) -> FitsFacts:
    """Make a raw header of 100 s: switches at PERFORM, extensions (by default SCI), and other keywords."""
    switches = dict.fromkeys(perform.split(), "PERFORM") | dict.fromkeys(omit.split(), "OMIT")
    names = [name.rstrip("0") for name in extensions or ("SCI",)]
    made = tuple(
        Extension(name, data_bytes=0 if given.endswith("0") else 8, version=names[: place + 1].count(name))
        for place, (name, given) in enumerate(zip(names, extensions or names, strict=True))
    )
    return FitsFacts("", {"EXPTIME": 100.0, **switches, **keywords}, made)


def expectation_of(
    dataset: str, raws: dict[str, FitsFacts], table: Association | None = None, others: str = ""
) -> Expectation:
    """Derive what is expected of a dataset."""
    return expect(Observation(DatasetName.parse(dataset), table, raws, frozenset(others.split())))


def rows(expectation: Expectation, raw: FitsFacts, stage: Stage = Stage.STAGE1) -> Rows:
    """List a stage's FITS products with the switches that are not required of each."""
    performed = {name for name, state in raw.switches.items() if state == "PERFORM"}
    added = {product.name: sorted(product.complete - performed) for product in expectation.of(stage)}
    assert {name: more for name, more in added.items() if more} == {}, "more is required than was asked for"
    return {
        product.name: " ".join(sorted(performed - product.complete))
        for product in expectation.of(stage)
        if product.is_fits
    }


def texts(expectation: Expectation) -> list[str]:
    """List the trailers and other text files."""
    return sorted(product.name for product in expectation.products if not product.is_fits)
