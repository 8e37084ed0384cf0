"""Annotated pictures, which are drawn on request only."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.cli.main import main
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from tests.support.sky import read_picture, starfield, write_image
from tests.unit.adapters.previews.test_metadata import PLACE, WHOSE

ORANGE, YELLOW = (255, 90, 0), (255, 226, 122)


def count(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], colour: tuple[int, int, int], within: int) -> int:
    return int((np.abs(picture.astype(int) - colour).max(axis=-1) < within).sum())


def test_an_exposure_is_annotated(tmp_path: Path) -> None:
    flags = np.zeros((300, 400), np.int16)
    flags[100:110, 50:70] = 16
    images: dict[str, NDArray[Any]] = {"SCI": starfield(300, 400), "DQ": flags}
    path = write_image(tmp_path / "j8cb01u2q_flt.fits", images, primary=WHOSE, BUNIT="ELECTRONS", **PLACE)
    full, thumbnail, annotated = ImagePreviewRenderer(annotates=True).draw(single_preview(path), tmp_path).files
    assert annotated.name == "j8cb01u2q_flt_annotated.png"
    picture = read_picture(annotated)
    assert picture.shape == (300 + 140, 400 + 170, 3)
    assert count(picture, YELLOW, 30) > 100  # compass and scale bar
    flagged = picture[80 + 190 : 80 + 200, 40 + 50 : 40 + 70].astype(int)
    assert (flagged[..., 0] - flagged[..., 2] > 60).all()
    assert read_picture(full).shape == (300, 400)
    assert read_picture(thumbnail).shape == (96, 128)


def test_a_colour_picture_is_annotated_and_one_without_a_place(tmp_path: Path) -> None:
    sources = tuple(write_image(tmp_path / f"{seed}_drz.fits", {"SCI": starfield(1200, 60, seed)}) for seed in (1, 2))
    request = PreviewRequest(PreviewKind.COLOUR, sources, "both")
    picture = read_picture(ImagePreviewRenderer(annotates=True).draw(request, tmp_path).files[2])
    assert picture.shape == (600 + 140, 30 + 170, 3)  # at most 1000 pixels of the image


def test_a_small_image_is_drawn_with_large_pixels(tmp_path: Path) -> None:
    path = write_image(tmp_path / "j_flt.fits", {"SCI": starfield(30, 80)}, primary=WHOSE, **PLACE)
    picture = read_picture(ImagePreviewRenderer(annotates=True).draw(single_preview(path), tmp_path).files[2])
    assert picture.shape == (5 * 30 + 140, 5 * 80 + 170, 3)
    assert count(picture, YELLOW, 30) > 100  # compass and scale bar


@pytest.mark.parametrize("name", [b"SIM\x01LA", b"SI'ULA"])
@pytest.mark.parametrize("gzipped", [False, True])
def test_a_name_that_cannot_be_read_does_not_keep_an_image_from_being_drawn(
    tmp_path: Path, name: bytes, gzipped: bool
) -> None:
    path = write_image(tmp_path / "j_flt.fits", {"SCI": starfield(40, 50)}, primary={"TARGNAME": "SIMULA"})
    content = path.read_bytes().replace(b"SIMULA", name)
    path = tmp_path / ("j_flt.fits.gz" if gzipped else "j_flt.fits")  # astropy reads those that are gzipped
    path.write_bytes(gzip.compress(content) if gzipped else content)
    assert len(ImagePreviewRenderer(annotates=True).draw(single_preview(path), tmp_path).files) == 3


@pytest.mark.parametrize(("options", "drawn"), [([], 2), (["--annotated"], 3), (["--stretch", "fitscut"], 2)])
def test_pictures_on_request(tmp_path: Path, options: list[str], drawn: int) -> None:
    path = write_image(tmp_path / "j_flt.fits", {"SCI": starfield(40, 50)}, primary={"DETECTOR": "SBC"})
    output = tmp_path / "pictures"
    assert main(["preview", "--quiet", *options, str(path), "--output", str(output)]) == ExitCode.SUCCESS
    assert len(list(output.iterdir())) == drawn
    (tmp_path / "ours").mkdir()
    ours = ImagePreviewRenderer().draw(single_preview(path), tmp_path / "ours").files[0]
    is_ours = np.array_equal(read_picture(output / "j_flt.jpg"), read_picture(ours))
    assert is_ours == ("fitscut" not in options)


def test_an_unknown_stretch_is_refused(tmp_path: Path) -> None:
    assert main(["preview", "--stretch", "linear", str(tmp_path)]) == ExitCode.CMDLINE_ERROR
