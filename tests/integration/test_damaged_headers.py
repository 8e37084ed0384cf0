"""Single bits flipped in the headers of real files: a normal result or an error of ours, and never anything else."""

from __future__ import annotations

import random
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from caldp.adapters.archive.file import FileArchive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.process.flow import WorkDirectory
from caldp.app.process.steps.fetch import fetch
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import plan_commands
from caldp.domain.errors import CaldpError, InvalidInput
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts, UnreadableFits
from caldp.domain.output.previews import single_preview
from caldp.factories import make_renderers
from tests.support.damage import flip_a_header_bit, header_blocks

pytestmark = pytest.mark.shared_data

RAWS: Final = {
    "jbz504010": ("jbz504010_asn", "jbz504ejq_raw"),
    "osim01010": ("osim01010_asn", "osim01010_raw"),
    "ldfd01010": ("ldfd01010_asn", "ldfd01vpq_rawtag_a"),
}
FILES: Final = [(dataset, f"{name}.fits") for dataset, names in RAWS.items() for name in names]
FLIPS: Final = 40
WHOLE_DATASETS: Final = 8  # each copies all files of a dataset
PICTURES: Final = 5
PRODUCTS: Final = ("o3zx02070_x1d.fits", "ibh726mdq_drz.fits")


@pytest.fixture(scope="module")
def unpacked(shared_hst: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inputs of all datasets, each in a directory of its name."""
    place = tmp_path_factory.mktemp("inputs")
    for dataset in RAWS:
        with tarfile.open(shared_hst / "inputs" / f"{dataset}.tar.gz") as tar:
            tar.extractall(place / dataset, filter="data")
    return place


def damaged(source: Path, target: Path, seed: str, times: int = FLIPS) -> Iterator[str]:
    """Damage a copy of a file again and again; yield what was done."""
    content, rng = source.read_bytes(), random.Random(seed)
    blocks = header_blocks(content)
    for _ in range(times):
        flipped = bytearray(content)
        done = flip_a_header_bit(flipped, blocks, rng)
        target.write_bytes(flipped)
        yield done


@pytest.mark.parametrize(("dataset", "name"), FILES)
def test_a_raw_file_or_table_is_read_or_refused(dataset: str, name: str, unpacked: Path, tmp_path: Path) -> None:
    fits, refused = AstropyFits(), 0
    for _ in damaged(unpacked / dataset / name, tmp_path / name, name):
        facts = fits.facts(tmp_path / name)
        assert isinstance(facts, FitsFacts | UnreadableFits)
        refused += isinstance(facts, UnreadableFits)
        try:
            if name.endswith("_asn.fits"):
                fits.association(tmp_path / name)
            fits.set_keywords(tmp_path / name, {"CSYS_VER": "caldp"})
        except InvalidInput as error:
            assert name in error.message
            refused += 1
    assert 0 < refused < FLIPS * 2


@pytest.mark.parametrize(("dataset", "name"), FILES)
def test_a_dataset_is_planned_or_refused_with_the_status_of_inputs(
    dataset: str, name: str, unpacked: Path, tmp_path: Path
) -> None:
    fits, source = AstropyFits(), tmp_path / "inputs"
    source.mkdir()
    for path in (unpacked / dataset).iterdir():
        (source / path.name).symlink_to(path)
    (source / name).unlink()
    for number, done in enumerate(damaged(unpacked / dataset / name, source / name, dataset, WHOLE_DATASETS)):
        work = WorkDirectory(tmp_path / str(number))
        work.data.mkdir(parents=True)
        try:
            fetched = fetch(DatasetName.parse(dataset), FileArchive(source, fits), fits, work, lambda _event: None)
            plan_commands(fetched.observation)
            expect(fetched.observation)
        except CaldpError as error:
            assert error.exit_code in (ExitCode.STAGE1_ERROR, ExitCode.INPUT_TAR_FILE_ERROR), done
        for path in work.data.iterdir():
            path.unlink()


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_is_drawn_or_its_preview_fails(name: str, shared_hst: Path, tmp_path: Path) -> None:
    renderers, request = make_renderers(), single_preview(tmp_path / name)
    for done in damaged(shared_hst / "products" / name, tmp_path / name, name, PICTURES):
        try:
            renderers[request.kind].draw(request, tmp_path)
        except CaldpError as error:
            assert error.exit_code is ExitCode.CREATE_PREVIEWS_ERROR, done
