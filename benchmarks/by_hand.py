"""Whole runs of caldp beside the same engines run by hand, cold, one after the other.

    python benchmarks/by_hand.py [DATASET ...] [--pairs N] [--baseline CALDP]

*By hand* is what an astronomer types: unpack the tarball, ``crds bestrefs``, the engines. caldp fetches, assigns,
calibrates, judges, draws previews, digests, records and publishes in its time. Both leave astrometry alone, and work
on the real and simulated data of ``../shared/hst`` with a read-only cache, in fresh directories of the same disk;
within a pair the order changes from pair to pair. Printed are medians of wall and CPU seconds, and for the ratios
caldp / by hand the median with the least and greatest of all pairs. ``--baseline`` measures another caldp in the same
pairs.

Some virtual machines lend out the halves of one core as two. What caldp does side by side gains nothing there, so that
each dataset's rows end with the machine's own gain: how many times the work of one busy process two get done in the
same time, about 2 where both have a core, about 1 where they share one; the least of the pairs.

HSTCAL's programs must be on PATH for all datasets but ldfd01010, as calcos and drizzlepac are beside this Python.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import field, frozen

SHARED: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "hst"
BIN: Final = Path(sys.executable).parent
CONTEXT: Final = "hst_0729.pmap"


@frozen
class ByHand:
    """A dataset as somebody calibrates it in a shell.

    Attributes
    ----------
    raws
        Pattern of the files that references are assigned to.
    engines
        Command lines, in order.
    goal
        Greatest ratio of wall times that is aimed at.
    """

    raws: str
    engines: tuple[tuple[str, ...], ...]
    goal: float


DATASETS: Final = {
    "osim01010": ByHand("*_raw.fits", (("cs0.e", "-tv", "osim01010_raw.fits"),), 0.95),
    "jbz504010": ByHand(
        "*_raw.fits", (("calacs.e", "jbz504010_asn.fits"), ("runastrodriz", "jbz504010_asn.fits")), 0.80
    ),
    "isim01010": ByHand(
        "*_raw.fits", (("calwf3.e", "isim01010_asn.fits"), ("runastrodriz", "isim01010_asn.fits")), 0.80
    ),
    "ldfd01010": ByHand("*_rawtag_[ab].fits", (("calcos", "ldfd01010_asn.fits"),), 0.65),
}


@frozen
class Times:
    """Wall and CPU seconds of a piece of work with all its children."""

    wall: float
    cpu: float


@frozen
class Measured:
    """Times of each way and gains of the machine, one for each pair."""

    gains: list[float] = field(factory=list)
    hand: list[Times] = field(factory=list)
    caldp: list[Times] = field(factory=list)
    baseline: list[Times] = field(factory=list)


def variables() -> dict[str, str]:
    """Return the environment of both ways."""
    references = f"{SHARED / 'crds_cache' / 'references' / 'hst'}/"
    return {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "CRDS_PATH": str(SHARED / "crds_cache"),
        "CRDS_CONTEXT": CONTEXT,
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "CRDS_READONLY_CACHE": "1",
        "CRDS_OBSERVATORY": "hst",
        "CALDP_ASTROMETRY": "off",
        **dict.fromkeys(
            ("ASTROMETRY_STEP_CONTROL", "ASTROMETRY_APPLY_APRIORI", "ASTROMETRY_COMPUTE_APOSTERIORI"), "off"
        ),
        **dict.fromkeys(("jref", "iref", "oref", "lref"), references),
    }


def timed(work: Callable[[], None]) -> Times:
    """Time a piece of work; CPU time is that of children that have ended."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Times(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def by_hand(dataset: str, directory: Path, environment: Mapping[str, str]) -> None:
    """Calibrate a dataset without caldp."""
    way = DATASETS[dataset]
    shutil.unpack_archive(SHARED / "inputs" / f"{dataset}.tar.gz", directory)
    raws = sorted(path.name for path in directory.glob(way.raws))
    assign = ("crds", "bestrefs", "--update-bestrefs", "--new-context", CONTEXT, "--files", *raws)
    for command in (assign, *way.engines):
        run(command, directory, environment)


