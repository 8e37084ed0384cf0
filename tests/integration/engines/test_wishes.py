"""Switches and drizzle parameters of the user's own, with the real engines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from tests.support.engine_runs import Process

pytestmark = [pytest.mark.shared_data, pytest.mark.engines, pytest.mark.hstcal]


def test_an_image_is_its_flat_field_apart_from_the_one_without(process: Process, shared_hst: Path) -> None:
    usual = process("j6gp01mkq", "hst_9729.pmap")
    wished = process("j6gp01mkq", "hst_9729.pmap", options="--set FLATCORR=OMIT")
    assert (usual.status, wished.status) == (0, 0), wished.said
    assert "PFLTFILE" not in {reference["keyword"] for reference in wished.record["references"]}
    names = {one["keyword"]: one["name"] for one in usual.record["references"]}
    flat = fits.getdata(shared_hst / "crds_cache" / "references" / "hst" / names["PFLTFILE"], ("SCI", 1))
    with fits.open(usual.home / "j6gp01mkq_flt.fits") as made, fits.open(wished.home / "j6gp01mkq_flt.fits") as plain:
        assert plain[0].header["FLATCORR"] == "OMIT"
        good = (made["DQ", 1].data == 0) & (plain["DQ", 1].data == 0)
        product, without = made["SCI", 1].data * flat, plain["SCI", 1].data
    assert good.sum() > 100_000
    assert np.abs(product - without)[good].max() <= 1e-6 * np.abs(without[good]).max()


def test_a_drizzled_image_has_the_scale_that_was_asked_for(process: Process) -> None:
    run = process("jbz504010", options="--drizzle final_scale=0.03 --drizzle final_pixfrac=0.8 --members jbz504ejq")
    assert run.status == 0, run.said
    with fits.open(run.home / "jbz504011_drz.fits") as hdus:
        header = hdus["SCI"].header
        scales = np.hypot([header["CD1_1"], header["CD1_2"]], [header["CD2_1"], header["CD2_2"]]) * 3600
        assert scales == pytest.approx([0.03, 0.03], rel=1e-6)
        assert hdus[0].header["D001PIXF"] == pytest.approx(0.8)
        assert hdus[0].header["NDRIZIM"] == 1
    assert (run.home / "logs" / "jbz504010_mdriztab.fits").is_file()
    (table,) = (one for one in run.record["references"] if one["keyword"] == "MDRIZTAB")
    assert table["name"] == "jbz504010_mdriztab.fits"
    assert table["sha256"]


def test_reads_are_left_out_of_a_ramp_and_the_rest_is_drizzled(process: Process) -> None:
    usual = process("isim01010", options="--members isim01a1q")
    wished = process("isim01010", options="--members isim01a1q --omit-reads 1-2")
    assert (usual.status, wished.status) == (0, 0), wished.said
    with fits.open(usual.home / "isim01a1q_flt.fits") as made, fits.open(wished.home / "isim01a1q_flt.fits") as fewer:
        assert (np.median(made["SAMP"].data), np.median(fewer["SAMP"].data)) == (6, 4)
        assert np.median(made["TIME"].data - fewer["TIME"].data) == pytest.approx(7.6243, abs=1e-3)
        assert (fewer["DQ"].data & 1024).all()
    with fits.open(usual.home / "isim01010_drz.fits") as made, fits.open(wished.home / "isim01010_drz.fits") as fewer:
        assert np.count_nonzero(fewer["WHT"].data) >= 0.99 * np.count_nonzero(made["WHT"].data) > 10_000
