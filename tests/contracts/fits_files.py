"""Contract of the port FitsFiles."""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.digests import VOLATILE_CARDS, FileDigest
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

    def test_what_has_no_data_quality_cannot_be_flagged(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_rawtag_a.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq"})
        with pytest.raises(InvalidInput, match=rf"The data quality of {path.name} cannot be flagged"):
            fits.flag(path, [1], 1024)
        path.write_bytes(b"")
        with pytest.raises(InvalidInput, match=path.name):
            fits.flag(path, [1], 1024)

    def test_association_table(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01010_asn.fits"
        self.write_table(fits, path, MEMBERS)
        assert fits.association(path) == Association("ldfd01010", MEMBERS)

    def test_a_part_of_an_association_table_is_written(self, fits: FitsFiles, tmp_path: Path) -> None:
        original, part = tmp_path / "ldfd01010_asn.fits", tmp_path / "ldfd01vpq_asn.fits"
        self.write_table(fits, original, MEMBERS)
        fits.write_association(part, Association("ldfd01vpq", (Member("ldfd01vpq", "EXP-FP"),)), original)
        assert fits.association(part) == Association("ldfd01vpq", MEMBERS[1:2])
        assert fits.association(original) == Association("ldfd01010", MEMBERS)
        with pytest.raises(FileExistsError):
            fits.write_association(part, Association("ldfd01vpq", MEMBERS), original)

    def test_no_part_of_what_is_no_association_table_is_written(self, fits: FitsFiles, tmp_path: Path) -> None:
        original, part = tmp_path / "ldfd01010_asn.fits", tmp_path / "ldfd01vpq_asn.fits"
        self.write(fits, original, {"ROOTNAME": "ldfd01010"})
        with pytest.raises(InvalidInput, match=r"ldfd01010_asn\.fits is not an association table"):
            fits.write_association(part, Association("ldfd01vpq", MEMBERS), original)
        assert not part.exists()

    def test_what_is_no_association_table_is_refused(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01010_asn.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01010"})
        with pytest.raises(InvalidInput, match=path.name):
            fits.association(path)

    def test_a_digest_has_every_hdu(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_flt.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq"})
        digest = fits.digest(path)
        assert digest is not None
        assert digest.size == path.stat().st_size
        assert [(hdu.name, hdu.version) for hdu in digest.hdus] == [("", 1), ("SCI", 1)]
        texts = [digest.sha256, *(text for hdu in digest.hdus for text in (hdu.header, hdu.data))]
        assert all(re.fullmatch("[0-9a-f]{64}", text) for text in texts)

    def test_equal_files_have_equal_digests_wherever_they_lie(self, fits: FitsFiles, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        first, second = tmp_path / "ldfd01vnq_flt.fits", tmp_path / "other" / "ldfd01vnq_flt.fits"
        for path in (first, second):
            self.write(fits, path, {"ROOTNAME": "ldfd01vnq"})
        assert fits.digest(first) == fits.digest(second) is not None

    def test_a_keyword_changes_the_digest_of_its_header(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq_flt.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq", "FLATCORR": "PERFORM"})
        before = fits.digest(path)
        fits.set_keywords(path, {"FLATCORR": "OMIT"})
        after = fits.digest(path)
        assert before is not None
        assert after is not None
        assert before.sha256 != after.sha256
        assert before.hdus[0].header != after.hdus[0].header
        assert before.hdus[1:] == after.hdus[1:]

    @pytest.mark.parametrize("keyword", sorted(VOLATILE_CARDS))
    def test_a_volatile_card_changes_the_digest_of_the_whole_alone(
        self, fits: FitsFiles, tmp_path: Path, keyword: str
    ) -> None:
        path = tmp_path / "ldfd01vnq_flt.fits"
        self.write(fits, path, {"ROOTNAME": "ldfd01vnq", keyword: "2026-11-25"})
        before = fits.digest(path)
        fits.set_keywords(path, {keyword: "2026-11-26"})
        after = fits.digest(path)
        assert before is not None
        assert after is not None
        assert before.sha256 != after.sha256
        assert before.hdus == after.hdus

    def test_what_is_no_fits_file_has_no_hdus(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "ldfd01vnq.tra"
        path.write_bytes(b"a trailer")
        assert fits.digest(path) == FileDigest(9, hashlib.sha256(b"a trailer").hexdigest())

    def test_a_file_that_is_not_there_has_no_digest(self, fits: FitsFiles, tmp_path: Path) -> None:
        assert fits.digest(tmp_path / "ldfd01vnq_flt.fits") is None
