"""Cost of previews: wall time and peak memory, beside the programs that drew them so far.

    python benchmarks/previews.py [--size N] [--spectra N] [--rounds N]

* One drizzled image (made up, 4096 x 4096 pixels by default), full size and thumbnail: ``caldp preview`` as a process;
  the drawing alone, in a process that has its libraries loaded, as at the end of a run; and two runs of fitscut, which
  is found on PATH or named by ``CALDP_FITSCUT``. Where there is none, a naive script with astropy and matplotlib stands
  in.
* Eight spectra of COS (made up): one ``caldp preview``, beside eight processes of ``make_hst_spec_previews`` where
  spec-plots is installed.

All are run in turn, several rounds; the shortest counts. Beside the wall time stands the processor time, which says
more on a busy machine. Memory is the peak resident set of a process.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits
from attrs import frozen
from PIL import Image
from skimage.metrics import structural_similarity

CALDP = str(Path(sys.executable).parent / "caldp")
FITSCUT = os.environ.get("CALDP_FITSCUT") or shutil.which("fitscut")
SPEC_PLOTS = shutil.which("make_hst_spec_previews")
NAIVE = """
import sys
import matplotlib
matplotlib.use("Agg")
from astropy.io import fits
from astropy.visualization import AsinhStretch, ImageNormalize, PercentileInterval
from matplotlib import pyplot
image = fits.getdata(sys.argv[1], "SCI")
norm = ImageNormalize(image, interval=PercentileInterval(99), stretch=AsinhStretch())
pyplot.imsave(sys.argv[2], norm(image), origin="lower", cmap="gray")
"""
# A process inherits the peak memory of the one that starts it: so a small one does.
TIMER = """
import os, subprocess, sys, time
start = time.perf_counter()
with open(sys.argv[1], "wb") as output:
    child = subprocess.Popen(sys.argv[2:], stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, status)
"""
LOADED = """
import sys, time
from pathlib import Path
from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.domain.output.previews import single_preview
request, target = single_preview(Path(sys.argv[1])), Path(sys.argv[2])
ImagePreviewRenderer().draw(request, target)
start, used = time.perf_counter(), time.process_time()
ImagePreviewRenderer().draw(request, target)
print(time.perf_counter() - start, time.process_time() - used)
"""


@frozen(order=True)
class Measured:
    """Cost of a piece of work: seconds by the clock, seconds of processors, and MiB (0 if not measured)."""

    seconds: float = 0.0
    processors: float = 0.0
    memory: float = 0.0


def make_image(path: Path, size: int) -> Path:
    """Write a drizzled field of stars and galaxies."""
    random = np.random.default_rng(1)
    sky = random.normal(0.02, 0.01, (size, size)).astype(np.float32)
    for _ in range(max(size * size // 30_000, 10)):
        width = random.uniform(1.2, 6.0)
        reach = int(5 * width)
        y, x = random.integers(reach, size - reach, 2)
        peak = 10 ** random.uniform(-1, 2.5) / width**2
        profile = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * width**2))
        sky[y - reach : y + reach + 1, x - reach : x + reach + 1] += peak * np.outer(profile, profile)
    weight = np.ones_like(sky)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(sky, name="SCI"), fits.ImageHDU(weight, name="WHT")]).writeto(path)
    return path


def make_spectrum(path: Path, seed: int) -> Path:
    """Write a COS/FUV x1d of two segments."""
    random = np.random.default_rng(seed)
    wavelength = np.stack([np.linspace(1290, 1430, 16384), np.linspace(1135, 1275, 16384)])
    truth = 4e-14 * (1300 / wavelength) ** 2
    columns: Mapping[str, tuple[str, object]] = {
        "SEGMENT": ("4A", ["FUVA", "FUVB"]),
        "NELEM": ("J", [16384, 16384]),
        "WAVELENGTH": ("16384D", wavelength),
        "FLUX": ("16384E", random.normal(truth, 0.3 * truth)),
        "ERROR": ("16384E", 0.3 * truth),
        "NET": ("16384E", truth * 1e14),
        "DQ": ("16384I", np.zeros_like(wavelength)),
        "DQ_WGT": ("16384E", np.ones_like(wavelength)),
    }
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=values) for name, (form, values) in columns.items()], name="SCI"
    )
    primary = fits.PrimaryHDU()
    primary.header.update({"INSTRUME": "COS", "DETECTOR": "FUV", "OPT_ELEM": "G130M", "CENWAVE": 1291})
    fits.HDUList([primary, table]).writeto(path)
    return path


def run(*commands: Sequence[str], output: str = os.devnull) -> Measured:
    """Run programs one after the other: all their time, and the memory of the greediest."""
    total = Measured()
    for command in commands:
        timed = [sys.executable, "-I", "-S", "-c", TIMER, output, *command]
        done = subprocess.run(timed, capture_output=True, text=True, check=True)
        seconds, processors, memory, status = map(float, done.stdout.split())
        if status:
            raise SystemExit(f"{' '.join(command)} failed")
        total = Measured(total.seconds + seconds, total.processors + processors, max(total.memory, memory))
    return total


def best(measures: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, Measured]:
    """Run all in turn, several times; keep the shortest time of each."""
    found: dict[str, Measured] = {}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name] = min(measure(), found.get(name, Measured(np.inf)))
    return found


def fitscut(image: Path, size: int, picture: Path) -> Measured:
    """Run fitscut as public caldp does."""
    options = ["--all", "--jpg", "--autoscale=99.5", "--asinh-scale", f"--output-size={size}", "--badpix"]
    return run([str(FITSCUT), *options, str(image)], output=str(picture))


def fitscut_twice(image: Path, directory: Path) -> Measured:
    """Draw the picture and the thumbnail."""
    full = fitscut(image, -1, directory / "fitscut.jpg")
    thumbnail = fitscut(image, 128, directory / "fitscut_thumb.jpg")
    return Measured(
        full.seconds + thumbnail.seconds, full.processors + thumbnail.processors, max(full.memory, thumbnail.memory)
    )


def loaded(image: Path, directory: Path) -> Measured:
    """Draw twice in one process, and time the second."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(image), str(directory)], capture_output=True, text=True, check=True
    )
    seconds, processors = map(float, done.stdout.split())
    return Measured(seconds, processors)


