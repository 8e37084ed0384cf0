"""Real calwf3 and runastrodriz on a CR-SPLIT pair of UVIS exposures with CTE correction; the shared data have none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.process.flow import FetchedInputs, ReferencedInputs, WorkDirectory
from caldp.app.process.steps.calibrate import calibrate
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.settings import Settings
from tests.support.uvis_exposures import write_crsplit

pytestmark = [pytest.mark.shared_data, pytest.mark.engines, pytest.mark.hstcal]


def test_every_product_is_made_with_and_without_the_cte_correction(
    unpacked: Callable[[str], Path], tmp_path: Path, environment: dict[str, str]
) -> None:
    work, fits = WorkDirectory(tmp_path / "work"), AstropyFits()
    work.data.mkdir(parents=True)
    write_crsplit(unpacked("isim01010") / "isim01a1q_raw.fits", work.data)
    files = {path.name: path for path in work.data.iterdir()}
    observation = observe(DatasetName.parse("iuvs01010"), files, fits)
    # CRDS is left out: for these headers it assigns references that the shared cache has not got.
    inputs = ReferencedInputs(FetchedInputs(observation, files), Assignment("", ()), environment)
    result = calibrate(inputs, work, SubprocessRunner(), fits, Settings(profile="onsite"), lambda _: None)
    assert result.failure is None
    products = {product.name: product.switches for product in result.products if product.name.endswith(".fits")}
    left = {
        name: {switch for switch, state in switches.items() if state == "PERFORM"}
        for name, switches in products.items()
        if "hlet" not in name
    }
    assert left == {
        "iuvs01a1q_flt.fits": {"PCTECORR", "CRCORR", "DRIZCORR"},
        "iuvs01a1q_flc.fits": {"CRCORR", "DRIZCORR"},
        "iuvs01a2q_flt.fits": {"PCTECORR", "CRCORR", "DRIZCORR"},
        "iuvs01a2q_flc.fits": {"CRCORR", "DRIZCORR"},
        "iuvs01011_crj.fits": {"PCTECORR", "DRIZCORR"},
        "iuvs01011_crc.fits": {"DRIZCORR"},
        "iuvs01011_drz.fits": {"PCTECORR", "CRCORR"},
        "iuvs01011_drc.fits": {"CRCORR"},
    }
    assert result.notes == ()
