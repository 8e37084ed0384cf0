"""Visits and sky cells: the programs list in a manifest what they made."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.expected.hap import lacks_image, listed, paths_in
from caldp.domain.calibration.plan import Stage
from tests.support.expectations import expectation_of


@pytest.mark.parametrize(("dataset", "stage"), [("wfc3_sim_01", Stage.SVM), ("skycell-p1476x11y07", Stage.MVM)])
def test_a_manifest_must_be_made(dataset: str, stage: Stage) -> None:
    expectation = expectation_of(dataset, {})
    assert expectation.manifest == f"{dataset}_manifest.txt"
    assert [(product.name, product.is_fits) for product in expectation.of(stage)] == [(expectation.manifest, False)]


def test_what_a_manifest_lists_is_a_product() -> None:
    lines = ["hst_99999_01_wfc3_ir_total_isim01_drz.fits\n", "hst_99999_01_wfc3_ir_f130n_isim01_trl.txt", "", "\n"]
    products = listed(lines, Stage.SVM)
    assert [(product.name, product.is_fits, product.structure is not None) for product in products] == [
        ("hst_99999_01_wfc3_ir_total_isim01_drz.fits", True, True),
        ("hst_99999_01_wfc3_ir_f130n_isim01_trl.txt", False, False),
    ]
    assert not lacks_image(products)


def test_a_name_that_is_listed_twice_is_one_product() -> None:
    assert len(listed(["a_drc.fits", "a_drc.fits"], Stage.MVM)) == 1


@pytest.mark.parametrize("lines", [[], ["hst_x_trl.txt", "hst_x_flc.fits"]])
def test_a_manifest_without_a_drizzled_image_is_worth_nothing(lines: list[str]) -> None:
    assert lacks_image(listed(lines, Stage.SVM))


@pytest.mark.parametrize("path", ["../other_drz.fits", "/etc/passwd", "a/b_drz.fits", "..", "a\0b"])
def test_a_path_in_a_manifest_is_no_product(path: str) -> None:
    lines = [f"{path}\n", "hst_x_drz.fits\n"]
    assert [product.name for product in listed(lines, Stage.SVM)] == ["hst_x_drz.fits"]
    assert paths_in(lines) == (path,)
