"""The simulated COS observation calibrates for real: CRDS assigns, calcos calibrates, and the truth comes out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from astropy.io import fits

from caldp.adapters.simulation import SimulatedObservation, compare_with_truth, simulate

pytestmark = pytest.mark.engines

CORRECTIONS = ("FLAT", "DEAD", "DQI", "DOPP", "HEL", "X1D", "BACK", "WAVE", "FLUX", "TDS")
PERFORMED = [f"{name}CORR" for name in CORRECTIONS]
PRODUCTS = ["corrtag", "counts", "flt", "lampflash", "x1d"]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate("cos", tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="module")
def calibrated(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calibrate as the pipeline does, program by program, and return the directory of the products."""
    directory = tmp_path_factory.mktemp("calibrated")
    for path in simulated.inputs.iterdir():
        shutil.copy(path, directory)
    environment = os.environ | {
        "CRDS_PATH": str(simulated.crds_cache),
        "CRDS_OBSERVATORY": "hst",
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "CRDS_READONLY_CACHE": "1",
        "lref": f"{simulated.crds_cache}/references/hst/",
    }
    assign = (
        "import sys; from crds.bestrefs.bestrefs import assign_bestrefs; "
        "sys.exit(assign_bestrefs(sys.argv[2:], context=sys.argv[1], sync_references=False))"
    )
    raws = sorted(path.name for path in directory.glob("*_rawtag.fits"))
    for command in (
        [sys.executable, "-c", assign, simulated.context, *raws],
        ["calcos", "lsim01010_asn.fits"],
    ):
        subprocess.run(command, cwd=directory, env=environment, check=True, timeout=300)
    return directory


def test_crds_assigns_every_reference_from_the_simulated_context(calibrated: Path) -> None:
    header = fits.getheader(calibrated / "lsim01a1q_rawtag.fits")
    assigned = {keyword: value for keyword, value in header.items() if str(value).startswith("lref$")}
    assert header["CRDS_CTX"] == "hst_sim0001.pmap"
    assert len(assigned) == 10
    assert assigned["FLATFILE"] == "lref$simnuv_flat.fits"


def test_calcos_makes_every_product(calibrated: Path) -> None:
    expected = {f"lsim01a{number}q_{suffix}.fits" for number in (1, 2) for suffix in PRODUCTS}
    expected |= {f"lsim01010_{suffix}.fits" for suffix in ("asn", "jnk", "x1dsum", "x1dsum3", "x1dsum4")}
    raws = {f"lsim01a{number}q_{suffix}.fits" for number in (1, 2) for suffix in ("rawtag", "spt")}
    trailers = {"lsim01a1q.tra", "lsim01a2q.tra"}
    assert {path.name for path in calibrated.iterdir()} == expected | raws | trailers


@pytest.mark.parametrize("product", ["lsim01a1q_x1d.fits", "lsim01a2q_x1d.fits", "lsim01010_x1dsum.fits"])
def test_every_switch_is_complete(calibrated: Path, product: str) -> None:
    header = fits.getheader(calibrated / product)
    assert {switch: header[switch] for switch in PERFORMED} == dict.fromkeys(PERFORMED, "COMPLETE")


@pytest.mark.parametrize("product", ["lsim01a1q_x1d.fits", "lsim01a2q_x1d.fits", "lsim01010_x1dsum.fits"])
def test_the_spectrum_agrees_with_the_one_put_in(
    simulated: SimulatedObservation, calibrated: Path, product: str
) -> None:
    comparison = compare_with_truth(calibrated / product, simulated.truth)
    assert [fit.part for fit in comparison.fits] == ["NUVA", "NUVB", "NUVC"]
    assert comparison.agrees, "\n".join(map(str, comparison.fits))
