"""Previews of each kind of product (docs/reference/contracts/previews.md)."""

from pathlib import Path

import pytest

from caldp.domain.output.previews import PreviewKind, PreviewRequest, is_previewed, plan_previews, single_preview

ACS_PRODUCTS = """
    j8cb010b0_asn.fits j8cb01u2q_raw.fits j8cb01u2q_flt.fits j8cb01u2q_flt_hlet.fits j8cb01u3q_raw.fits
    j8cb01u3q_flt.fits j8cb01u3q_flt_hlet.fits j8cb010b1_crj.fits j8cb010b1_drz.fits j8cb010b0.tra j8cb010b1.tra
"""
STIS_PRODUCTS = """
    obes03010_asn.fits obes03010_raw.fits obes03010_wav.fits obes03010_flt.fits obes03010_crj.fits
    obes03010_sx1.fits obes03010_sx2.fits
"""
COS_PRODUCTS = """
    la8q99030_asn.fits la8q99030_jnk.fits la8q99icq_spt.fits la8q99icq_rawtag.fits la8q99icq_corrtag.fits
    la8q99icq_counts.fits la8q99icq_flt.fits la8q99icq_x1d.fits la8q99030_x1dsum.fits la8q99030_x1dsum3.fits
    la8q99icq_lampflash.fits la8q99icq.tra
"""
WFC3_PRODUCTS = """
    ib8t01010_asn.fits ib8t01hxq_raw.fits ib8t01hxq_ima.fits ib8t01hxq_flt.fits ib8t01hxq_flt_hlet.fits
    ib8t01010_drz.fits ib8t01010.tra
"""


def stems(names: str) -> list[str]:
    return [request.stem for request in plan_previews(map(Path, names.split()))]


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        (
            ACS_PRODUCTS,
            "j8cb010b1_crj j8cb010b1_drz j8cb01u2q_flt j8cb01u2q_raw j8cb01u3q_flt j8cb01u3q_raw",
        ),
        (STIS_PRODUCTS, "obes03010_sx1"),
        (COS_PRODUCTS, "la8q99030_x1dsum la8q99030_x1dsum3 la8q99icq_x1d"),
        (WFC3_PRODUCTS, "ib8t01010_drz ib8t01hxq_flt ib8t01hxq_ima ib8t01hxq_raw"),
    ],
)
def test_the_archives_datasets_get_the_archives_previews(products: str, expected: str) -> None:
    assert stems(products) == expected.split()


def test_an_image_is_a_jpeg_with_a_thumbnail_of_128_pixels() -> None:
    (request,) = plan_previews([Path("somewhere/j8cb010b1_drz.fits")])
    assert request == PreviewRequest(PreviewKind.IMAGE, (Path("somewhere/j8cb010b1_drz.fits"),), "j8cb010b1_drz", 128)
    assert (request.full_name, request.thumbnail_name) == ("j8cb010b1_drz.jpg", "j8cb010b1_drz_thumb.jpg")


def test_a_spectrum_is_a_png_and_may_have_a_table() -> None:
    (request,) = plan_previews([Path("la8q99030_x1dsum3.fits")])
    assert request.kind is PreviewKind.SPECTRUM
    assert (request.full_name, request.thumbnail_name, request.table_name) == (
        "la8q99030_x1dsum3.png",
        "la8q99030_x1dsum3_thumb.png",
        "la8q99030_x1dsum3_prev.fits",
    )


@pytest.mark.parametrize(
    "name",
    [
        "la8q99030_asn.fits",
        "la8q99icq_flt.fits",
        "obes03010_raw.fits",
        "j8cb01u2q_spt.fits",
        "j8cb01u2q_flt_hlet.fits",
        "u2440101t_raw.fits",
        "hst_11150_70_wfc3_ir_f160w_ia1s70jr_flt.fits",
        "hst_11150_70_wfc3_ir_total_ia1s70_point-cat.ecsv",
        "j8cb01u2q_flt.jpg",
        "flt.fits",
    ],
)
def test_nothing_else_gets_a_preview(name: str) -> None:
    assert not is_previewed(name)


def test_compressed_products_are_drawn_too() -> None:
    assert stems("j8cb01u2q_flt.fits.gz") == ["j8cb01u2q_flt"]


