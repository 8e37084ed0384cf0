"""Products of real engines, whole and then mutilated in one way: only the first are results."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from caldp.app.process.steps.fetch import is_raw
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from tests.support.calibration_bench import Bench
from tests.support.engine_runs import Process
from tests.support.mutilations import (
    OF_HEADERS,
    OF_IMAGES,
    OF_TABLES,
    OF_TWO_SETS,
    Mutilation,
    cut_off,
    with_keyword,
    without_last_hdu,
    without_rows,
)
from tests.support.scripted import Script

pytestmark = [pytest.mark.shared_data, pytest.mark.engines, pytest.mark.hstcal]

ENGINES = {
    "osim01010": ("cs0.e",), "isim01010": ("calwf3.e", "runastrodriz"), "jbz504010": ("calacs.e", "runastrodriz"),
    "ldfd01010": ("calcos",),
}  # fmt: skip
_IMAGES = {**OF_IMAGES, "no exposure time": OF_HEADERS["no exposure time"]}
_STIS = {**OF_IMAGES, **OF_HEADERS}
_SIBLING = {"another's rootname": with_keyword("ROOTNAME", "j6gp01maq")}
CASES: dict[str, dict[str, dict[str, Mutilation]]] = {
    "osim01010": {
        "osim01010_flt.fits": {**_STIS, **OF_TWO_SETS, **_SIBLING},
        "osim01010_crj.fits": {**_STIS, **_SIBLING},
        "osim01010_sx2.fits": _STIS,
        "osim01010_sx1.fits": {**OF_TABLES, **OF_HEADERS, **_SIBLING},
    },
    "isim01010": {
        "isim01a1q_ima.fits": {**OF_TWO_SETS, "no last HDU": without_last_hdu},
        "isim01a1q_flt.fits": {**_IMAGES, "a sibling's rootname": with_keyword("ROOTNAME", "isim01a2q")},
        "isim01010_drz.fits": {"no last HDU": without_last_hdu, "NaN": OF_IMAGES["NaN"], **_SIBLING},
        "isim01a1q_flt_hlet.fits": {"no last HDU": without_last_hdu},
    },
    "jbz504010": {
        "jbz504ejq_flt.fits": {"zero": OF_IMAGES["zero"], "a sibling's": with_keyword("ROOTNAME", "jbz504ekq")},
        "jbz504011_sfl.fits": {"no DQ": OF_IMAGES["no DQ"], **_SIBLING},
    },
    "ldfd01010": {
        "ldfd01010_x1dsum.fits": {**OF_TABLES, "no exposure time": OF_HEADERS["no exposure time"], **_SIBLING},
        "ldfd01vnq_corrtag_a.fits": {"no rows": without_rows, "no last HDU": without_last_hdu},
        "ldfd01vnq_flt_a.fits": {"zero": OF_IMAGES["zero"], "no ERR": OF_IMAGES["no ERR"]},
        "ldfd01vnq_lampflash.fits": {"no rows": without_rows},
        "ldfd01010_jnk.fits": {"no last HDU": without_last_hdu, "cut off": cut_off},
    },
}


class RealProducts:
    """A dataset's inputs, and its products as the real engines made them."""

    def __init__(self, home: Path, dataset: str, root: Path) -> None:
        name = DatasetName.parse(dataset)
        files = {path.name: path for path in home.iterdir() if path.is_file()}
        others = {f"{dataset}_asn.fits", *(file for file in files if file.endswith("_spt.fits"))}
        inputs = [file for file in files if file in others or is_raw(name, file)]
        self.bench = Bench(root, dataset, {file: files[file].read_bytes() for file in inputs})
        self._files, self._engines = files, ENGINES[dataset]

    def calibrate(self, changed: dict[str, bytes]) -> tuple[ExitCode, str]:
        """Calibrate with engines that leave these products, some of them changed; return how it ends."""
        products = expect(self.bench.observation()).products
        for engine, stage in zip(self._engines, (Stage.STAGE1, Stage.STAGE2), strict=False):
            made = {each.name: self._files[each.name].read_bytes() for each in products if each.stage is stage}
            self.bench.install(engine, Script(files={**made, **{k: v for k, v in changed.items() if k in made}}))
        failure = self.bench.calibrate().failure
        return (ExitCode.SUCCESS, "") if failure is None else (failure.status, failure.message)

    def changed(self, name: str, mutilation: Mutilation) -> bytes:
        """Mutilate a copy of a product."""
        copy = self.bench.root / name
        shutil.copy(self._files[name], copy)
        mutilation(copy)
        assert copy.read_bytes() != self._files[name].read_bytes()
        return copy.read_bytes()


@pytest.mark.parametrize("dataset", ENGINES)
def test_whole_products_are_a_result(dataset: str, process: Process, tmp_path: Path) -> None:
    real = RealProducts(process(dataset).home, dataset, tmp_path)
    assert real.calibrate({}) == (ExitCode.SUCCESS, "")


@pytest.mark.parametrize(
    ("dataset", "name", "how"),
    [(dataset, name, how) for dataset, names in CASES.items() for name, ways in names.items() for how in ways],
)
def test_mutilated_ones_are_not(dataset: str, name: str, how: str, process: Process, tmp_path: Path) -> None:
    real = RealProducts(process(dataset).home, dataset, tmp_path)
    status, message = real.calibrate({name: real.changed(name, CASES[dataset][name][how])})
    assert status in (ExitCode.STAGE1_ERROR, ExitCode.STAGE2_ERROR)
    assert name in message
