"""Cost of previews: wall time and peak memory, beside the programs that drew them so far.

    python benchmarks/previews.py [--size N] [--colour N] [--spectra N] [--rounds N]

* One drizzled image (made up, 4096 x 4096 pixels by default), full size and thumbnail: ``caldp preview`` as a process;
  the drawing alone, in a process that has its libraries loaded, as at the end of a run; and two runs of fitscut, which
  is found on PATH or named by ``CALDP_FITSCUT``. Where there is none, a naive script with astropy and matplotlib stands
  in.
* One exposure of WFC3/UVIS (made up): two chips of 2051 x 4096 pixels with SCI, ERR and DQ; hot pixels, bad columns and
  cosmic rays. fitscut draws one chip of the two, which is half the work: beside it stand its runs for both chips.
* One picture in colour of three filters, 16384 x 16384 pixels by default, with weights: its files take 6 GB of the
  directory for temporary files.
* Eight spectra of COS (made up): one ``caldp preview``, beside eight processes of ``make_hst_spec_previews`` where
  spec-plots is installed.

All are run in turn, several rounds; the medians count. Beside the wall time stands the processor time, which says
more on a busy machine, and so does the ratio of it: how many times as much caldp takes as the other in the same round,
with its spread. Memory is the peak resident set of a process. Python may keep what it compiled, as it does of an
installed caldp.
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
from statistics import median

import numpy as np
from attrs import frozen
from made_up import make_chips, make_image, make_mosaic, make_sky, make_spectrum
from PIL import Image
from skimage.metrics import structural_similarity

CALDP = str(Path(sys.executable).parent / "caldp")
FITSCUT = os.environ.get("CALDP_FITSCUT") or shutil.which("fitscut")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
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
# The request and not the command, which would draw each filter as well.
COLOUR = """
import sys
from pathlib import Path
from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.domain.output.previews import PreviewKind, PreviewRequest
request = PreviewRequest(PreviewKind.COLOUR, tuple(map(Path, sys.argv[2:])), "hst_benchmark_total_drc_color")
assert ImagePreviewRenderer().draw(request, Path(sys.argv[1])).files
"""


@frozen
class Measured:
    """Cost of a piece of work: seconds by the clock, seconds of processors, and MiB (0 if not measured)."""

    seconds: float = 0.0
    processors: float = 0.0
    memory: float = 0.0


def run(*commands: Sequence[str], output: str = os.devnull) -> Measured:
    """Run programs one after the other: all their time, and the memory of the greediest."""
    total = Measured()
    for command in commands:
        timed = [sys.executable, "-I", "-S", "-c", TIMER, output, *command]
        done = subprocess.run(timed, capture_output=True, text=True, check=True, env=ENVIRONMENT)
        seconds, processors, memory, status = map(float, done.stdout.split())
        if status:
            raise SystemExit(f"{' '.join(command)} failed")
        total = Measured(total.seconds + seconds, total.processors + processors, max(total.memory, memory))
    return total


def in_turn(measures: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """Run all in turn, several times."""
    found: dict[str, list[Measured]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def fitscut(image: str, size: int, picture: Path) -> Measured:
    """Run fitscut as public caldp does."""
    options = ["--all", "--jpg", "--autoscale=99.5", "--asinh-scale", f"--output-size={size}", "--badpix"]
    return run([str(FITSCUT), *options, image], output=str(picture))


def fitscut_twice(image: str, directory: Path) -> Measured:
    """Draw the picture and the thumbnail."""
    return together(fitscut(image, -1, directory / "fitscut.jpg"), fitscut(image, 128, directory / "fitscut_thumb.jpg"))


def together(one: Measured, other: Measured) -> Measured:
    """Add times up, and keep the greater memory."""
    return Measured(one.seconds + other.seconds, one.processors + other.processors, max(one.memory, other.memory))


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


def show(title: str, found: Mapping[str, list[Measured]], ours: str) -> None:
    """Print medians, the greatest memory, and how many times as much of the processors ours takes, with the spread."""
    print(title)
    for name, costs in found.items():
        seconds, processors = (median(getattr(cost, what) for cost in costs) for what in ("seconds", "processors"))
        memory = max(cost.memory for cost in costs)
        ratios = [one.processors / other.processors for one, other in zip(found[ours], costs, strict=True)]
        spread = f"x {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if name != ours else ""
        shown = f"{memory:5.0f} MiB" if memory else ""
        print(f"  {name:40} {seconds:6.2f} s, processors {processors:6.2f} s  {shown:10} {spread}")


def measure_images(directory: Path, size: int, rounds: int) -> None:
    image = make_image(directory / "jbenchmrk_drz.fits", size)
    ours = [CALDP, "preview", "--quiet", str(image), "--output", str(directory)]
    measures = {"caldp preview": lambda: run(ours), "  drawing alone": lambda: loaded(image, directory)}
    if FITSCUT:
        measures["fitscut, twice"] = lambda: fitscut_twice(str(image), directory)
    else:
        naive = [sys.executable, "-c", NAIVE, str(image), str(directory / "naive.png")]
        measures["astropy and matplotlib, full size only"] = lambda: run(naive)
    show(f"One image of {size} x {size} pixels, with thumbnail", in_turn(measures, rounds), "caldp preview")
    if FITSCUT:
        for ending in ("", "_thumb"):
            ssim = similarity(directory / f"jbenchmrk_drz{ending}.jpg", directory / f"fitscut{ending}.jpg")
            print(f"  SSIM of {'thumbnails' if ending else 'pictures'} to fitscut's: {ssim:.4f}")


def measure_chips(directory: Path, rounds: int) -> None:
    image = make_chips(directory / "ibenchmrk_flc.fits")
    ours = [CALDP, "preview", "--quiet", str(image), "--output", str(directory)]
    measures = {"caldp preview": lambda: run(ours)}
    if FITSCUT:
        first, second = str(image), f"{image}[SCI,2]"
        measures["fitscut, twice, one chip"] = lambda: fitscut_twice(first, directory)
        measures["fitscut, twice, each chip"] = lambda: together(
            fitscut_twice(first, directory), fitscut_twice(second, directory)
        )
    show("Two chips of 2051 x 4096 pixels with flags, with thumbnail", in_turn(measures, rounds), "caldp preview")
    image.unlink()


def measure_colour(directory: Path, size: int, rounds: int) -> None:
    tile = make_sky(min(size, 4096))
    names = [directory / f"hst_benchmark_{number}_drc.fits" for number in range(3)]
    paths = [make_mosaic(path, np.roll(tile, 500 * shift, axis=1), size) for shift, path in enumerate(names)]
    ours = [sys.executable, "-c", COLOUR, str(directory), *map(str, paths)]
    title = f"Three filters of {size} x {size} pixels in colour, with thumbnail"
    show(title, in_turn({"caldp": lambda: run(ours)}, rounds), "caldp")
    for path in paths:
        path.unlink()


def measure_spectra(directory: Path, count: int, rounds: int) -> None:
    spectra = [make_spectrum(directory / f"lbenchm{number:02}_x1d.fits", number) for number in range(count)]
    ours = [CALDP, "preview", "--quiet", *map(str, spectra), "--output", str(directory)]
    measures = {"caldp preview": lambda: run(ours)}
    if SPEC_PLOTS:
        theirs = [[SPEC_PLOTS, "-t", "png", "fits", "-o", str(directory), str(path)] for path in spectra]
        measures[f"make_hst_spec_previews, {count} processes"] = lambda: run(*theirs)
    show(f"{count} spectra of COS, with thumbnails and tables", in_turn(measures, rounds), "caldp preview")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4096, help="side of the image, pixels")
    parser.add_argument("--colour", type=int, default=16384, help="side of the picture in colour, pixels; 0 for none")
    parser.add_argument("--spectra", type=int, default=8, help="how many spectra; 0 for none")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure_images(Path(scratch), options.size, options.rounds)
        measure_chips(Path(scratch), options.rounds)
        if options.colour:
            measure_colour(Path(scratch), options.colour, min(options.rounds, 2))
        if options.spectra:
            measure_spectra(Path(scratch), options.spectra, options.rounds)


if __name__ == "__main__":
    main()
