"""What must exist after calibration, and which switches must be COMPLETE in it.

An engine's exit status of 0 proves nothing: the programs exit 0 for missing members, skipped steps and missing
products. So what each engine makes is written down here, one module per instrument, derived from the raw headers
before the engine runs.
"""

from __future__ import annotations

from caldp.domain.dataset import Ipppssoot
from caldp.domain.expected.cos import expect_cos
from caldp.domain.expected.product import Expectation, ExpectedProduct
from caldp.domain.instrument import Instrument
from caldp.domain.plan import Observation

__all__ = ["Expectation", "ExpectedProduct", "expect"]


def expect(observation: Observation) -> Expectation:
    """Derive what calibrating a dataset must leave behind from the headers of its inputs."""
    dataset = observation.dataset
    if isinstance(dataset, Ipppssoot) and dataset.instrument is Instrument.COS:
        return expect_cos(observation)
    return Expectation(())
