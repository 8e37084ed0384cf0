"""Pairs of pictures for docs/explanation/previews.md: as previews looked before, and as they look now.

    python scripts/preview_pairs.py --shared ../shared/hst --earlier EARLIER/src

``EARLIER`` is a checkout of the commit before the looks changed, as ``git worktree add EARLIER f979cea`` makes one.
Without it, only the pictures of now are drawn anew. All data are made up here, but for the spectra of ../shared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image

DOCS: Final = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "previews"
SIDE: Final = 360
DRAW: Final = """
import sys
from pathlib import Path
from caldp.factories import make_renderers
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
target, *sources = map(Path, sys.argv[1:])
request = single_preview(sources[0])
if len(sources) > 1:
    request = PreviewRequest(PreviewKind.COLOUR, tuple(sources), sources[0].stem)
print(make_renderers()[request.kind].draw(request, target).files[0])
"""


def galaxies(scale: float, seed: int, nucleus: float) -> NDArray[np.float64]:
    """Make discs with nuclei, and stars; the same places in all filters."""
    places, y, x = np.random.default_rng(5), *np.mgrid[:SIDE, :SIDE]
    sky = np.zeros((SIDE, SIDE))
    for number in range(14):
        above, right = places.uniform(20, SIDE - 20, 2)
        size, tilt = places.uniform(4, 14), places.uniform(0.4, 1)
        redness = places.uniform(-1, 1)
        distance = np.hypot((y - above) / tilt, x - right)
        sky += places.uniform(2, 12) * scale ** (1 + redness) * np.exp(-distance / size)
        if number < 4:
            sky += nucleus * np.exp(-(distance**2) / 8)
    for _ in range(40):
        above, right = places.uniform(0, SIDE, 2)
        light = 10 ** places.uniform(0, 2.5) * scale ** places.uniform(-1, 1)
        sky += light * np.exp(-((y - above) ** 2 + (x - right) ** 2) / 3)
    return sky + np.random.default_rng(seed).normal(0, 0.3 * scale, sky.shape)


def write(path: Path, images: dict[str, NDArray[Any]], **keywords: Any) -> Path:
    """Write an image of ACS."""
    hdus = [fits.ImageHDU(image, name=name) for name, image in images.items()]
    primary = fits.PrimaryHDU(header=fits.Header({"INSTRUME": "ACS", "TARGNAME": "MADE-UP", **keywords}))
    fits.HDUList([primary, *hdus]).writeto(path)
    return path


def colour(directory: Path) -> list[Path]:
    """Three filters; the bluest saw the left part only, and each has a sky of its own."""
    paths = []
    for number, (scale, sky, nucleus) in enumerate(((0.5, 1.0, 300.0), (1.0, 3.0, 500.0), (1.6, 8.0, 900.0))):
        image = galaxies(scale, number, nucleus) + sky
        seen = np.ones((SIDE, SIDE), np.float32)
        seen[:, 260 if number == 0 else SIDE :] = 0
        image = np.where(seen > 0, image, 0).astype(np.float32)
        paths.append(write(directory / f"colours{number}_drc.fits", {"SCI": image, "WHT": seen}, DETECTOR="WFC"))
    return paths


def photons(directory: Path) -> list[Path]:
    """Make a planet with a halo and faint moons, photon by photon, as ACS/SBC sees it."""
    y, x = np.mgrid[:SIDE, :SIDE]
    distance = np.hypot(y - 200, x - 150)
    rate = 0.004 + 9 / (1 + np.exp(distance - 40)) + 0.5 * np.exp(-np.maximum(distance - 40, 0) / 18)
    for above, right, light in ((60, 280, 0.9), (300, 300, 0.5), (90, 60, 3.0)):
        rate = rate + light * np.exp(-((y - above) ** 2 + (x - right) ** 2) / 5)
    counts = np.random.default_rng(3).poisson(rate).astype(np.float32)
    flags = np.zeros((SIDE, SIDE), np.int16)
    return [write(directory / "photons_flt.fits", {"SCI": counts, "DQ": flags}, DETECTOR="SBC")]


def cores(directory: Path) -> list[Path]:
    """Stars whose cores are flagged as cosmic rays, one that is infinite, and true cosmic rays."""
    y, x = np.mgrid[:SIDE, :SIDE]
    random = np.random.default_rng(9)
    sky, flags = random.normal(20, 2, (SIDE, SIDE)), np.zeros((SIDE, SIDE), np.int16)
    for _ in range(30):
        above, right = random.integers(20, SIDE - 20, 2)
        sky += 3000 * np.exp(-((y - above) ** 2 + (x - right) ** 2) / 4)
        flags[above - 1 : above + 2, right - 1 : right + 2] = 8192
    for _ in range(60):
        above, right = random.integers(10, SIDE - 20, 2)
        sky[above, right : right + 9], flags[above, right : right + 9] = 4000, 8192
    sky += 5e4 * np.exp(-((y - 180) ** 2 + (x - 180) ** 2) / 200)
    sky[170:191, 170:191] = np.inf
    return [write(directory / "cores_flt.fits", {"SCI": sky.astype(np.float32), "DQ": flags}, DETECTOR="WFC")]


def spectra(directory: Path, shared: Path) -> dict[str, list[Path]]:
    """Two real spectra, and a made-up one that spans four decades."""
    from_shared = {"noisy": "ld9m10ujq_x1d", "echelle": "o3zx02070_x1d"}
    found = {name: [shared / "products" / f"{file}.fits"] for name, file in from_shared.items()}
    wavelength = np.linspace(1130, 1430, 16_384)
    flux = 10 ** np.linspace(-17, -12.5, len(wavelength)) + 2e-13 * np.exp(-(((wavelength - 1216) / 1.0) ** 2))
    error = 0.05 * flux + 2e-18
    columns = {
        "SEGMENT": ("4A", ["FUVA"]), "NELEM": ("J", [len(wavelength)]), "WAVELENGTH": ("16384D", [wavelength]),
        "FLUX": ("16384E", [np.random.default_rng(1).normal(flux, error)]), "ERROR": ("16384E", [error]),
        "NET": ("16384E", [flux * 1e14]), "DQ_WGT": ("16384E", [np.ones_like(flux)]),
    }  # fmt: skip
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=data) for name, (form, data) in columns.items()]
    )
    header = fits.Header({"INSTRUME": "COS", "DETECTOR": "FUV", "TARGNAME": "MADE-UP"})
    path = directory / "decades_x1d.fits"
    fits.HDUList([fits.PrimaryHDU(header=header), table]).writeto(path)
    return {**found, "decades": [path]}


def draw(sources: list[Path], target: Path, source_tree: Path | None) -> Path:
    """Draw, by the code of now or of another tree."""
    target.mkdir(exist_ok=True)
    environment = {**os.environ, **({"PYTHONPATH": str(source_tree)} if source_tree else {})}
    command = [sys.executable, "-c", DRAW, str(target), *map(str, sources)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def keep(picture: Path, name: str) -> None:
    """Put a picture into the documentation, small."""
    with Image.open(picture) as image:
        if picture.suffix == ".png":
            image.convert("RGB").resize((640, 640), Image.Resampling.LANCZOS).quantize(128).save(
                DOCS / f"{name}.png", optimize=True
            )
        else:
            image.save(DOCS / f"{name}.jpg", quality=85)


def main() -> None:
    """Draw all pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="directory of the Hubble data")
    parser.add_argument("--earlier", type=Path, help="source tree of the earlier looks")
    options = parser.parse_args()
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch)
        subjects = {
            "photons": photons(data),
            "colours": colour(data),
            "cores": cores(data),
            **spectra(data, options.shared),
        }
        for name, sources in subjects.items():
            keep(draw(sources, data / "now", None), f"{name}-now")
            if options.earlier:
                keep(draw(sources, data / "earlier", options.earlier), f"{name}-before")


if __name__ == "__main__":
    main()
