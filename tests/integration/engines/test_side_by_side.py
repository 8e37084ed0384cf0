"""Exposures side by side make what one run on the whole makes, file by file, in each mode in which they may.

`tests/integration/whole_runs/test_real_cos.py` compares real FUV spectra.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from caldp.adapters.engines.combination import PROVEN
from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.process.flow import CalibrationResult, FetchedInputs, ReferencedInputs, WorkDirectory
from caldp.app.process.steps.calibrate import calibrate
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.settings import Settings
from caldp.simulation import simulate
from caldp.simulation.cos.references import RULES as COS_RULES
from caldp.simulation.crds_cache import references_directory
from caldp.simulation.stis.references import RULES as STIS_RULES
from tests.support.identity import differing
from tests.support.stis_pair import ROOTS, simulate_pair


def calibrated(root: Path, inputs: Path, dataset: str, references: Path, at_once: int) -> CalibrationResult:
    """Calibrate a copy of the inputs, in `root`/data: side by side with warm engines, as a run does by default."""
    work = WorkDirectory(root)
    shutil.copytree(inputs, work.data)
    files = {path.name: path for path in work.data.iterdir()}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        **dict.fromkeys(("lref", "oref"), f"{references}/"),
    }
    with closing(SubprocessRunner(is_warm=at_once > 1)) as runner:
        runner.prepare(("calcos",), environment)
        return calibrate(
            ReferencedInputs(
                FetchedInputs(observe(DatasetName.parse(dataset), files, AstropyFits()), files),
                Assignment("", ()),
                environment,
            ),
            work,
            runner,
            AstropyFits(),
            Settings(profile="onsite", exposures_at_once=at_once),
            lambda _: None,
        )


def set_header(path: Path, keywords: Mapping[str, Any], extension: int = 0) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[extension].header.update(keywords)


def assert_identical(tmp_path: Path, inputs: Path, dataset: str, references: Path, runs: int) -> set[str]:
    """Calibrate in one go and side by side; compare all that is left, and return its names."""
    whole = calibrated(tmp_path / "whole", inputs, dataset, references, 1)
    apart = calibrated(tmp_path / "apart", inputs, dataset, references, 2)
    assert whole.failure is None
    assert apart.failure is None
    assert len(apart.engines) == runs
    assert all(engine.is_warm == (engine.argv[0] != "cs0.e") for engine in apart.engines)
    assert differing(tmp_path / "whole" / "data", tmp_path / "apart" / "data") == []
    assert whole.products == apart.products
    return {product.name for product in apart.products}


@pytest.fixture
def cos(tmp_path: Path) -> tuple[Path, Path]:
    """Raw files of a simulated NUV association that name their references, and the references' directory."""
    observation = simulate("cos", tmp_path / "simulated", exposure_time=60.0)
    named = {rule.filekind.upper(): f"lref${rule.filename}" for rule in COS_RULES}
    for raw in observation.inputs.glob("*_rawtag.fits"):
        set_header(raw, named)
    return observation.inputs, references_directory(observation.crds_cache)


@pytest.mark.engines
def test_nuv_spectra(cos: tuple[Path, Path], tmp_path: Path) -> None:
    made = assert_identical(tmp_path, cos[0], "lsim01010", cos[1], runs=3)
    assert {f"lsim01010_{suffix}.fits" for suffix in ("x1dsum", "x1dsum3", "x1dsum4", "jnk")} < made
    assert {f"lsim01a{number}q.tra" for number in (1, 2)} < made
    assert fits.getheader(tmp_path / "apart" / "data" / "lsim01010_asn.fits")["ASN_PROD"] is True


@pytest.mark.engines
def test_nuv_images(cos: tuple[Path, Path], tmp_path: Path) -> None:
    omitted = ("X1DCORR", "BACKCORR", "WAVECORR", "FLUXCORR", "TDSCORR", "HELCORR", "DOPPCORR")
    mode = {"OBSTYPE": "IMAGING", "OPT_ELEM": "MIRRORA", "CENWAVE": 0, "TAGFLASH": "NONE"}
    spectral = ("DISPTAB", "XTRACTAB", "LAMPTAB", "WCPTAB", "FLUXTAB", "TDSTAB", "SPWCSTAB")
    for raw in cos[0].glob("*_rawtag.fits"):
        set_header(raw, {**mode, **dict.fromkeys(omitted, "OMIT"), **dict.fromkeys(spectral, "N/A")})
        set_header(raw, {"NUMFLASH": 0, "DISPAXIS": 0}, 1)
    made = assert_identical(tmp_path, cos[0], "lsim01010", cos[1], runs=3)
    assert {"lsim01010_fltsum.fits", "lsim01010_jnk.fits"} < made
    assert not any("x1d" in name for name in made)


@pytest.mark.hstcal
def test_stis_ccd_spectra(tmp_path: Path) -> None:
    """Two raw files with wavelength calibrations of their own, as members of one association."""
    named = {rule.filekind.upper(): f"oref${rule.filename}" for rule in STIS_RULES}
    observation = simulate_pair(tmp_path / "simulated", named)
    references = references_directory(observation.crds_cache)
    made = assert_identical(tmp_path, observation.inputs, observation.dataset, references, runs=2)
    assert {f"{root}_{suffix}.fits" for root in ROOTS for suffix in ("crj", "sx1")} <= made


@pytest.mark.engines
def test_the_calcos_that_is_installed_is_proven() -> None:
    """A new version runs on the whole until the tests of this module have passed with it: then add it there."""
    assert version("calcos") in PROVEN["calcos"].versions
