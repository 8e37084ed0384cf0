"""Wishes of a user, granted in a work directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits as astropy_fits
from attrs import evolve

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.calibration.private_tables import TableEdit, edit_references, wished_edits
from caldp.app.calibration.wishes import granted
from caldp.app.process.flow import FetchedInputs
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.calibration.drizzle_parameters import Parameter
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import UsageError
from caldp.domain.hst.association import Member
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import Cell, Extension, FitsFacts, HeaderValue
from caldp.domain.run.record import FileRecord
from caldp.domain.run.settings import Settings
from tests.fakes.fits_files import FakeFits
from tests.support.raws import association, raw

ROOTS = ("jbz504ejq", "jbz504ekq")
SETTINGS = Settings(profile="test")


@pytest.fixture
def inputs(tmp_path: Path) -> FetchedInputs:
    """An association of two exposures, as it was fetched."""
    files = {f"{root}_raw.fits": tmp_path / f"{root}_raw.fits" for root in ROOTS}
    for root, path in zip(ROOTS, files.values(), strict=True):
        path.write_bytes(raw(root, "ACS"))
        AstropyFits().set_keywords(path, {"FLATCORR": "PERFORM", "DETECTOR": "SBC", "MDRIZTAB": "N/A"})
    table = tmp_path / "jbz504010_asn.fits"
    rows = [*((root, "EXP-RP1", True) for root in ROOTS), ("jbz504011", "PROD-RP1", False)]
    table.write_bytes(association("jbz504010", rows))
    files[table.name] = table
    records = tuple(FileRecord(name, path.stat().st_size) for name, path in files.items())
    return FetchedInputs(observe(DatasetName.parse("jbz504010"), files, AstropyFits()), files, records)


def test_switches_are_set_in_each_header_with_a_word_in_its_history(inputs: FetchedInputs) -> None:
    notes: list[str] = []
    wished = granted(inputs, evolve(SETTINGS, switches={"FLATCORR": Wish.OMIT}), AstropyFits(), notes.append)
    assert notes == ["FLATCORR is OMIT, and not PERFORM, by request: jbz504ejq_raw.fits, jbz504ekq_raw.fits"]
    for name, facts in wished.observation.raws.items():
        assert facts.switches == {"FLATCORR": "OMIT"}
        header = astropy_fits.getheader(inputs.files[name])
        assert list(header["HISTORY"]) == ["caldp: FLATCORR PERFORM -> OMIT, by the user's wish"]


def test_a_switch_that_stands_so_already_changes_no_file(inputs: FetchedInputs) -> None:
    notes: list[str] = []
    before = {name: path.read_bytes() for name, path in inputs.files.items()}
    granted(inputs, evolve(SETTINGS, switches={"FLATCORR": Wish.PERFORM}), AstropyFits(), notes.append)
    assert notes == ["FLATCORR was PERFORM before it was asked for"]
    assert {name: path.read_bytes() for name, path in inputs.files.items()} == before


def test_without_wishes_the_inputs_stay(inputs: FetchedInputs) -> None:
    assert granted(inputs, SETTINGS, AstropyFits(), pytest.fail) is inputs


def test_members_that_are_not_wanted_leave_the_table_and_the_directory(inputs: FetchedInputs) -> None:
    notes: list[str] = []
    part = granted(inputs, evolve(SETTINGS, members="jbz504ejq"), AstropyFits(), notes.append)
    assert notes == ["1 of 2 exposures are calibrated, by request: jbz504ejq"]
    assert part.files.keys() == {"jbz504ejq_raw.fits", "jbz504010_asn.fits"}
    assert part.records == inputs.records
    assert not inputs.files["jbz504ekq_raw.fits"].exists()
    table = AstropyFits().association(inputs.files["jbz504010_asn.fits"])
    assert part.observation.association == table
    assert table.members == (Member("jbz504ejq", "EXP-RP1"), Member("jbz504011", "PROD-RP1", present=False))


def test_all_members_are_no_part(inputs: FetchedInputs) -> None:
    assert granted(inputs, evolve(SETTINGS, members=",".join(ROOTS)), AstropyFits(), pytest.fail) is inputs


def test_a_member_that_there_is_not_changes_nothing(inputs: FetchedInputs) -> None:
    with pytest.raises(UsageError, match="jbz504exq is no exposure of jbz504010"):
        granted(inputs, evolve(SETTINGS, members="jbz504exq"), AstropyFits(), pytest.fail)
    assert inputs.files["jbz504ekq_raw.fits"].exists()


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    """A drizzle table, assigned to both exposures."""
    columns = [
        astropy_fits.Column("filter", "8A", array=["ANY", "F115LP"]),
        astropy_fits.Column("final_pixfrac", "E", array=[1.0, 1.0]),
        astropy_fits.Column("final_kernel", "6A", array=["square", "square"]),
        astropy_fits.Column("final_bits", "J", array=[96, 96]),
        astropy_fits.Column("build", "L", array=[True, True]),
    ]
    path = tmp_path / "sim_mdz.fits"
    table = astropy_fits.BinTableHDU.from_columns(columns)
    astropy_fits.HDUList([astropy_fits.PrimaryHDU(), table]).writeto(path)
    return Assignment(
        "hst_0729.pmap",
        (ReferenceFile("MDRIZTAB", "sim_mdz.fits", path, tuple(f"{root}_raw.fits" for root in ROOTS)),),
    )


def test_a_private_copy_takes_the_place_of_a_table(
    inputs: FetchedInputs, assignment: Assignment, tmp_path: Path
) -> None:
    place, notes = tmp_path / "logs", list[str]()
    place.mkdir()
    cells: dict[str, Cell] = {
        "final_pixfrac": 0.8, "final_kernel": "lanczos3", "final_wcs": True, "final_scale": 0.03, "final_rot": None,
    }  # fmt: skip
    changed = edit_references(
        assignment, [TableEdit("MDRIZTAB", cells, is_whole=True)], inputs, place, AstropyFits(), notes.append
    )
    (reference,) = changed.references
    assert (reference.name, reference.path, reference.is_override) == (
        "jbz504010_mdriztab.fits", place / "jbz504010_mdriztab.fits", True,
    )  # fmt: skip
    (note,) = notes
    assert note.startswith("MDRIZTAB is a copy of sim_mdz.fits with final_pixfrac = 0.8, final_kernel = lanczos3, ")
    assert note.endswith("final_scale = 0.03, final_rot = None in 2 rows, by request")
    with astropy_fits.open(reference.path) as hdus:
        data = hdus[1].data
        assert "sim_mdz.fits" in str(hdus[0].header["HISTORY"])
        assert data["final_pixfrac"] == pytest.approx([0.8, 0.8])
        assert list(data["final_kernel"]) == ["lanczos3", "lanczos3"]
        assert list(data["final_wcs"]) == [True, True]
        assert np.isnan(data["final_rot"]).all()
        assert list(data["filter"]) == ["ANY", "F115LP"]
        assert list(data["final_bits"]) == [96, 96]
    for root in ROOTS:
        assert astropy_fits.getheader(inputs.files[f"{root}_raw.fits"])["MDRIZTAB"] == "jref$jbz504010_mdriztab.fits"


def test_reads_that_are_left_out_let_drizzling_pass_over_their_flag(
    inputs: FetchedInputs, assignment: Assignment, tmp_path: Path
) -> None:
    path, notes = assignment.references[0].path, list[str]()
    with astropy_fits.open(path) as hdus:
        columns = [*hdus[1].columns, astropy_fits.Column("driz_sep_bits", "J", array=[-2147483647, 0])]
        edited = astropy_fits.HDUList([astropy_fits.PrimaryHDU(), astropy_fits.BinTableHDU.from_columns(columns)])
        edited.writeto(tmp_path / "other.fits")
    (tmp_path / "other.fits").replace(path)
    (edit,) = wished_edits(evolve(SETTINGS, omitted_reads="1"), pytest.fail)
    (reference,) = edit_references(assignment, [edit], inputs, tmp_path, AstropyFits(), notes.append).references
    (note,) = notes
    assert note.endswith("with flag 1024 in driz_sep_bits, flag 1024 in final_bits in 2 rows, by request")
    data = astropy_fits.getdata(reference.path)
    assert list(data["final_bits"]) == [1120, 1120]
    assert list(data["driz_sep_bits"]) == [-2147483647, 1024]
    assert list(data["final_kernel"]) == ["square", "square"]


def test_flags_that_a_user_gives_for_drizzling_stay() -> None:
    settings = evolve(SETTINGS, omitted_reads="1", drizzle={"final_bits": "16"})
    (edit,) = wished_edits(settings, lambda: {"final_bits": Parameter("final_bits", "integer_or_none")})
    assert (edit.cells, edit.bits) == ({"final_bits": 16}, {"driz_sep_bits": 1024})


def test_reads_can_be_left_out_of_exposures_that_are_not_drizzled(inputs: FetchedInputs, tmp_path: Path) -> None:
    edits = wished_edits(evolve(SETTINGS, omitted_reads="1"), pytest.fail)
    nothing = Assignment("hst_0729.pmap", ())
    assert edit_references(nothing, edits, inputs, tmp_path, AstropyFits(), pytest.fail) == nothing


def test_reads_are_flagged_in_the_exposures_that_have_them(tmp_path: Path) -> None:
    fits, notes = FakeFits(), list[str]()
    path = tmp_path / "isim01a1q_raw.fits"
    samples = [
        Extension(name, {"SAMPNUM": 3 - version} if name == "SCI" else {"PIXVALUE": 0}, version=version)
        for version in (1, 2, 3)
        for name in ("SCI", "DQ")
    ]
    header: dict[str, HeaderValue] = {
        "ROOTNAME": "isim01a1q",
        "INSTRUME": "WFC3",
        "DETECTOR": "IR",
        "CRCORR": "PERFORM",
    }
    fits.put(path, FitsFacts(path.name, header, tuple(samples)))
    files = {path.name: path}
    ramp = FetchedInputs(observe(DatasetName.parse("isim01a1q"), files, fits), files)
    granted(ramp, evolve(SETTINGS, omitted_reads="2"), fits, notes.append)
    facts = fits.facts(path)
    assert isinstance(facts, FitsFacts)
    assert [each.keywords["PIXVALUE"] for each in facts.named("DQ")] == [1024, 0, 0]
    assert fits.histories[path.name] == ["caldp: reads 2 flagged by 1024, by the user's wish"]
    assert notes == [
        "Reads 2 of isim01a1q_raw.fits are left out of the fit, by request: all pixels of its flt have flag 1024"
    ]


@pytest.fixture
def extraction(tmp_path: Path) -> Assignment:
    """A table of extraction boxes with rows of another aperture and another grating."""
    columns = [
        astropy_fits.Column("OPT_ELEM", "8A", array=["G140L", "G140L", "G140L", "E140M"]),
        astropy_fits.Column("CENWAVE", "I", array=[1425, -999, 1425, 1425]),
        astropy_fits.Column("APERTURE", "8A", array=["52X0.2", "52X0.2", "6X6", "52X0.2"]),
        astropy_fits.Column("EXTRSIZE", "E", array=[7.0, 7.0, 7.0, 7.0], unit="pixel"),
        astropy_fits.Column("BK1SIZE", "I", array=[5, 5, 5, 5]),
        astropy_fits.Column("COEFFS", "3E", array=np.zeros((4, 3))),
    ]
    path = tmp_path / "sim_1dx.fits"
    table = astropy_fits.BinTableHDU.from_columns(columns)
    astropy_fits.HDUList([astropy_fits.PrimaryHDU(), table]).writeto(path)
    return Assignment("hst_0729.pmap", (ReferenceFile("XTRACTAB", path.name, path, ("osim01010_raw.fits",)),))


@pytest.fixture
def spectrum(tmp_path: Path) -> FetchedInputs:
    """A raw exposure of STIS."""
    path = tmp_path / "osim01010_raw.fits"
    path.write_bytes(raw("osim01010", "STIS"))
    AstropyFits().set_keywords(path, {"OPT_ELEM": "G140L", "CENWAVE": 1425, "APERTURE": "52X0.2", "XTRACTAB": "N/A"})
    files = {path.name: path}
    return FetchedInputs(observe(DatasetName.parse("osim01010"), files, AstropyFits()), files)


def test_values_are_changed_in_the_rows_that_the_exposures_use(
    spectrum: FetchedInputs, extraction: Assignment, tmp_path: Path
) -> None:
    place, notes = tmp_path / "logs", list[str]()
    place.mkdir()
    edits = wished_edits(evolve(SETTINGS, table_values={"xtractab:extrsize": "11", "XTRACTAB:BK1SIZE": "9"}), dict)
    changed = edit_references(extraction, edits, spectrum, place, AstropyFits(), notes.append)
    assert notes == ["XTRACTAB is a copy of sim_1dx.fits with extrsize = 11, BK1SIZE = 9 in 2 rows, by request"]
    with astropy_fits.open(changed.references[0].path) as hdus:
        assert list(hdus[1].data["EXTRSIZE"]) == [11.0, 11.0, 7.0, 7.0]
        assert list(hdus[1].data["BK1SIZE"]) == [9, 9, 5, 5]
        assert hdus[1].columns["EXTRSIZE"].unit == "pixel"
        assert hdus[1].data["COEFFS"].shape == (4, 3)
    assert astropy_fits.getheader(spectrum.files["osim01010_raw.fits"])["XTRACTAB"] == "oref$osim01010_xtractab.fits"


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("EXTRSIZ", "11", "it has no column EXTRSIZ; did you mean EXTRSIZE"),
        ("BK1SIZE", "5.5", "BK1SIZE holds whole numbers, and not '5.5'"),
        ("COEFFS", "1", "COEFFS holds arrays"),
    ],
)
def test_what_the_table_has_not_got_is_refused(
    column: str, value: str, message: str, spectrum: FetchedInputs, extraction: Assignment, tmp_path: Path
) -> None:
    edit = TableEdit("XTRACTAB", {column: value})
    with pytest.raises(UsageError, match=message):
        edit_references(extraction, [edit], spectrum, tmp_path, AstropyFits(), pytest.fail)


@pytest.mark.parametrize(
    "column",
    [
        astropy_fits.Column("ODD", "J", bzero=2**31, array=np.array([1, 2, 3, 4], "u4")),
        astropy_fits.Column("ODD", "PE()", array=np.array([np.arange(float(n)) for n in range(4)], dtype=object)),
        astropy_fits.Column("ODD", "1QE()", array=np.array([np.arange(float(n)) for n in range(4)], dtype=object)),
    ],
    ids=["unsigned", "varying length", "long heap"],
)
def test_a_table_that_would_be_copied_with_other_values_is_refused(
    column: Any, spectrum: FetchedInputs, extraction: Assignment, tmp_path: Path
) -> None:
    path = extraction.references[0].path
    with astropy_fits.open(path) as hdus:
        columns = [*hdus[1].columns, column]
        table = astropy_fits.BinTableHDU.from_columns(columns)
        astropy_fits.HDUList([astropy_fits.PrimaryHDU(), table]).writeto(path, overwrite=True)
    edit = TableEdit("XTRACTAB", {"BK1SIZE": "9"})
    with pytest.raises(UsageError, match="ODD cannot be copied exactly"):
        edit_references(extraction, [edit], spectrum, tmp_path, AstropyFits(), pytest.fail)


def test_a_table_without_a_row_for_the_exposure_is_refused(
    spectrum: FetchedInputs, extraction: Assignment, tmp_path: Path
) -> None:
    AstropyFits().set_keywords(spectrum.files["osim01010_raw.fits"], {"APERTURE": "0.2X0.09"})
    looked = evolve(spectrum, observation=observe(spectrum.observation.dataset, dict(spectrum.files), AstropyFits()))
    with pytest.raises(UsageError, match="it has no row for this exposure"):
        edit_references(
            extraction, [TableEdit("XTRACTAB", {"BK1SIZE": "9"})], looked, tmp_path, AstropyFits(), pytest.fail
        )


@pytest.mark.parametrize(
    ("keyword", "cells", "message"),
    [
        ("MDRIZTAB", {"final_bits": "64+32"}, "final_bits holds whole numbers, and not '64\\+32'"),
        ("MDRIZTAB", {"final_pixfrac": "much"}, "final_pixfrac holds numbers"),
        ("MDRIZTAB", {"build": "perhaps"}, "build holds true or false"),
        ("FLATFILE", {}, "is assigned the table FLATFILE"),
    ],
)
def test_a_value_that_a_table_cannot_hold_is_refused(
    keyword: str,
    cells: dict[str, str],
    message: str,
    inputs: FetchedInputs,
    assignment: Assignment,
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match=message):
        edit_references(
            assignment, [TableEdit(keyword, dict(cells), is_whole=True)], inputs, tmp_path, AstropyFits(), pytest.fail
        )
    assert not (tmp_path / "jbz504010_mdriztab.fits").exists()


def test_a_table_that_is_not_in_the_cache_stays_as_it_is(inputs: FetchedInputs, assignment: Assignment) -> None:
    gone = evolve(assignment, references=(evolve(assignment.references[0], path=Path("/nowhere/x_mdz.fits")),))
    edit = TableEdit("MDRIZTAB", {"final_bits": 1})
    assert edit_references(gone, [edit], inputs, Path("/nowhere"), AstropyFits(), pytest.fail) == gone


def test_drizzlepac_is_asked_only_where_somebody_wishes() -> None:
    assert wished_edits(SETTINGS, lambda: pytest.fail("asked")) == ()
    settings = evolve(SETTINGS, drizzle={"final_pixfrac": "0.8"})
    (edit,) = wished_edits(settings, lambda: {"final_pixfrac": Parameter("final_pixfrac", "float")})
    assert edit == TableEdit("MDRIZTAB", {"final_pixfrac": 0.8}, is_whole=True)
