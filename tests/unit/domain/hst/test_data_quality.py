"""Flagged pixels that are repaired in a picture."""

import pytest

from caldp.domain.hst.data_quality import COSMIC_RAYS, image_defects

FULL_WELL, BLOB, CHARGE_TRAP, A_TO_D_SATURATION, WARM = 256, 512, 1024, 2048, 64


@pytest.mark.parametrize("detector", ["WFC", "HRC", "SBC", "UVIS", "IR", ""])
@pytest.mark.parametrize("flag", [FULL_WELL, BLOB, CHARGE_TRAP, A_TO_D_SATURATION, WARM])
def test_bright_stars_and_what_is_corrected_are_shown_as_they_are(detector: str, flag: int) -> None:
    assert not image_defects(detector) & flag


@pytest.mark.parametrize("detector", ["WFC", "UVIS", "IR"])
@pytest.mark.parametrize("flag", [4, 16, 128])
def test_dead_and_hot_pixels_and_bad_columns_are_repaired(detector: str, flag: int) -> None:
    assert image_defects(detector) & flag


def test_cosmic_rays_are_no_fault_of_the_detector() -> None:
    assert COSMIC_RAYS == 4096 | 8192
    assert not image_defects("WFC") & COSMIC_RAYS


def test_flag_8_means_something_else_in_the_infrared() -> None:
    assert image_defects("IR") & 8
    assert not image_defects("HRC") & 8
