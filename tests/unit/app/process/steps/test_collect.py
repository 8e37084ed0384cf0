from pathlib import Path

import pytest

from caldp.app.calibration.signature import signature_of
from caldp.app.process.flow import FetchedInputs, PreviewSet, WorkDirectory
from caldp.app.process.steps.collect import collect
from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.layout import Category


@pytest.fixture
def work(tmp_path: Path) -> WorkDirectory:
    work = WorkDirectory(tmp_path)
    work.data.mkdir()
    work.previews.mkdir()
    return work


def inputs(work: WorkDirectory, dataset: AnyDataset, *names: str) -> FetchedInputs:
    for name in names:
        (work.data / name).touch()
    return FetchedInputs(Observation(dataset), {name: work.data / name for name in names})


def collected(work: WorkDirectory, fetched: FetchedInputs, *previews: Path) -> dict[str, Category]:
    return {file.path.name: file.category for file in collect(work, fetched, PreviewSet(files=previews)).files}


def test_raw_files_products_previews_and_settings_are_delivered(work: WorkDirectory) -> None:
    fetched = inputs(work, DatasetName.parse("osim01010"), "osim01010_raw.fits", "osim01010_cal_env.txt",
                     "osim01010_epc.fits")  # fmt: skip
    for name in ("osim01010_flt.fits", "osim01010.tra", "tmp.dat", "osim01010_cal_env.txt"):
        (work.data / name).touch()
    (work.data / "directory.fits").mkdir()
    preview = work.previews / "osim01010_sx1.png"
    preview.touch()
    assert collected(work, fetched, preview) == {
        "osim01010_raw.fits": Category.PRODUCT,
        "osim01010_flt.fits": Category.PRODUCT,
        "osim01010.tra": Category.PRODUCT,
        "osim01010_cal_env.txt": Category.ENVIRONMENT,
        "osim01010_sx1.png": Category.PREVIEW,
    }


def test_without_any_product_every_input_is_delivered_for_debugging(work: WorkDirectory) -> None:
    fetched = inputs(work, DatasetName.parse("osim01010"), "osim01010_raw.fits", "osim01010_epc.fits")
    assert collected(work, fetched) == {"osim01010_raw.fits": Category.PRODUCT, "osim01010_epc.fits": Category.PRODUCT}


def test_a_visits_inputs_are_delivered_only_if_it_has_no_products(work: WorkDirectory) -> None:
    fetched = inputs(work, DatasetName.parse("acs_sim_01"), "jsim01abq_flc.fits", "acs_sim_01_input.out")
    assert collected(work, fetched) == {
        "jsim01abq_flc.fits": Category.PRODUCT, "acs_sim_01_input.out": Category.PRODUCT
    }  # fmt: skip
    (work.data / "hst_99999_sim_01_acs_wfc_f606w_jsim01_drc.fits").touch()
    assert collected(work, fetched) == {"hst_99999_sim_01_acs_wfc_f606w_jsim01_drc.fits": Category.PRODUCT}


def test_an_input_that_is_gone_is_not_delivered(work: WorkDirectory) -> None:
    fetched = inputs(work, DatasetName.parse("osim01010"), "osim01010_raw.fits")
    (work.data / "osim01010_raw.fits").unlink()
    assert collected(work, fetched) == {}


def test_each_product_carries_the_signature_that_it_was_judged_by(work: WorkDirectory) -> None:
    fetched = inputs(work, DatasetName.parse("osim01010"), "osim01010_raw.fits")
    (work.data / "osim01010_flt.fits").write_bytes(b"SIMPLE")
    judged = {name: signature_of(work.data / name) for name in ("osim01010_raw.fits", "osim01010_flt.fits")}
    products = collect(work, fetched, PreviewSet(), judged)
    assert {file.path.name: file.judged for file in products.files} == judged
    assert products.changed == ()


def test_what_has_changed_since_it_was_judged_is_told(work: WorkDirectory) -> None:
    names = ("osim01010_raw.fits", "osim01010_flt.fits", "osim01010_x1d.fits", "osim01010_x2d.fits", "log.dat")
    fetched = inputs(work, DatasetName.parse("osim01010"), *names)
    judged = {name: signature_of(work.data / name) for name in names}
    (work.data / "osim01010_flt.fits").write_bytes(b"longer")
    (work.data / "osim01010_x1d.fits").unlink()
    (work.data / "osim01010_x2d.fits").unlink()
    (work.data / "osim01010_x2d.fits").symlink_to("osim01010_raw.fits")
    (work.data / "osim01010_late.fits").touch()
    (work.data / "log.dat").write_bytes(b"not delivered")
    products = collect(work, fetched, PreviewSet(), judged)
    assert products.changed == tuple(f"osim01010_{suffix}.fits" for suffix in ("flt", "late", "x1d", "x2d"))
    assert {file.path.name: file.judged for file in products.files} == {
        "osim01010_flt.fits": None, "osim01010_late.fits": None, "osim01010_raw.fits": None
    }  # fmt: skip


def test_what_was_not_judged_is_published_as_it_is(work: WorkDirectory) -> None:
    fetched = inputs(work, DatasetName.parse("osim01010"), "osim01010_raw.fits")
    products = collect(work, fetched, PreviewSet(), None)
    assert [file.judged for file in products.files] == [None]
    assert products.changed == ()
