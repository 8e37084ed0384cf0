"""Files delivered from a work directory (docs/reference/contracts/layouts.md)."""

from __future__ import annotations

import pytest

from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category
from caldp.domain.output.products import delivered

# dataset, what is delivered, what else lies in the work directory
DELIVERIES = {
    "ACS/HRC CR-SPLIT": (
        "j8cb010b0",
        """
            j8cb010b0_asn.fits j8cb01u2q_raw.fits j8cb01u3q_raw.fits j8cb01u2q_flt.fits j8cb01u3q_flt.fits
            j8cb01u2q_flt_hlet.fits j8cb01u3q_flt_hlet.fits j8cb010b1_crj.fits j8cb010b1_drz.fits
            j8cb010b0.tra j8cb010b1.tra j8cb01u2q.tra j8cb01u3q.tra
        """,
        "astrodrizzle.log j8cb010b0_input.out run.log",
    ),
    "STIS: no engineering support": (
        "obes03010",
        """
            obes03010_asn.fits obes03010_raw.fits obes03010_wav.fits obes03010_flt.fits obes03010_crj.fits
            obes03010_sx1.fits obes03010_sx2.fits
        """,
        "obes03010_epc.fits",
    ),
    "COS/NUV": (
        "la8q99030",
        """
            la8q99030_asn.fits la8q99030_jnk.fits la8q99030_x1dsum.fits la8q99030_x1dsum3.fits la8q99buq_spt.fits
            la8q99buq_rawtag.fits la8q99buq_corrtag.fits la8q99buq_counts.fits la8q99buq_flt.fits la8q99buq_x1d.fits
            la8q99buq_lampflash.fits la8q99buq.tra
        """,
        "la8q99buq_x1d.fits.tmp",
    ),
    "COS engineering support is delivered": ("la8q99buq", "la8q99buq_epc.fits", ""),
    "a visit": (
        "acs_8ph_01",
        """
            acs_8ph_01_manifest.txt astrodrizzle.log hst_8ph_01_acs_wfc_total_j8ph01_drc.fits
            hst_8ph_01_acs_wfc_f606w_j8ph01_trl.txt hst_8ph_01_acs_wfc_total_j8ph01_point-cat.ecsv
        """,
        """
            j8ph01a1q_flc.fits acs_8ph_01_input.out acs_8ph_02_manifest.txt hst_8ph_02_acs_wfc_total_j8ph02_drc.fits
            hst_8ph_01_acs_wfc_total_j8ph01_drc.jpg
        """,
    ),
    "a sky cell": (
        "skycell-p2381x06y09",
        """
            skycell-p2381x06y09_manifest.txt hst_skycell-p2381x06y09_acs_wfc_f606w_all_drc.fits
            hst_skycell-p2381x06y09_acs_wfc_f606w_all_trl.txt
        """,
        """
            skycell-p2381x06y09_input.out hst_skycell-p2381x06y08_acs_wfc_f606w_all_drc.fits astrodrizzle.log
            hst_skycell-p2381x06y09_x.ecsv
        """,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "wanted", "unwanted"), DELIVERIES.values(), ids=DELIVERIES.keys())
def test_what_is_delivered(name: str, wanted: str, unwanted: str) -> None:
    chosen = delivered(DatasetName.parse(name), [*unwanted.split(), *wanted.split()])
    assert chosen == dict.fromkeys(sorted(wanted.split()), Category.PRODUCT)


@pytest.mark.parametrize("name", ["j8cb010b0", "acs_8ph_01", "skycell-p2381x06y09"])
def test_the_settings_of_the_engines_are_delivered_as_such(name: str) -> None:
    names = [f"{name}_cal_env.txt", "j8cb020c0_cal_env.txt"]
    assert delivered(DatasetName.parse(name), names) == {f"{name}_cal_env.txt": Category.ENVIRONMENT}
