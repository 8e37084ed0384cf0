"""The real CRDS library assigns references, from the simulator's cache and from a real context."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest
from astropy.io import fits

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references import head_start
from caldp.adapters.references.crds import CrdsReferences
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.dataset import DatasetName
from caldp.simulation import SimulatedObservation
from tests.contracts.reference_file_service import Case, ReferenceFileServiceContract
from tests.support.measured import MEASURED
from tests.support.processes import is_gone

SERVERLESS = "https://hst-serverless-mode.stsci.edu"


def crds(cache: Path, context: str) -> CrdsReferences:
    environment = {**os.environ, **MEASURED, "CRDS_SERVER_URL": SERVERLESS}
    return CrdsReferences(cache, context, readonly=True, environment=environment, fits=AstropyFits())


def late(cache: Path, context: str) -> CrdsReferences:
    """Make a service that asks for its context when it needs one."""
    environment = {**os.environ, **MEASURED, "CRDS_SERVER_URL": SERVERLESS}
    return CrdsReferences(cache, lambda: context, readonly=True, environment=environment, fits=AstropyFits())


@pytest.fixture
def observation(simulated: SimulatedObservation, tmp_path: Path) -> Case:
    """Return a copy of the simulated observation, in a directory whose name has a blank."""
    data, cache = tmp_path / "raw data", tmp_path / "crds cache"
    shutil.copytree(simulated.inputs, data)
    shutil.copytree(simulated.crds_cache, cache)
    raws = tuple(sorted(data.glob("*_rawtag.fits")))
    return Case(crds(cache, simulated.context), simulated.context, raws, cache)


class TestCrdsReferences(ReferenceFileServiceContract):
    @pytest.fixture
    def case(self, observation: Case) -> Case:
        return observation

    def header(self, case: Case, raw: Path) -> dict[str, str]:
        return {keyword: str(value) for keyword, value in fits.getheader(raw).items()}


def test_a_context_may_be_told_late(observation: Case) -> None:
    known = observation.service.assign(observation.raws, lambda event: None)
    asked = late(observation.cache, observation.context)
    asked.prepare(DatasetName.parse("lsim01010"))
    assert asked.assign(observation.raws, lambda event: None) == known


def test_a_worker_that_was_started_early_assigns_the_same(observation: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MEASURED.items():
        monkeypatch.setenv(name, value)  # an early worker has the environment of this process
    plain = observation.service.assign(observation.raws, lambda event: None)
    head_start.begin()
    ((_, early),) = head_start._early
    service = crds(observation.cache, observation.context)
    service.prepare()
    assert service._worker is early
    assert service.assign(observation.raws, lambda event: None) == plain


@pytest.mark.parametrize("name", ["HOME", "PYTHONHASHSEED", "XDG_CONFIG_HOME", "OMP_NUM_THREADS"])
def test_a_worker_that_was_started_under_other_variables_is_not_used(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = dict(os.environ)
    monkeypatch.setenv(name, "7")
    head_start.begin()
    ((_, early),) = head_start._early
    with head_start.start_worker(environment) as worker:
        assert worker is not early
        assert is_gone(early.pid)


def test_a_worker_that_nobody_asks_for_is_ended() -> None:
    head_start.begin()
    head_start.begin()
    ((_, early),) = head_start._early
    assert not is_gone(early.pid)
    head_start.give_up()
    assert is_gone(early.pid)
    head_start.give_up()


def test_leaves_directory_and_environment_of_the_caller_alone(observation: Case) -> None:
    before = dict(os.environ), Path.cwd()
    observation.service.assign(observation.raws, lambda event: None)
    assert (dict(os.environ), Path.cwd()) == before


def test_writes_nothing_into_a_readonly_cache(observation: Case) -> None:
    before = sorted(observation.cache.rglob("*"))
    observation.service.assign(observation.raws, lambda event: None)
    assert sorted(observation.cache.rglob("*")) == before


@pytest.mark.parametrize("layout", ["instrument", "flat"])
def test_finds_references_in_any_layout(observation: Case, layout: str) -> None:
    root = observation.cache / "references" / "hst"
    files = [path for path in root.rglob("*.fits") if path.is_file()]
    for path in files:
        target = root / ("cos" if layout == "instrument" else "") / path.name
        target.parent.mkdir(exist_ok=True)
        path.rename(target)
    references = observation.service.assign(observation.raws, lambda event: None).references
    assert {reference.path.name for reference in references} <= {path.name for path in files}


def test_a_half_written_reference_is_named(observation: Case) -> None:
    victim = observation.service.assign(observation.raws, lambda event: None).references[0].path
    victim.write_bytes(victim.read_bytes()[:4000])
    with pytest.raises(BestrefsError, match=f"{victim.name} is damaged"):
        observation.service.assign(observation.raws, lambda event: None)


def test_a_missing_cache_is_said_to_be_missing(observation: Case, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(BestrefsError, match="no CRDS cache at") as caught:
        crds(nowhere, "").assign(observation.raws, lambda event: None)
    assert "CRDS_PATH" in caught.value.advice
    assert not nowhere.exists()


def test_an_unknown_context_is_named(observation: Case) -> None:
    with pytest.raises(BestrefsError, match=r"does not have the context hst_9999\.pmap"):
        crds(observation.cache, "hst_9999.pmap").assign(observation.raws, lambda event: None)


def test_an_exposure_without_instrument_is_an_error_of_ours(observation: Case) -> None:
    fits.delval(observation.raws[0], "INSTRUME")
    with pytest.raises(BestrefsError):
        observation.service.assign(observation.raws, lambda event: None)


def test_uses_the_operational_context_of_the_cache_if_none_is_named(observation: Case) -> None:
    assigned = crds(observation.cache, "").assign(observation.raws, lambda event: None)
    assert assigned.context == observation.context


@pytest.mark.shared_data
def test_assigns_from_a_real_context(shared_hst: Path, crds_cache: Path, tmp_path: Path) -> None:
    with tarfile.open(shared_hst / "inputs" / "ldfd01010.tar.gz") as tarball:
        tarball.extractall(tmp_path, filter="data")
    raws = sorted(tmp_path.glob("*_rawtag_a.fits"))
    assigned = crds(crds_cache, "hst_0729.pmap").assign(raws, lambda event: None)
    flats = [reference.name for reference in assigned.references if reference.keyword == "FLATFILE"]
    assert len(flats) == 1
    assert fits.getheader(raws[0])["FLATFILE"] == f"lref${flats[0]}"
