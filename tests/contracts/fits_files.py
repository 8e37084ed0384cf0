"""What every FitsFiles does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits, Values

MEMBERS = (Member("ldfd01vnq", "EXP-FP"), Member("ldfd01vpq", "EXP-FP", present=False), Member("ldfd01010", "PROD-FP"))


class FitsFilesContract(ABC):
    """Subclasses say how to make files; the rest is the contract."""

    @pytest.fixture
    @abstractmethod
    def fits(self) -> FitsFiles:
        """Return the adapter."""

    @abstractmethod
    def write(self, fits: FitsFiles, path: Path, primary: Mapping[str, HeaderValue]) -> None:
        """Make a FITS file with these keywords and one extension ``SCI``: EXPTIME = 70.5, pixels of 0."""

    @abstractmethod
    def write_table(self, fits: FitsFiles, path: Path, members: tuple[Member, ...]) -> None:
        """Make an association table."""

    def test_facts_of_a_whole_file(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_rawtag_a.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq", "FLATCORR": "PERFORM", "X1DCORR": "OMIT", "RANDSEED": 4})
        facts = fits.facts(path)
        assert isinstance(facts, FitsFacts)
        assert facts.name == path.name
        assert facts.text("ROOTNAME") == "LDFD01VNQ"
        assert facts.switches == {"FLATCORR": "PERFORM", "X1DCORR": "OMIT"}
        assert facts.number("RANDSEED") == 4
        assert facts.number("EXPTIME") == 70.5
        assert [extension.name for extension in facts.extensions] == ["SCI"]

    def test_science_is_looked_at_on_request(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_flt.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq"})
        looked, glanced = fits.facts(path, science=True), fits.facts(path)
        assert isinstance(looked, FitsFacts)
        assert isinstance(glanced, FitsFacts)
        assert looked.extensions[0].values == {"SCI": Values.CONSTANT}
        assert glanced.extensions[0].values == {}
        assert looked.primary == glanced.primary

    def test_what_is_no_fits_file_is_unreadable(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_x1d.fits"
        path.write_bytes(b"this is no FITS file")
        facts = fits.facts(path)
        assert isinstance(facts, UnreadableFits)
        assert facts.name == path.name
        assert facts.reason

    def test_keywords_are_set_and_read_back(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_rawtag_a.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq", "RANDSEED": -1})
        fits.set_keywords(path, {"RANDSEED": 1, "CSYS_VER": "caldp_2026"})
        facts = fits.facts(path)
        assert isinstance(facts, FitsFacts)
        assert (facts.number("RANDSEED"), facts.text("CSYS_VER")) == (1, "CALDP_2026")
        assert facts.text("ROOTNAME") == "LDFD01VNQ"

    def test_keywords_of_what_is_no_fits_file_cannot_be_set(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_rawtag_a.fits"
        path.write_bytes(b"")
        with pytest.raises(InvalidInput, match=path.name):
            fits.set_keywords(path, {"RANDSEED": 1})

    def test_association_table(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01010_asn.fits"
        self.write_table(fits, path, MEMBERS)
        assert fits.association(path) == Association("ldfd01010", MEMBERS)

    def test_what_is_no_association_table_is_refused(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01010_asn.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01010"})
        with pytest.raises(InvalidInput, match=path.name):
            fits.association(path)
