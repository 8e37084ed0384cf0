"""The events of a simulated COS exposure."""

import numpy as np
import pytest
from astropy.io import fits

from caldp.simulation import SimulatedObservation, simulate

TIME = 60.0


@pytest.fixture(scope="module")
def cos(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate("cos", tmp_path_factory.mktemp("cos"), exposures=4, exposure_time=TIME)


def test_events_lie_on_the_detector_in_order_of_time(cos: SimulatedObservation) -> None:
    with fits.open(cos.inputs / "lsim01a1q_rawtag.fits") as raw:
        events, header = raw["EVENTS"].data, raw["EVENTS"].header
        assert header["NEVENTS"] == len(events)
        assert np.all(np.diff(events["TIME"]) >= 0)
        assert events["TIME"].min() >= 0
        assert events["TIME"].max() < TIME
        for axis in ("RAWX", "RAWY"):
            assert (events[axis].min(), events[axis].max()) == (0, 1023)


def test_the_lamp_shines_during_its_flashes_only(cos: SimulatedObservation) -> None:
    with fits.open(cos.inputs / "lsim01a1q_rawtag.fits") as raw:
        events, header = raw["EVENTS"].data, raw["EVENTS"].header
        assert header["NUMFLASH"] == 2
        lit = np.zeros(len(events), dtype=bool)
        for number in (1, 2):
            lit |= (events["TIME"] >= header[f"LMP_ON{number}"]) & (events["TIME"] <= header[f"LMPOFF{number}"])
        in_lamp_stripe = np.abs(events["RAWY"] - 555) < 20
        rate_lit = np.sum(in_lamp_stripe & lit) / 24.0
        rate_dark = np.sum(in_lamp_stripe & ~lit) / (TIME - 24.0)
    assert rate_lit > 20 * rate_dark


def test_each_exposure_takes_another_fp_pos(cos: SimulatedObservation) -> None:
    headers = [fits.getheader(path) for path in sorted(cos.inputs.glob("*_rawtag.fits"))]
    assert [header["FPPOS"] for header in headers] == [3, 4, 1, 2]
    assert [header["FPOFFSET"] for header in headers] == [0, 1, -2, -1]
