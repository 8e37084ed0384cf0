"""The simulated COS observation on disk: plainly marked, repeatable, and consistent with itself."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.simulation import SimulatedObservation, simulate

TIME = 60.0


@pytest.fixture(scope="module")
def cos(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate("cos", tmp_path_factory.mktemp("cos in a box"), exposure_time=TIME)


def checksums(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(cos: SimulatedObservation, tmp_path: Path) -> None:
    again = simulate("cos", tmp_path, exposure_time=TIME)
    assert checksums(again.inputs) == checksums(cos.inputs)
    assert checksums(again.crds_cache) == checksums(cos.crds_cache)


def test_another_seed_draws_other_photons_under_the_same_calibration(cos: SimulatedObservation, tmp_path: Path) -> None:
    other = simulate("cos", tmp_path, seed=2, exposure_time=TIME)
    changed = {name for name, checksum in checksums(cos.inputs).items() if checksums(other.inputs)[name] != checksum}
    assert changed == {"lsim01a1q_rawtag.fits", "lsim01a2q_rawtag.fits"}
    assert checksums(other.crds_cache) == checksums(cos.crds_cache)


def test_every_file_says_that_it_is_simulated(cos: SimulatedObservation) -> None:
    files = [*cos.inputs.glob("*.fits"), *cos.crds_cache.rglob("*.fits")]
    assert len(files) == 15
    for path in files:
        header = fits.getheader(path)
        assert header["SIMDATA"] is True
        assert "SIMULATED" in str(header["COMMENT"])
        assert header["FILENAME"] == path.name


def test_the_association_names_the_exposures_that_are_there(cos: SimulatedObservation) -> None:
    with fits.open(cos.inputs / "lsim01010_asn.fits") as asn:
        rows = [(row["MEMNAME"], row["MEMTYPE"]) for row in asn["ASN"].data]
    assert rows == [("LSIM01A1Q", "EXP-FP"), ("LSIM01A2Q", "EXP-FP"), ("LSIM01010", "PROD-FP")]
    assert sorted(path.name for path in cos.inputs.iterdir()) == [
        "lsim01010_asn.fits",
        "lsim01a1q_rawtag.fits",
        "lsim01a1q_spt.fits",
        "lsim01a2q_rawtag.fits",
        "lsim01a2q_spt.fits",
    ]


def test_events_lie_on_the_detector_in_order_of_time(cos: SimulatedObservation) -> None:
    with fits.open(cos.inputs / "lsim01a1q_rawtag.fits") as raw:
        events, header = raw["EVENTS"].data, raw["EVENTS"].header
        assert header["NEVENTS"] == len(events)
        assert np.all(np.diff(events["TIME"]) >= 0)
        assert events["TIME"].min() >= 0 and events["TIME"].max() < TIME
        for axis in ("RAWX", "RAWY"):
            assert events[axis].min() == 0 and events[axis].max() == 1023


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


def test_each_exposure_takes_another_fp_pos(tmp_path: Path) -> None:
    simulated = simulate("cos", tmp_path, exposures=4, exposure_time=TIME)
    headers = [fits.getheader(path) for path in sorted(simulated.inputs.glob("*_rawtag.fits"))]
    assert [header["FPPOS"] for header in headers] == [3, 4, 1, 2]
    assert [header["FPOFFSET"] for header in headers] == [0, 1, -2, -1]


@pytest.mark.parametrize(
    ("instrument", "exposures", "message"),
    [("nicmos", 2, "cannot simulate 'nicmos': expected one of cos"), ("cos", 1, "at least 2 exposures, not 1")],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(
    tmp_path: Path, instrument: str, exposures: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(instrument, tmp_path, exposures=exposures)
    assert list(tmp_path.iterdir()) == []
