"""Warm engines beside the same engines started as usual, in whole runs on simulated observations.

    python benchmarks/warm.py [cos acs wfc3] [--pairs N]

Within a pair the order changes from pair to pair; the first pair does not count. Printed are medians: CPU seconds (user
and system) of the Python engine by itself, CPU and wall seconds of the whole run with all its processes, and for the
ratios warm / cold the median with the least and greatest of all pairs. Imports beside the first steps are in the CPU of
the run, and not in that of a warm engine. HSTCAL's programs must be on PATH for acs and wfc3.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.simulation import SimulatedObservation, simulate

ENGINES: Final = {"cos": "calcos", "acs": "runastrodriz", "wfc3": "runastrodriz"}
OFFLINE: Final = {"ASTROMETRY_COMPUTE_APOSTERIORI": "off", "ASTROMETRY_APPLY_APRIORI": "off"}


@frozen
class Taken:
    """Seconds that a run took: CPU of its Python engine, CPU and wall of all."""

    engine: float
    cpu: float
    wall: float


def run(observation: SimulatedObservation, directory: Path, *, warm: bool) -> Taken:
    """Process an observation, and read in the record how its engine was started and what it took."""
    environment = {
        **os.environ, **OFFLINE, "CRDS_PATH": str(observation.crds_cache), "CRDS_CONTEXT": observation.context,
        "CALDP_WARM_ENGINES": str(warm).lower(),
    }  # fmt: skip
    words = ("process", "-q", str(observation.dataset), str(observation.inputs), str(directory / "out"))
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "caldp", *words], cwd=directory, env=environment, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    (path,) = directory.rglob("record.json")
    name = ENGINES[observation.instrument]
    engines = [each for each in json.loads(path.read_text())["engines"] if each["argv"][0] == name]
    if {each["is_warm"] for each in engines} != {warm}:
        sys.exit(f"{name} was not started as it should be.")
    taken = sum(each["usage"]["user_seconds"] + each["usage"]["system_seconds"] for each in engines)
    return Taken(taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def measure(instrument: str, pairs: int, scratch: Path) -> tuple[list[Taken], list[Taken]]:
    """Measure pairs of runs; return the warm and the cold ones."""
    observation = simulate(instrument, scratch / "simulated")
    taken: dict[bool, list[Taken]] = {True: [], False: []}
    for number in range(pairs + 1):
        for warm in (True, False) if number % 2 else (False, True):
            with tempfile.TemporaryDirectory(dir=scratch) as directory:
                taken[warm].append(run(observation, Path(directory), warm=warm))
    return taken[True][1:], taken[False][1:]


def report(name: str, warm: Sequence[float], cold: Sequence[float]) -> None:
    """Print a row."""
    ratios = [one / other for one, other in zip(warm, cold, strict=True)]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"{name:32} {statistics.median(warm):7.2f} {statistics.median(cold):7.2f}   {spread}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instruments", nargs="*", metavar="INSTRUMENT", help=f"of {', '.join(ENGINES)}; default: all")
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {options.pairs} pairs; seconds")
    print(f"{'':32} {'warm':>7} {'cold':>7}   ratio (least to greatest)")
    for instrument in options.instruments or ENGINES:
        with tempfile.TemporaryDirectory(prefix="caldp-warm-") as scratch:
            warm, cold = measure(instrument, options.pairs, Path(scratch))
        engine = ENGINES[instrument]
        report(f"{instrument}: CPU of {engine}", [each.engine for each in warm], [each.engine for each in cold])
        report(f"{instrument}: CPU of the run", [each.cpu for each in warm], [each.cpu for each in cold])
        report(f"{instrument}: wall of the run", [each.wall for each in warm], [each.wall for each in cold])


if __name__ == "__main__":
    main()
