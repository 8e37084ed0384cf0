"""Modes that are made up: what is expected of each is what the engines were seen to make, by the documentation."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from benchmarks.mode_matrix.sites import REAL_SITES, SIMULATED
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.expected import expect
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import HstFileName
from caldp.simulation import SimulatedObservation, crds_cache, simulate
from caldp.simulation.modes import MODES, SHORT, turn_into
from tests.support.modes import read_modes

ROWS: Final = read_modes()
OF_EACH_KIND: Final = (
    "ACS SBC PR130L prism", "ACS WFC bias", "COS FUV TIME-TAG of one segment", "STIS FUV-MAMA E140M echelle",
    "WFC3 IR G141 grism",
)  # fmt: skip
"""Modes with reference files of their own."""
NOT_ASKED_FOR: Final = {"ACS SBC without exposure time": {"flt_hlet"}}
"""Products that the engines made of a mode, and that are not due: of unexposed images there may be none."""
Base = Callable[[str], SimulatedObservation]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Return a function that simulates an instrument's observation, once for all modes."""
    made: dict[str, SimulatedObservation] = {}

    def get(instrument: str) -> SimulatedObservation:
        if instrument not in made:
            place = tmp_path_factory.mktemp(instrument)
            made[instrument] = simulate(instrument, place, exposure_time=SHORT.get(instrument))
        return made[instrument]

    return get


@pytest.mark.parametrize("name", MODES)
def test_what_is_expected_is_what_the_engines_made(name: str, base: Base, tmp_path: Path) -> None:
    mode = MODES[name]
    inputs = tmp_path / "inputs"
    shutil.copytree(base(mode.base).inputs, inputs)
    mode.change(inputs)
    files = {path.name: path for path in sorted(inputs.iterdir())}
    observation = observe(DatasetName.parse(mode.dataset), files, AstropyFits())
    expected = {product.name for product in expect(observation).products if product.is_fits}
    parsed = {HstFileName.parse(product) for product in expected}
    made = set(ROWS[name]["products"].split()) - NOT_ASKED_FOR.get(name, set())
    assert {file.suffix for file in parsed if file} == made
    arrived = {file.suffix for file in map(HstFileName.parse, files) if file}
    assert arrived == set(ROWS[name]["arrived"].split())


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_rules_of_a_mode_assign_files_that_are_there(name: str, base: Base, tmp_path: Path) -> None:
    original = base(MODES[name].base)
    shutil.copytree(original.inputs, tmp_path / "inputs")
    shutil.copytree(original.crds_cache, tmp_path / "crds_cache")
    copied = evolve(original, inputs=tmp_path / "inputs", crds_cache=tmp_path / "crds_cache")
    made = turn_into(name, copied)
    assert made.dataset == MODES[name].dataset
    references = crds_cache.references_directory(made.crds_cache)
    assert {rule.filename for rule in MODES[name].rules} <= {path.name for path in references.iterdir()}


def test_every_mode_of_the_matrix_has_a_row_and_every_row_a_mode() -> None:
    assert set(ROWS) == {*SIMULATED, *REAL_SITES}


def test_every_verdict_of_the_matrix_is_right() -> None:
    assert {name: row["right"] for name, row in ROWS.items()} == {name: row["runs"] for name, row in ROWS.items()}
    assert {name: row["identical"] for name, row in ROWS.items()} == {
        name: row["delivered"] for name, row in ROWS.items()
    }
