"""Real calacs, calwf3, calstis and drizzlepac on the shared data, offline, from name to products."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits

from tests.support.engine_runs import Process

pytestmark = [pytest.mark.shared_data, pytest.mark.engines, pytest.mark.hstcal]

TREES = {
    ("jbz504010", "hst_0729.pmap"): """
        jbz504010_asn.fits jbz504010.tra jbz504011.tra jbz504011_drz.fits jbz504011_sfl.fits
        jbz504ejq.tra jbz504ejq_raw.fits jbz504ejq_flt.fits jbz504ejq_flt_hlet.fits
        jbz504ekq.tra jbz504ekq_raw.fits jbz504ekq_flt.fits jbz504ekq_flt_hlet.fits
    """,
    ("isim01010", "hst_0729.pmap"): """
        isim01010_asn.fits isim01010.tra isim01010_drz.fits
        isim01a1q.tra isim01a1q_raw.fits isim01a1q_ima.fits isim01a1q_flt.fits isim01a1q_flt_hlet.fits
        isim01a2q.tra isim01a2q_raw.fits isim01a2q_ima.fits isim01a2q_flt.fits isim01a2q_flt_hlet.fits
    """,
    ("osim01010", "hst_0729.pmap"): """
        osim01010_asn.fits osim01010_raw.fits osim01010_wav.fits osim01010_flt.fits osim01010_crj.fits
        osim01010_sx1.fits osim01010_sx2.fits
    """,
    ("j6gp01mkq", "hst_9729.pmap"): """
        j6gp01mkq.tra j6gp01mkq_raw.fits j6gp01mkq_spt.fits j6gp01mkq_flt.fits j6gp01mkq_flt_hlet.fits
        j6gp01mkq_drz.fits
    """,
}


@pytest.mark.parametrize(("dataset", "context"), TREES, ids=[dataset for dataset, _ in TREES])
def test_ends_well_with_every_product_and_nothing_else(dataset: str, context: str, process: Process) -> None:
    run = process(dataset, context)
    assert run.status == 0, run.said
    assert run.products == set(TREES[dataset, context].split())
    assert run.record["failures"] == []
    assert all(engine["status"] == 0 and engine["problems"] == [] for engine in run.record["engines"])


def test_measures_each_engine(process: Process) -> None:
    run = process("jbz504010")
    assert run.programs == ["calacs.e", "runastrodriz"]
    calacs, drizzle = (engine["usage"] for engine in run.record["engines"])
    assert 0 < calacs["wall_seconds"] < drizzle["wall_seconds"]
    assert drizzle["max_rss_bytes"] > 100 << 20
    assert drizzle["user_seconds"] > 0.5


def test_the_same_exposure_fails_where_the_context_has_no_satufile(process: Process) -> None:
    run = process("j6gp01mkq", "hst_0729.pmap")
    assert run.status == 23
    assert run.programs == ["calacs.e"], "stage 2 must not run"
    (failure,) = run.record["failures"]
    assert failure["message"] == (
        "calacs.e ended with status 2: it needs a SATUFILE, and the CRDS context assigns none (N/A)."
    )
    assert "SATUFILE `N/A' not found" in failure["advice"]
    assert failure["message"] in run.said
    assert "j6gp01mkq_drz.fits" not in run.products


def crsplit(raw: Path, directory: Path) -> None:
    """Make a CR-SPLIT association of an exposure with itself."""
    for root in ("j6gp01maq", "j6gp01mbq"):
        with fits.open(raw) as hdus:
            hdus[0].header.update(ROOTNAME=root, CRCORR="PERFORM", CRSPLIT=2, ASN_ID="J6GP01010", ASN_MTYP="EXP-CRJ")
            hdus[0].header.update(ASN_TAB="j6gp01010_asn.fits", FILENAME=f"{root}_raw.fits")
            hdus.writeto(directory / f"{root}_raw.fits")
    rows = [
        fits.Column("MEMNAME", "14A", array=["J6GP01MAQ", "J6GP01MBQ", "J6GP01011"]),
        fits.Column("MEMTYPE", "14A", array=["EXP-CRJ", "EXP-CRJ", "PROD-CRJ"]),
        fits.Column("MEMPRSNT", "L", array=[True, True, False]),
    ]
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="HRC", ROOTNAME="j6gp01010", FILETYPE="ASN_TABLE")
    hdus = fits.HDUList([primary, fits.BinTableHDU.from_columns(rows, name="ASN")])
    hdus.writeto(directory / "j6gp01010_asn.fits")


def test_a_split_exposure(process: Process, unpacked: Callable[[str], Path], tmp_path: Path) -> None:
    crsplit(unpacked("j6gp01mkq") / "j6gp01mkq_raw.fits", tmp_path)
    run = process("j6gp01010", "hst_9729.pmap", tmp_path)
    assert run.status == 0, run.said
    assert {"j6gp01011_crj.fits", "j6gp01011_drz.fits", "j6gp01maq_flt.fits", "j6gp01mbq_flt.fits"} <= run.products


def test_a_wavelength_calibration_by_itself(process: Process, unpacked: Callable[[str], Path]) -> None:
    inputs = unpacked("osim01010")
    for name in ("osim01010_raw.fits", "osim01010_asn.fits"):  # the table says that there is science
        (inputs / name).unlink()
    run = process("osim01010", inputs=inputs)
    assert run.status == 0, run.said
    assert {"osim01010_wav_flt.fits", "osim01010_wav_x2d.fits"} <= run.products


@pytest.mark.parametrize("dummy", ["file", "row"])
def test_a_dummy_table(dummy: str, process: Process, crds_cache: Path, tmp_path: Path) -> None:
    table = tmp_path / "dummy_pht.fits"
    with fits.open(crds_cache / "references" / "hst" / "p822207no_pht.fits") as hdus:
        if dummy == "file":
            hdus[0].header["PEDIGREE"] = "DUMMY"
        else:
            hdus[1].data["PEDIGREE"][:] = "DUMMY"
        hdus.writeto(table)
    run = process("osim01010", options=f"--override PHOTTAB={table}")
    (engine,) = run.record["engines"]
    assert engine["status"] == 0
    assert "PHOTTAB dummy_pht.fits is a dummy: the step that needs it is skipped" in run.record["notes"]
    if dummy == "file":
        assert run.status == 0, "spectra are made, without fluxes"
        with fits.open(run.home / "osim01010_sx1.fits") as hdus:
            assert hdus[0].header["FLUXCORR"] == "PERFORM"
    else:
        assert run.status == 23, "no spectrum is made"
        assert "the row of PHOTTAB for this exposure is a dummy" in run.said


def test_a_visit_and_the_cell_of_the_sky_that_it_lies_in(process: Process, tmp_path: Path) -> None:
    visit, cell = tmp_path / "visit", tmp_path / "cell"
    visit.mkdir()
    cell.mkdir()
    names = ("isim01a1q_flt.fits", "isim01a2q_flt.fits")
    for name in names:
        shutil.copy(process("isim01010").home / name, visit)
    (visit / "wfc3_sim_01_input.out").write_text("".join(f"{name}\n" for name in names))
    mosaic = process("wfc3_sim_01", inputs=visit)
    assert mosaic.status == 0, mosaic.said
    assert {
        "wfc3_sim_01_manifest.txt", "astrodrizzle.log", "hst_99999_01_wfc3_ir_total_isim01_drz.fits",
        "hst_99999_01_wfc3_ir_f130n_isim01_drz.fits", "hst_99999_01_wfc3_ir_f130n_isim01a1_flt.fits",
        "hst_99999_01_wfc3_ir_total_isim01_point-cat.ecsv",
    } <= mosaic.products  # fmt: skip

    dataset, row = "skycell-p1476x11y07", "99999,SIM,01,100.0,F130N,IR,skycell-p1476x11y07,NEW"
    improved = [f"hst_99999_01_wfc3_ir_f130n_isim01a{number}_flt.fits" for number in "12"]
    for name in improved:
        shutil.copy(mosaic.home / name, cell)
    (cell / f"{dataset}_input.out").write_text("".join(f"{name},{row},{name}\n" for name in improved))
    layers = process(dataset, inputs=cell)
    assert layers.status == 0, layers.said
    assert {
        f"{dataset}_manifest.txt", f"hst_{dataset}_wfc3_ir_f130n_all_drz.fits",
        f"hst_{dataset}_wfc3_ir_f130n_coarse-all_drz.fits",
    } <= layers.products  # fmt: skip


def test_a_visit_of_a_moving_target_is_not_mosaicked(process: Process, tmp_path: Path) -> None:
    names = ("jbz504ejq_flt.fits", "jbz504ekq_flt.fits")
    for name in names:
        shutil.copy(process("jbz504010").home / name, tmp_path)
    (tmp_path / "acs_bz5_04_input.out").write_text("".join(f"{name}\n" for name in names))
    run = process("acs_bz5_04", inputs=tmp_path)
    assert run.status == 0, run.said
    assert [engine["status"] for engine in run.record["engines"]] == [65]
    assert run.record["notes"] == ["runsinglehap found no image fit to be processed (status 65)."]
