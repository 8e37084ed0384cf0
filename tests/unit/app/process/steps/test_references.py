"""The step that assigns references: names that CRDS leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.process.flow import FetchedInputs, WorkDirectory
from caldp.app.process.steps.fetch import observe
from caldp.app.process.steps.references import assign_references
from caldp.domain.errors import BestrefsError, InvalidInput
from caldp.domain.hst.dataset import DatasetName
from tests.fakes.reference_file_service import FakeReferences
from tests.support.raws import association, raw

RAW = "j8cb01u2q_raw.fits"
ENVIRONMENT = {"jref": "/run/ref/", "HOME": "/home/astronomer"}


@pytest.fixture
def work(tmp_path: Path) -> WorkDirectory:
    work = WorkDirectory(tmp_path / "work")
    work.data.mkdir(parents=True)
    work.references.mkdir()
    (work.data / RAW).write_bytes(raw("j8cb01u2q", "ACS"))
    return work


def assign(work: WorkDirectory, cache: Path, **overrides: str) -> None:
    """Run the step with a CRDS that knows CCDTAB only."""
    reference = cache / "sim_ccd.fits"
    reference.touch()
    fits = AstropyFits()
    dataset = DatasetName.parse("j8cb01u2q")
    inputs = FetchedInputs(observe(dataset, {RAW: work.data / RAW}, fits), {RAW: work.data / RAW})
    service = FakeReferences("hst_0729.pmap", {"CCDTAB": reference}, fits, "jref")
    assign_references(inputs, service, work, ENVIRONMENT, lambda _event: None, overrides=overrides, fits=fits)


def set_card(path: Path, card: str) -> None:
    """Put a card, as it stands, before the END of the primary header."""
    header = path.read_bytes()
    end = header.index(b"END" + b" " * 77)
    path.write_bytes(header[:end] + card.ljust(80).encode() + header[end : end + 80] + header[end + 160 :])


@pytest.mark.parametrize("value", ["jref$../../x.fits", "/etc/passwd", "HOME$.netrc"])
def test_a_name_outside_of_the_run_s_directories_is_refused(value: str, work: WorkDirectory, tmp_path: Path) -> None:
    AstropyFits().set_keywords(work.data / RAW, {"DARKFILE": value})
    with pytest.raises(BestrefsError, match="DARKFILE") as caught:
        assign(work, tmp_path)
    assert RAW in caught.value.message
    assert value in caught.value.message
    assert "override DARKFILE with a file of your own" in caught.value.advice
    assert list(work.references.iterdir()) == []


@pytest.mark.parametrize("card", ["DARKFILE= '/etc/passwd'", "HIERARCH DARKFILE = '/etc/passwd'"])
def test_of_two_cards_neither_hides_the_other(card: str, work: WorkDirectory, tmp_path: Path) -> None:
    AstropyFits().set_keywords(work.data / RAW, {"DARKFILE": "N/A"})
    set_card(work.data / RAW, card)
    with pytest.raises(BestrefsError, match="'/etc/passwd'"):
        assign(work, tmp_path)


def test_what_crds_replaces_and_what_it_need_not_is_in_order(work: WorkDirectory, tmp_path: Path) -> None:
    keywords = {"CCDTAB": "/somebody/else/x_ccd.fits", "DARKFILE": "N/A", "GRAPHTAB": "mtab$n9i1408hm_tmg.fits"}
    AstropyFits().set_keywords(work.data / RAW, keywords)
    assign(work, tmp_path)
    assert [link.name for link in work.references.iterdir()] == ["sim_ccd.fits"]


def test_a_file_of_the_user_s_own_lies_where_the_user_has_it(work: WorkDirectory, tmp_path: Path) -> None:
    mine = tmp_path / "my dark (2).fits"
    mine.write_bytes(raw("mydark", "ACS"))
    AstropyFits().set_keywords(work.data / RAW, {"DARKFILE": "/etc/passwd"})
    assign(work, tmp_path, darkfile=str(mine))
    assert (work.references / mine.name).resolve() == mine


@pytest.mark.parametrize("member", ["../../x", "/tmp/x", "j8cb$u2q", "j8cb01u2q x"])
def test_an_association_names_rootnames_only(member: str, work: WorkDirectory) -> None:
    table = "j8cb010b0_asn.fits"
    rows = [("j8cb01u2q", "EXP-CRJ", True), (member, "PROD-CRJ", True)]
    (work.data / table).write_bytes(association("j8cb010b0", rows))
    files = {name: work.data / name for name in (RAW, table)}
    with pytest.raises(InvalidInput, match=f"{table} has the member"):
        observe(DatasetName.parse("j8cb010b0"), files, AstropyFits())
