"""Simulated observations as an archive, and the CRDS cache that comes with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.errors import InputNotFound, WorkDirectoryError
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import FileLocation, SimulatedLocation
from caldp.domain.run.events import Event, Note
from caldp.profiles import resolve_settings
from caldp.simulation.archive import SimulatedArchive, environment_of_simulation, settings_of_simulation
from tests.contracts.archive_source import ArchiveSourceContract


class TestSimulatedArchive(ArchiveSourceContract):
    """The simulated files are those of the contract."""

    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        def write(_dataset: AnyDataset, place: Path) -> Path:
            for name, data in files.items():
                (place / name).write_bytes(data)
            return place

        return SimulatedArchive(SimulatedLocation(str(directory)), AstropyFits(), write)


def fetch(name: str, tmp_path: Path) -> tuple[list[str], list[Event]]:
    destination = tmp_path / "data"
    destination.mkdir()
    told: list[Event] = []
    archive = SimulatedArchive(SimulatedLocation(str(tmp_path / "box")), AstropyFits())
    paths = archive.fetch(DatasetName.parse(name), destination, told.append)
    return [path.name for path in paths], told


def test_an_association_is_simulated_with_its_cache(tmp_path: Path) -> None:
    names, told = fetch("osim02010", tmp_path)
    assert names == ["osim02010_asn.fits", "osim02010_raw.fits", "osim02010_wav.fits"]
    assert Note(f"Simulated osim02010 and its reference files in '{tmp_path / 'box'}'.") in told
    assert (tmp_path / "box" / "crds_cache" / "mappings" / "hst" / "hst_sim0001.pmap").exists()


def test_one_exposure_of_an_association_comes_alone(tmp_path: Path) -> None:
    names, _ = fetch("jsim01a1q", tmp_path)
    assert names == ["jsim01a1q_raw.fits"]


@pytest.mark.parametrize("name", ["j8cb010b0", "acs_8ph_01", "skycell-p2381x06y09"])
def test_what_cannot_be_simulated_is_said_with_what_can(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match=f"{name} cannot be simulated") as caught:
        fetch(name, tmp_path)
    assert "lsim01010 (COS), jsim01010 (ACS)" in caught.value.advice


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "box").write_text("a file")
    with pytest.raises(WorkDirectoryError, match=f"cannot be written to '{tmp_path / 'box'}': a part of the path"):
        fetch("osim02010", tmp_path)


def test_the_users_own_cache_does_not_count(tmp_path: Path) -> None:
    exported = {"CRDS_PATH": "/grp/crds/cache", "CRDS_CONTEXT": "hst_0729.pmap", "CRDS_REFPATH": "/refs", "HOME": "/me"}
    settings = resolve_settings("aws", {}, exported).settings
    simulated = settings_of_simulation(settings, SimulatedLocation(str(tmp_path)))
    assert simulated.crds_path == str(tmp_path / "crds_cache")
    assert simulated.crds_context == "hst_sim0001.pmap"
    assert simulated.crds_readonly_cache
    assert (dict(simulated.crds_environment), simulated.context_from_output) == ({}, False)
    assert environment_of_simulation(exported) == {"HOME": "/me"}
    assert settings_of_simulation(settings, FileLocation("in")) is settings
