"""Previews of real products, and beside those that fitscut draws of the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
from caldp.adapters.previews.spectrum.binning import curves_of
from caldp.adapters.previews.spectrum.reading import read_spectrum
from caldp.cli.main import main
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.looks import FITSCUT_LOOK
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from tests.support.sky import read_picture, starfield, write_image

FITSCUT = os.environ.get("CALDP_FITSCUT") or shutil.which("fitscut")
SPEC_PLOTS = shutil.which("make_hst_spec_previews")
needs_fitscut = pytest.mark.skipif(FITSCUT is None, reason="needs fitscut on PATH, or named by CALDP_FITSCUT")


@pytest.mark.shared_data
def test_every_shared_product_is_drawn(shared_hst: Path, tmp_path: Path) -> None:
    assert main(["preview", "--quiet", str(shared_hst / "products"), "--output", str(tmp_path)]) == ExitCode.SUCCESS
    shapes = {path.name: read_picture(path).shape for path in tmp_path.iterdir() if path.suffix != ".fits"}
    assert shapes == {
        "ibh726mdq_drz.jpg": (242, 271),
        "ibh726mdq_drz_thumb.jpg": (114, 128),
        "ibxy01z8q_ima.jpg": (266, 266),
        "ibxy01z8q_ima_thumb.jpg": (128, 128),
        "ld9m10ujq_x1d.png": (1024, 1024, 3),
        "ld9m10ujq_x1d_thumb.png": (128, 128, 3),
        "o3zx02070_x1d.png": (1024, 1024, 3),
        "o3zx02070_x1d_thumb.png": (128, 128, 3),
        "oblh01040_x1d.png": (1024, 1024, 3),
        "oblh01040_x1d_thumb.png": (128, 128, 3),
    }
    assert [path.name for path in tmp_path.glob("*.fits")] == ["ld9m10ujq_x1d_prev.fits"]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["ld9m10ujq_x1d", "o3zx02070_x1d", "oblh01040_x1d"])
def test_plots_of_spectra_are_full_of_spectrum(shared_hst: Path, tmp_path: Path, name: str) -> None:
    request = single_preview(shared_hst / "products" / f"{name}.fits")
    picture = read_picture(SpectrumPreviewRenderer().draw(request, tmp_path).files[0]).astype(int)
    is_line = (picture[..., 2] - picture[..., 0] > 60) & (picture[..., 0] < 80)
    columns = is_line[:, 100:990].any(axis=0)
    assert columns.mean() > 0.9


@pytest.mark.shared_data
@pytest.mark.skipif(SPEC_PLOTS is None, reason="needs make_hst_spec_previews of spec-plots on PATH")
def test_the_table_of_a_cos_spectrum_is_that_of_spec_plots(shared_hst: Path, tmp_path: Path) -> None:
    path = shared_hst / "products" / "ld9m10ujq_x1d.fits"
    ours = SpectrumPreviewRenderer().draw(single_preview(path), tmp_path).files[-1]
    (tmp_path / "theirs").mkdir()
    subprocess.run([str(SPEC_PLOTS), "-t", "fits", "-o", str(tmp_path / "theirs"), str(path)], check=True)
    with fits.open(ours) as one, fits.open(tmp_path / "theirs" / ours.name) as other:
        columns = [[(column.name, column.format, column.unit) for column in table[1].columns] for table in (one, other)]
        assert columns[0] == columns[1]
        for name, _, _ in columns[0]:
            assert np.array_equal(one[1].data[name], other[1].data[name])
        assert set(one[1].header) == set(other[1].header)


@pytest.mark.shared_data
def test_a_line_of_a_real_spectrum_is_drawn_to_its_tip(shared_hst: Path) -> None:
    """C II at 1335.7 Angstrom of GJ 436: its mean over a column is a third lower than over an element."""
    (_, panel) = read_spectrum(shared_hst / "products" / "ld9m10ujq_x1d.fits").panels
    (curve,) = curves_of(panel, 907)
    line = (curve.wavelength > 1335.4) & (curve.wavelength < 1336.1)
    assert np.nanmax(curve.flux[line]) == pytest.approx(np.nanmax(curve.highest[abs(curve.columns - 1335.7) < 0.4]))
    elsewhere = (curve.wavelength > 1340) & (curve.wavelength < 1380)
    assert np.median(curve.count[elsewhere]) == 18


Fitscut = Callable[..., NDArray[np.uint8]]


@pytest.fixture
def fitscut(tmp_path: Path) -> Fitscut:
    """Draws what public caldp has fitscut draw: longest side (-1 for full size), and the files."""

    def draw(size: int, *files: str) -> NDArray[np.uint8]:
        options = ["--all", "--jpg", "--autoscale=99.5", "--asinh-scale", f"--output-size={size}", "--badpix"]
        done = subprocess.run([str(FITSCUT), *options, *files], capture_output=True, check=True)
        (tmp_path / "fitscut.jpg").write_bytes(done.stdout)
        return read_picture(tmp_path / "fitscut.jpg")

    return draw


def similarity(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Compare two pictures by structure: 1 if they are the same."""
    compare: Any = structural_similarity
    return float(compare(one, other, channel_axis=2 if one.ndim == 3 else None))


