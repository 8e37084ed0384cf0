"""Contract of the port ArchiveSource."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

import pytest

from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.errors import CaldpError, InputNotFound, InvalidInput
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from tests.support import raws

ASSOCIATION: Final[dict[str, bytes]] = {
    "lsim01010_asn.fits": raws.association(
        "lsim01010",
        [("lsim01aaq", "EXP-FP", True), ("lsim01abq", "EXP-AWAVE", True), ("lsim01acq", "EXP-FP", False),
         ("lsim01010", "PROD-FP", True)],
    ),
    "lsim01aaq_rawtag_a.fits": raws.raw("lsim01aaq"),
    "lsim01aaq_rawtag_b.fits": raws.raw("lsim01aaq", rows=400),
    "lsim01abq_rawtag_a.fits": raws.raw("lsim01abq"),
    "lsim01abq_spt.fits": raws.raw("lsim01abq"),
}  # fmt: skip
"""The inputs of the association lsim01010; its member lsim01acq was never taken."""

OTHERS: Final[dict[str, bytes]] = {
    "lsim01adq_rawacq.fits": raws.raw("lsim01adq"),
    "lsim02010_asn.fits": raws.association("lsim02010", [("lsim02aaq", "EXP-FP", True)]),
    "lsim02aaq_rawtag_a.fits": raws.raw("lsim02aaq"),
    "jsim01abq_raw.fits": raws.raw("jsim01abq", "ACS"),
}
"""Inputs of other datasets, some of the same program."""


class ArchiveSourceContract(ABC):
    """Override `source_of`, and what stands beside it if the archive is different; the rest is the contract."""

    nothing: ClassVar[type[CaldpError]] = InputNotFound
    """Error that is raised if there is nothing for a dataset."""

    @abstractmethod
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        """Return a source that offers files; the directory is free for whatever that takes."""

    def fetch(self, name: str, files: Mapping[str, bytes], tmp_path: Path) -> dict[str, bytes]:
        """Fetch a dataset from a source that offers files, and read what came."""
        dataset, place, destination = DatasetName.parse(name), tmp_path / "source", tmp_path / "data"
        place.mkdir()
        destination.mkdir()
        paths = self.source_of(files, dataset, place).fetch(dataset, destination, lambda _: None)
        assert sorted(paths) == list(paths) == sorted(destination.iterdir())
        assert all(os.access(path, os.W_OK) and path.is_file() and not path.is_symlink() for path in paths)
        return {path.name: path.read_bytes() for path in paths}

    def test_an_association_comes_with_its_members_and_nothing_else(self, tmp_path: Path) -> None:
        assert self.fetch("lsim01010", ASSOCIATION | OTHERS, tmp_path) == ASSOCIATION

    def test_an_exposure_comes_alone(self, tmp_path: Path) -> None:
        expected = {name: data for name, data in ASSOCIATION.items() if name.startswith("lsim01aaq")}
        assert self.fetch("LSIM01AAQ", ASSOCIATION | OTHERS, tmp_path) == expected

    def test_what_is_fetched_is_the_callers_own(self, tmp_path: Path) -> None:
        dataset, place = DatasetName.parse("lsim01aaq"), tmp_path / "source"
        place.mkdir()
        source = self.source_of(ASSOCIATION, dataset, place)
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            for path in source.fetch(dataset, tmp_path / name, lambda _: None):
                assert path.read_bytes() == ASSOCIATION[path.name]
                path.write_bytes(b"changed")

    @pytest.mark.parametrize("name", ["lsim09010", "lsim09aaq", "jsim01010"])
    def test_says_that_there_is_nothing(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(self.nothing, match=name):
            self.fetch(name, OTHERS, tmp_path)

    def test_an_association_without_exposures_is_nothing(self, tmp_path: Path) -> None:
        table = {name: data for name, data in ASSOCIATION.items() if "_asn" in name}
        with pytest.raises(self.nothing, match="lsim01010"):
            self.fetch("lsim01010", table | OTHERS, tmp_path)


class FileByFileContract(ArchiveSourceContract):
    """Further contract of sources whose files are named and packed by people."""

    def test_names_come_in_lower_case(self, tmp_path: Path) -> None:
        loud = {name.upper(): data for name, data in (ASSOCIATION | OTHERS).items()}
        assert self.fetch("lsim01010", loud, tmp_path) == ASSOCIATION

    def test_compressed_files_are_unpacked(self, tmp_path: Path) -> None:
        import gzip

        packed = {f"{name}.gz": gzip.compress(data) for name, data in (ASSOCIATION | OTHERS).items()}
        assert self.fetch("lsim01010", packed, tmp_path) == ASSOCIATION

    @pytest.mark.parametrize("damage", [slice(0, 100), slice(0, -4), slice(1, None)])
    def test_a_damaged_compressed_file_is_refused(self, damage: slice, tmp_path: Path) -> None:
        import gzip

        packed = gzip.compress(ASSOCIATION["lsim01aaq_rawtag_b.fits"])[damage]
        with pytest.raises(CaldpError, match=r"lsim01aaq_rawtag_b\.fits\.gz is damaged"):
            self.fetch("lsim01aaq", {"lsim01aaq_rawtag_b.fits.gz": packed}, tmp_path)
        assert list((tmp_path / "data").glob("*.fits")) == []

    def test_the_plain_file_wins_over_its_compressed_twin(self, tmp_path: Path) -> None:
        twins = {"lsim01aaq_rawtag_a.fits.gz": b"never read"} | ASSOCIATION
        assert self.fetch("lsim01010", twins, tmp_path) == ASSOCIATION

    def test_settings_for_the_engines_come_along(self, tmp_path: Path) -> None:
        files = {"lsim01010_cal_env.txt": b"A=B\n", "lsim02010_cal_env.txt": b"C=D\n"}
        fetched = self.fetch("lsim01010", ASSOCIATION | files, tmp_path)
        assert fetched == ASSOCIATION | {"lsim01010_cal_env.txt": b"A=B\n"}

    @pytest.mark.parametrize(("name", "exposure"), [
        ("acs_sim_01", "jsim01abq_flc.fits"),
        ("skycell-p0001x02y03", "hst_99999_01_acs_wfc_f606w_jsim01ab_flc.fits"),
    ])  # fmt: skip
    def test_a_mosaic_comes_with_what_its_poller_file_names(self, name: str, exposure: str, tmp_path: Path) -> None:
        mosaic = {
            f"{name}_input.out": f"{exposure},99999,SIM,01,10.0,F606W,WFC,{exposure}\n".encode(),
            exposure: raws.raw("jsim01abq", "ACS"),
        }
        others = {"acs_sim_02_input.out": b"", exposure.replace("ab", "cd"): b"", "jsim01abq_raw.fits": b""}
        assert self.fetch(name, mosaic | others, tmp_path) == mosaic

    @pytest.mark.parametrize("files", [
        {"jsim01abq_flc.fits": b""},
        {"acs_sim_01_input.out": b"jsim01abq_flc.fits\n"},
        {"acs_sim_01_input.out": b"jsim01abq_flc.fits\njsim01acq_flt.fits\n", "jsim01acq_flt.fits": b""},
    ], ids=["no poller file", "no exposure", "one is missing"])  # fmt: skip
    def test_an_incomplete_visit_is_nothing(self, files: dict[str, bytes], tmp_path: Path) -> None:
        with pytest.raises(
            InputNotFound, match=r"There is no (poller file acs_sim_01_input\.out|exposure|jsim01abq_flc)"
        ):
            self.fetch("acs_sim_01", files, tmp_path)

    @pytest.mark.parametrize("poller", [b"", b"nonsense\n", b"../x_flc.fits,1\n", bytes(100)])
    def test_a_poller_file_that_is_none_is_refused(self, poller: bytes, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match=r"acs_sim_01_input\.out is not a poller file"):
            self.fetch("acs_sim_01", {"acs_sim_01_input.out": poller, "jsim01abq_flc.fits": b""}, tmp_path)
