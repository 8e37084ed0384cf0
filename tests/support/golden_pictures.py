"""Golden pictures: their subjects, and how they are drawn.

``CALDP_DRAW_GOLDEN=1 pytest tests/unit/adapters/previews/test_golden_pictures.py`` draws them anew after an intended
change of looks. Look at each of them before you commit it. Plots of spectra are stored at half size in 32 colours, to
keep them small.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from caldp.factories import make_renderers
from tests.support.sky import cos_segment, starfield, stis_order, write_image, write_spectrum

DIRECTORY: Final = Path(__file__).parent / "golden"
_HOT = 16


def _two_chips(directory: Path) -> PreviewRequest:
    """Two chips of a single exposure with hot pixels, a bad column and cosmic rays."""
    chips: list[dict[str, NDArray[Any]]] = []
    for seed in (1, 2):
        sky, flags = starfield(80, 160, seed=seed), np.zeros((80, 160), np.int16)
        for row, column in np.random.default_rng(seed).integers(5, 75, (40, 2)):
            sky[row, column : column + 4], flags[row, column : column + 4] = 50, _HOT
        sky[:, 120:122], flags[:, 120:122] = 30, _HOT
        chips.append({"SCI": sky, "DQ": flags})
    return single_preview(write_image(directory / "j_two_chips_flt.fits", *chips, CCDCHIP=(2, 1)))


def _footprint() -> NDArray[np.bool_]:
    y, x = np.mgrid[:160, :160] - 80
    seen: NDArray[np.bool_] = (np.abs(0.95 * x + 0.3 * y) < 66) & (np.abs(0.95 * y - 0.3 * x) < 66)
    return seen


def _drizzled(directory: Path, name: str = "j_drizzled_drz.fits", seed: int = 3) -> PreviewRequest:
    """A drizzled image whose corners no exposure saw."""
    seen = _footprint()
    sky = np.where(seen, starfield(160, 160, seed=seed), 0).astype(np.float32)
    return single_preview(write_image(directory / name, {"SCI": sky, "WHT": seen.astype(np.float32)}))


def _photons(directory: Path) -> PreviewRequest:
    """A picture of single photons."""
    rate = np.maximum(starfield(128, 128, seed=7) - 0.1, 0) + 0.01
    photons = np.random.default_rng(7).poisson(rate).astype(np.float32)
    flags = np.zeros((128, 128), np.int16)
    images = {"SCI": photons, "DQ": flags}
    return single_preview(write_image(directory / "j_photons_flt.fits", images, primary={"DETECTOR": "SBC"}))


def _colour(directory: Path) -> PreviewRequest:
    images = [_drizzled(directory, f"hst_{seed}_drc.fits", seed) for seed in (3, 4, 5)]
    sources = tuple(image.sources[0] for image in images)
    return PreviewRequest(PreviewKind.COLOUR, sources, "hst_total_drc_color")


def _cos(directory: Path) -> PreviewRequest:
    rows = [cos_segment("FUVA", 1300, 1450, length=12_000), cos_segment("FUVB", 1150, 1290, length=12_000, seed=2)]
    return single_preview(write_spectrum(directory / "l_two_segments_x1d.fits", rows, OPT_ELEM="G130M", CENWAVE=1291))


def _stis(directory: Path) -> PreviewRequest:
    rows = [stis_order(90 - number, 1300 + 30 * number, 1340 + 30 * number, seed=number) for number in range(6)]
    return single_preview(write_spectrum(directory / "o_echelle_x1d.fits", rows, OPT_ELEM="E140H", DETECTOR="FUV-MAMA"))


SUBJECTS: Final[tuple[Callable[[Path], PreviewRequest], ...]] = (_two_chips, _drizzled, _photons, _colour, _cos, _stis)


def draw(subject: Callable[[Path], PreviewRequest], directory: Path) -> tuple[Path, ...]:
    """Draw one subject into a directory, and shrink what would be too big to keep."""
    with TemporaryDirectory() as data:
        request = subject(Path(data))
        drawing = make_renderers()[request.kind].draw(request, directory)
    pictures = tuple(path for path in drawing.files if path.suffix != ".fits")
    for path in set(drawing.files) - set(pictures):
        path.unlink()
    for path in pictures:
        with Image.open(path) as picture:
            if picture.width > 512:
                picture.reduce(2).quantize(32).save(path, optimize=True)
    return pictures
