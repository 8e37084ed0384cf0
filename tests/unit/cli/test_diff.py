"""``caldp diff``: sides of every kind, texts and JSON, statuses, and what is refused."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import caldp
from caldp.cli.main import main
from caldp.domain.comparison.agreement import Agreement
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category
from caldp.domain.run.record import FileRecord, RunRecord
from tests.unit.app.compare.test_compare_sides import record_of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make two directories of products, the second with one other pixel; the user works beside them."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("a", 1), ("b", 2)):
        pixels, flags = np.ones((5, 4), "f4"), np.zeros((5, 4), "i2")
        pixels[2, 3], flags[0, 0] = value, 16 * (value - 1)
        primary = fits.PrimaryHDU()
        primary.header.update(INSTRUME="ACS", DETECTOR="HRC", FLATCORR="COMPLETE" if value == 1 else "OMIT")
        (tmp_path / name).mkdir()
        hdus = [primary, fits.ImageHDU(pixels, name="SCI"), fits.ImageHDU(flags, name="DQ")]
        fits.HDUList(hdus).writeto(tmp_path / name / "j8cb01u2q_flt.fits")
        fits.PrimaryHDU(np.zeros(3)).writeto(tmp_path / name / "j8cb01u2q_raw.fits")
        (tmp_path / name / "j8cb01u2q.tra").write_text(name)
    return tmp_path


def test_a_difference_is_told_in_words(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a", "b"]) == 0
    assert (
        capsys.readouterr().out
        == """\
files: DIFFERENT
Products
  EXACT           1 of 2 FITS files
  DIFFERENT       j8cb01u2q_flt.fits
    primary: data are the same
      FLATCORR  COMPLETE  ->  OMIT
    SCI,1
      1 of 20 differ
        largest relative 0.5, median 0.5, largest absolute 1, median B/A 2
        first at pixel (4, 3), largest at pixel (4, 3)
    DQ,1
      1 of 20 differ
        first at pixel (1, 1)
        hot pixel (16): 1 gained, 0 lost
  Other files that differ: j8cb01u2q.tra

1 dataset, 2 FITS files: 1 exact, 1 different; 2 read, 0 told by digests
"""
    )


def test_scripts_get_json_and_a_status(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "a", "b", "--json", "--exit-code"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["agreement"], found["tolerance"]) == (1, "different", {"rtol": 1e-7, "atol": 0.0})
    (product,) = (one for one in found["datasets"][0]["products"] if one["hdus"])
    assert product["hdus"][2]["values"][0]["flags"] == [{"flag": 16, "name": "hot pixel", "gained": 1, "lost": 0}]
    assert main(["diff", "a", "a", "--exit-code"]) == 0


def test_a_tolerance_lets_values_differ_but_not_flags(here: Path) -> None:
    assert main(["diff", "a/j8cb01u2q_flt.fits", "b/j8cb01u2q_flt.fits", "--atol", "2", "--exit-code"]) == 1
    with fits.open("b/j8cb01u2q_flt.fits", mode="update") as hdus:
        hdus["DQ"].data[:] = 0
    assert main(["diff", "a/j8cb01u2q_flt.fits", "b/j8cb01u2q_flt.fits", "--atol", "2", "--exit-code"]) == 0
    assert main(["diff", "a", "b", "--atol", "2", "--exit-code"]) == 0


def test_a_tarball_is_a_side(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tarfile.open("b.tar.gz", "w:gz") as tar:
        tar.add("b", "j8cb01u2q")
    assert main(["diff", "a", "b.tar.gz", "--exit-code"]) == 1
    assert "1 exact, 1 different" in capsys.readouterr().out


@pytest.fixture
def processed(here: Path) -> RunRecord:
    """Make an output of the products in a, with a record whose digests are true."""
    from caldp.adapters.fits.digest import file_digest

    home = here / "out" / "data" / "acs" / "j8cb01u2q"
    shutil.copytree(here / "a", home)
    digests = {path.name: file_digest(path) for path in sorted(home.iterdir())}
    products = tuple(
        FileRecord(name, one.size, Category.PRODUCT, sha256=one.sha256, hdus=one.hdus) for name, one in digests.items()
    )
    made = record_of("j8cb01u2q", {})
    record = RunRecord(
        made.run, DatasetName.parse("j8cb01u2q"), made.status, made.started, "file:in", "file:out", "onsite", "tree",
        products=products,
    )  # fmt: skip
    (home / "logs").mkdir()
    (home / "logs" / "record.json").write_text(record.to_json())
    return record


@pytest.mark.parametrize(
    "side", ["out", "out/data/acs/j8cb01u2q", "out/data/acs/j8cb01u2q/logs/record.json", "alone.json"]
)
def test_an_output_its_directory_and_its_record_are_the_same_run(
    side: str, processed: RunRecord, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "alone.json").write_text(processed.to_json())
    assert main(["diff", "out", side, "--exit-code"]) == 0
    assert "2 FITS files: 2 exact; 0 read, 2 told by digests" in capsys.readouterr().out


def test_digests_are_taken_at_their_word_unless_all_is_to_be_read(processed: RunRecord, here: Path) -> None:
    victim = here / "out" / "data" / "acs" / "j8cb01u2q" / "j8cb01u2q_flt.fits"
    shutil.copytree(here / "out", here / "whole")
    victim.write_bytes((here / "b" / victim.name).read_bytes())
    assert main(["diff", "whole", "out", "--exit-code"]) == 0
    assert main(["diff", "whole", "out", "--exit-code", "--read"]) == 1


def test_a_program_gets_values(here: Path) -> None:
    found = caldp.diff(here / "a", here / "b")
    assert found.agreement is Agreement.DIFFERENT
    assert [value.first for hdu in found.datasets[0].products[0].hdus for value in hdu.values] == [
        "pixel (4, 3)", "pixel (1, 1)",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="rtol is -1"):
        caldp.diff(here / "a", here / "b", rtol=-1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "gone"], "There is no "),
        (["a", "none"], "none holds nothing to compare"),
        (["a", "empty"], "holds no FITS file"),
        (["a", "a/j8cb01u2q.tra"], "is nothing that can be compared"),
        (["a", "wrong.json"], "It is no record of a run"),
        (["a", "deep.json"], "nested too deeply"),
        (["a", "wrong.tar.gz"], "is refused"),
        (["a", "b", "ldfd"], "ldfd"),
        (["a", "b", "--rtol", "nan"], "rtol is nan"),
        (["astroquery:", "b"], "astroquery"),
    ],
)
def test_bad_sides_are_named(words: list[str], message: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    (here / "wrong.json").write_text("{}")
    (here / "deep.json").write_text("[" * 100_000)
    (here / "wrong.tar.gz").write_bytes(b"\x1f\x8b nonsense")
    assert main(["diff", *words]) in (2, 21)
    error = capsys.readouterr().err
    assert message in error
    assert "bug" not in error


def test_the_same_file_twice_in_a_tarball_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tarfile.open("twice.tar", "w") as tar:
        tar.add("b", "one")
        tar.add("b", "two")
    assert main(["diff", "a", "twice.tar"]) == 21
    assert "has the same name as another" in capsys.readouterr().err