def test_any_file_can_be_asked_for_by_itself() -> None:
    assert single_preview(Path("obes03010_flt.fits")).kind is PreviewKind.IMAGE
    assert single_preview(Path("obes03010_x1d.fits")).kind is PreviewKind.SPECTRUM
    assert single_preview(Path("my_star.fits")).full_name == "my_star.jpg"


def colour(names: str) -> list[PreviewRequest]:
    return [request for request in plan_previews(map(Path, names.split())) if request.kind is PreviewKind.COLOUR]


def sources(request: PreviewRequest) -> list[str]:
    return [path.name.split("_")[-3] for path in request.sources]


def test_a_visit_in_three_filters_gets_a_colour_picture() -> None:
    (request,) = colour("""
        hst_10265_01_acs_wfc_f814w_j92c01_drc.fits hst_10265_01_acs_wfc_f435w_j92c01_drc.fits
        hst_10265_01_acs_wfc_f606w_j92c01_drc.fits hst_10265_01_acs_wfc_total_j92c01_drc.fits
        hst_10265_01_acs_wfc_f606w_j92c01b7_drc.fits hst_10265_01_acs_wfc_g800l_j92c01_drc.fits
    """)
    assert sources(request) == ["f435w", "f606w", "f814w"]
    assert request.full_name == "hst_10265_01_acs_wfc_total_j92c01_drc_color.jpg"
    assert request.thumbnail_name == "hst_10265_01_acs_wfc_total_j92c01_drc_color_thumb.jpg"
    assert request.thumbnail_size == 128


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("f814w f435w", "f435w f814w"),
        ("f775w f435w f814w f555w", "f435w f555w f814w"),
        ("f435w f850lp f555w f606w f814w", "f435w f606w f850lp"),
        ("f606w", ""),
        ("", ""),
    ],
)
def test_green_is_the_lower_median(filters: str, expected: str) -> None:
    names = " ".join(f"hst_10265_a1_acs_wfc_{name}_j92ca1_drc.fits" for name in filters.split())
    assert [name for request in colour(names) for name in sources(request)] == expected.split()


def test_each_detector_of_a_visit_is_a_pixel_grid_of_its_own() -> None:
    uvis, infrared = sorted(
        colour("""
            hst_11150_70_wfc3_uvis_f275w_ia1s70_drc.fits hst_11150_70_wfc3_uvis_f814w_ia1s70_drc.fits
            hst_11150_70_wfc3_ir_f110w_ia1s70_drz.fits hst_11150_70_wfc3_ir_f160w_ia1s70_drz.fits
        """),
        key=lambda request: request.stem,
        reverse=True,
    )
    assert (uvis.stem, infrared.stem) == (
        "hst_11150_70_wfc3_uvis_total_ia1s70_drc_color",
        "hst_11150_70_wfc3_ir_total_ia1s70_drz_color",
    )


def test_of_one_filter_the_image_corrected_for_cte_is_taken() -> None:
    (request,) = colour("""
        hst_10265_01_acs_wfc_f435w_j92c01_drz.fits hst_10265_01_acs_wfc_f435w_j92c01_drc.fits
        hst_10265_01_acs_wfc_f606w_j92c01_drz.fits
    """)
    assert [path.name[-8:-5] for path in request.sources] == ["drc", "drz"]


def test_a_sky_cell_mixes_detectors_and_has_one_picture_for_each_pixel_scale() -> None:
    cell = "hst_skycell-p2381x06y09"
    fine, coarse = colour(f"""
        {cell}_acs_wfc_f606w_all_drc.fits {cell}_wfc3_uvis_f275w_all_drc.fits {cell}_wfc3_ir_f160w_all_drz.fits
        {cell}_wfc3_ir_f160w_coarse-all_drz.fits {cell}_wfc3_ir_f110w_coarse-all_drz.fits
        {cell}_wfc3_ir_f110w_coarse-all-ibp505mf_drz.fits
    """)
    assert sources(fine) == ["f275w", "f606w", "f160w"]
    assert fine.full_name == f"{cell}_wfc3_ir_total_all_drz_color.jpg"
    assert coarse.full_name == f"{cell}_wfc3_ir_total_coarse-all_drz_color.jpg"
    assert fine.thumbnail_size == coarse.thumbnail_size == 512


def test_mosaics_of_a_sky_cell_have_thumbnails_of_512_pixels() -> None:
    (request,) = plan_previews([Path("hst_skycell-p2381x06y09_acs_wfc_f606w_all_drc.fits")])
    assert request.thumbnail_size == 512
