"""Every simulated observation on disk: plainly marked, repeatable, and with all that its rules promise."""

import hashlib
import re
from pathlib import Path

import pytest
from astropy.io import fits

from caldp.simulation import INSTRUMENTS, SimulatedObservation, simulate

RAWS = {
    "cos": ["lsim01a1q_rawtag.fits", "lsim01a1q_spt.fits", "lsim01a2q_rawtag.fits", "lsim01a2q_spt.fits"],
    "acs": ["jsim01a1q_raw.fits", "jsim01a2q_raw.fits"],
    "wfc3": ["isim02a1q_raw.fits", "isim02a2q_raw.fits"],
    "stis": ["osim02010_raw.fits", "osim02010_wav.fits"],
}
MEMBERS = {
    "cos": [("LSIM01A1Q", "EXP-FP"), ("LSIM01A2Q", "EXP-FP"), ("LSIM01010", "PROD-FP")],
    "acs": [("JSIM01A1Q", "EXP-DTH"), ("JSIM01A2Q", "EXP-DTH"), ("JSIM01010", "PROD-DTH")],
    "wfc3": [("ISIM02A1Q", "EXP-DTH"), ("ISIM02A2Q", "EXP-DTH"), ("ISIM02010", "PROD-DTH")],
    "stis": [
        ("OSIM02W1Q", "AUTO-WAVECAL"),
        ("OSIM02S1Q", "CRSPLIT"),
        ("OSIM02S2Q", "CRSPLIT"),
        ("OSIM02010", "PRODUCT"),
    ],
}


@pytest.fixture(scope="module", params=INSTRUMENTS)
def simulated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate(request.param, tmp_path_factory.mktemp("hubble in a box"))


def checksums(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(simulated: SimulatedObservation, tmp_path: Path) -> None:
    again = simulate(simulated.instrument, tmp_path)
    assert checksums(again.inputs) == checksums(simulated.inputs)
    assert checksums(again.crds_cache) == checksums(simulated.crds_cache)


def test_another_seed_draws_other_data_under_the_same_calibration(
    simulated: SimulatedObservation, tmp_path: Path
) -> None:
    other = simulate(simulated.instrument, tmp_path, seed=2)
    before, after = checksums(simulated.inputs), checksums(other.inputs)
    exposures = {name for name in RAWS[simulated.instrument] if not name.endswith("_spt.fits")}
    assert {name for name in before if before[name] != after[name]} == exposures
    assert checksums(other.crds_cache) == checksums(simulated.crds_cache)


def test_every_file_says_that_it_is_simulated(simulated: SimulatedObservation) -> None:
    files = [*simulated.inputs.glob("*.fits"), *simulated.crds_cache.rglob("*.fits")]
    assert len(files) > 8
    for path in files:
        header = fits.getheader(path)
        assert header["SIMDATA"] is True, path.name
        assert "SIMULATED" in str(header["COMMENT"]), path.name
        assert header["FILENAME"] == path.name


def test_the_files_are_those_of_an_association(simulated: SimulatedObservation) -> None:
    association = f"{simulated.dataset}_asn.fits"
    assert sorted(path.name for path in simulated.inputs.iterdir()) == sorted(
        [association, *RAWS[simulated.instrument]]
    )
    with fits.open(simulated.inputs / association) as asn:
        rows = [(row["MEMNAME"], row["MEMTYPE"]) for row in asn["ASN"].data]
    assert rows == MEMBERS[simulated.instrument]


def test_every_file_is_whole_and_keeps_to_the_standard(simulated: SimulatedObservation) -> None:
    for path in [*simulated.inputs.glob("*.fits"), *simulated.crds_cache.rglob("*.fits")]:
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["NEXTEND"] == len(hdus) - 1


def test_every_rule_has_its_file_and_every_file_its_rule(simulated: SimulatedObservation) -> None:
    named = set()
    for path in (simulated.crds_cache / "mappings" / "hst").glob(f"hst_{simulated.instrument}_*.rmap"):
        named |= set(re.findall(r"'(\w+\.fits)'", path.read_text()))
    assert named == {path.name for path in (simulated.crds_cache / "references" / "hst").iterdir()}


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
