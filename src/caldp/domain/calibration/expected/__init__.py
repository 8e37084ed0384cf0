"""Files that must exist after calibration, and the switches that must be COMPLETE in each.

An engine's exit status of 0 proves nothing: the programs exit 0 for missing members, skipped steps and missing
products. So what each engine makes is written down here, one module per instrument, derived from the raw headers
before the engine runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from caldp.domain.calibration.dummies import left_by_calstis
from caldp.domain.calibration.expected.acs import expect_acs
from caldp.domain.calibration.expected.cos import expect_cos
from caldp.domain.calibration.expected.hap import expect_hap
from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.stis import expect_stis
from caldp.domain.calibration.expected.wfc3 import expect_wfc3
from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.instrument import Instrument

__all__ = ["Expectation", "ExpectedProduct", "expect"]

_BY_INSTRUMENT: Final[dict[Instrument, Callable[[Observation], Expectation]]] = {
    Instrument.ACS: expect_acs,
    Instrument.COS: expect_cos,
    Instrument.STIS: expect_stis,
    Instrument.WFC3: expect_wfc3,
}


def expect(observation: Observation, dummies: Iterable[str] = ()) -> Expectation:
    """Derive the products that calibration must leave, and their switches, from the headers of the inputs.

    Parameters
    ----------
    observation
        Observation to calibrate.
    dummies
        Header keywords of reference files that are dummies.
    """
    dataset = observation.dataset
    if dataset.is_mosaic:
        return expect_hap(dataset)
    expectation = _BY_INSTRUMENT[dataset.instrument](observation)
    return expectation.without(left_by_calstis(dummies)) if dataset.instrument is Instrument.STIS else expectation