def with_caldp(program: str, dataset: str, directory: Path, environment: Mapping[str, str]) -> None:
    """Process a dataset from its tarball into a directory."""
    run((program, "process", "-q", dataset, f"file:{SHARED / 'inputs'}", "file:out"), directory, environment)


def run(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> None:
    """Run a command; its failure ends the benchmark."""
    log = directory / "benchmark.log"
    with log.open("ab") as output:
        ended = subprocess.run(command, cwd=directory, env=environment, stdout=output, stderr=output, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-3000:]}")


def gain() -> float:
    """Measure how many times the work of one busy process two do in the same time."""
    busy = (sys.executable, "-c", "for _ in range(10_000_000): pass")

    def together(count: int) -> float:
        started = time.perf_counter()
        for process in [subprocess.Popen(busy) for _ in range(count)]:
            process.wait()
        return time.perf_counter() - started

    return 2 * together(1) / together(2)


def measure(dataset: str, pairs: int, baseline: str | None, scratch: Path) -> Measured:
    """Measure a dataset in pairs, after one of each that does not count."""
    environment = variables() | {"CALDP_HOME": str(scratch / "home")}
    measured = Measured()
    ways: list[tuple[list[Times], Callable[[Path], None]]] = [
        (measured.hand, lambda place: by_hand(dataset, place, environment)),
        (measured.caldp, lambda place: with_caldp(str(BIN / "caldp"), dataset, place, environment)),
    ]
    if baseline is not None:
        ways.append((measured.baseline, lambda place: with_caldp(baseline, dataset, place, environment)))
    for number in range(pairs + 1):
        measured.gains.append(gain())
        for times, way in ways if number % 2 else ways[::-1]:
            place = Path(tempfile.mkdtemp(dir=scratch))
            taken = timed(lambda way=way, place=place: way(place))  # type: ignore[misc]  # default arguments
            shutil.rmtree(place)
            if number:
                times.append(taken)
    return measured


def report(dataset: str, measured: Measured) -> None:
    """Print a dataset's rows."""
    for name, times in (("caldp", measured.caldp), ("baseline", measured.baseline)):
        if times:
            ratios = [own.wall / hand.wall for own, hand in zip(times, measured.hand, strict=True)]
            print(
                f"{dataset:10} {name:9} {median(times, 'wall'):7.2f} {median(times, 'cpu'):7.2f}   "
                f"{median(measured.hand, 'wall'):7.2f} {median(measured.hand, 'cpu'):7.2f}   "
                f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})   "
                f"{DATASETS[dataset].goal:.2f}   {min(measured.gains):.2f}",
                flush=True,
            )


def median(times: Sequence[Times], which: str) -> float:
    """Return the median of wall or CPU seconds."""
    return statistics.median(getattr(each, which) for each in times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="*", metavar="DATASET", help=f"of {', '.join(DATASETS)}; default: all")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--baseline", metavar="CALDP", help="another caldp, by path or as PATH has it")
    options = parser.parse_args()
    baseline = options.baseline and (shutil.which(options.baseline) or sys.exit(f"{options.baseline} is not there"))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {options.pairs} pairs; seconds, wall and CPU")
    print(
        f"{'dataset':10} {'':9} {'wall':>7} {'CPU':>7}   {'by hand':>7} {'CPU':>7}   "
        "ratio (least to greatest)   goal   gain"
    )
    with tempfile.TemporaryDirectory(prefix="caldp-by-hand-") as scratch:
        for dataset in options.datasets or DATASETS:
            report(dataset, measure(dataset, options.pairs, baseline, Path(scratch)))


if __name__ == "__main__":
    main()