def similarity(one: Path, other: Path) -> float:
    """Compare two pictures by structure."""
    pixels = []
    for path in (one, other):
        with Image.open(path) as picture:
            pixels.append(np.asarray(picture))
    return float(structural_similarity(*pixels))


def show(title: str, found: Mapping[str, Measured], ours: str) -> None:
    """Print times, memory, and how many times as long as ours each takes."""
    print(title)
    for name, cost in found.items():
        memory = f"{cost.memory:5.0f} MiB" if cost.memory else ""
        ratio = cost.seconds / found[ours].seconds
        print(f"  {name:40} {cost.seconds:6.2f} s, processors {cost.processors:6.2f} s  {memory:10} x {ratio:.2f}")


def measure_images(directory: Path, size: int, rounds: int) -> None:
    image = make_image(directory / "jbenchmrk_drz.fits", size)
    ours = [CALDP, "preview", "--quiet", str(image), "--output", str(directory)]
    measures = {"caldp preview": lambda: run(ours), "  drawing alone": lambda: loaded(image, directory)}
    if FITSCUT:
        measures["fitscut, twice"] = lambda: fitscut_twice(image, directory)
    else:
        naive = [sys.executable, "-c", NAIVE, str(image), str(directory / "naive.png")]
        measures["astropy and matplotlib, full size only"] = lambda: run(naive)
    show(f"One image of {size} x {size} pixels, with thumbnail", best(measures, rounds), "caldp preview")
    if FITSCUT:
        for ending in ("", "_thumb"):
            ssim = similarity(directory / f"jbenchmrk_drz{ending}.jpg", directory / f"fitscut{ending}.jpg")
            print(f"  SSIM of {'thumbnails' if ending else 'pictures'} to fitscut's: {ssim:.4f}")


def measure_spectra(directory: Path, count: int, rounds: int) -> None:
    spectra = [make_spectrum(directory / f"lbenchm{number:02}_x1d.fits", number) for number in range(count)]
    ours = [CALDP, "preview", "--quiet", *map(str, spectra), "--output", str(directory)]
    measures = {"caldp preview": lambda: run(ours)}
    if SPEC_PLOTS:
        theirs = [[SPEC_PLOTS, "-t", "png", "fits", "-o", str(directory), str(path)] for path in spectra]
        measures[f"make_hst_spec_previews, {count} processes"] = lambda: run(*theirs)
    show(f"{count} spectra of COS, with thumbnails and tables", best(measures, rounds), "caldp preview")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4096, help="side of the image, pixels")
    parser.add_argument("--spectra", type=int, default=8, help="how many spectra")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure_images(Path(scratch), options.size, options.rounds)
        measure_spectra(Path(scratch), options.spectra, options.rounds)


if __name__ == "__main__":
    main()