def drawn(request: PreviewRequest, directory: Path) -> list[NDArray[np.uint8]]:
    return [read_picture(path) for path in ImagePreviewRenderer(FITSCUT_LOOK).draw(request, directory).files]


@needs_fitscut
@pytest.mark.parametrize("shape", [(512, 512), (100, 140), (129, 128), (331, 300), (1062, 1044)])
def test_images_are_fitscuts(tmp_path: Path, fitscut: Fitscut, shape: tuple[int, int]) -> None:
    path = write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": starfield(*shape)})
    for ours, size in zip(drawn(single_preview(path), tmp_path), (-1, 128), strict=True):
        theirs = fitscut(size, str(path))
        assert ours.shape == theirs.shape
        assert similarity(ours, theirs) > 0.99


@needs_fitscut
@pytest.mark.parametrize("count", [2, 3])
def test_colours_are_fitscuts(tmp_path: Path, fitscut: Fitscut, count: int) -> None:
    paths = [write_image(tmp_path / f"{seed}_drc.fits", {"SCI": starfield(300, 280, seed)}) for seed in range(count)]
    files = [f"--blue={paths[0]}", *(f"--green={path}" for path in paths[1:-1]), f"--red={paths[-1]}"]
    request = PreviewRequest(PreviewKind.COLOUR, tuple(paths), "hst_total_drc_color")
    for ours, size in zip(drawn(request, tmp_path), (-1, 128), strict=True):
        assert similarity(ours, fitscut(size, *files)) > 0.99


@needs_fitscut
def test_what_no_exposure_saw_is_black_and_not_white_and_the_rest_is_fitscuts(tmp_path: Path, fitscut: Fitscut) -> None:
    seen = np.zeros((300, 300), bool)
    seen[40:250, 30:270] = True
    sky = np.where(seen, starfield(300, 300), 0).astype(np.float32)
    path = write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": sky, "WHT": seen.astype(np.float32)})
    ours, theirs = drawn(single_preview(path), tmp_path)[0], fitscut(-1, str(path))
    inside, outside = np.s_[60:250, 40:260], np.s_[270:, :]  # the first row of a picture is the last of the image
    assert similarity(ours[inside], theirs[inside]) > 0.99
    assert [float(np.median(picture[outside])) for picture in (ours, theirs)] == [0.0, 255.0]


@needs_fitscut
@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "least"), [("ibh726mdq_drz", 0.99), ("ibxy01z8q_ima", 0.92)])
def test_real_images_differ_from_fitscuts_by_repaired_pixels_only(
    shared_hst: Path, tmp_path: Path, fitscut: Fitscut, name: str, least: float
) -> None:
    path = shared_hst / "products" / f"{name}.fits"
    for ours, size in zip(drawn(single_preview(path), tmp_path), (-1, 128), strict=True):
        theirs = fitscut(size, str(path))
        assert ours.shape == theirs.shape
        assert similarity(ours, theirs) > least
