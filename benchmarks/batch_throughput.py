"""Throughput of a batch on this machine, beside ``xargs -P`` and beside cold engines by hand.

Run by ``benchmarks/batch.py throughput``. The datasets are exposures of COS, ACS and WFC3 and associations of STIS,
which the simulator makes, each as often as the others under names of its own.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from astropy.io import fits
from attrs import frozen

from caldp.simulation import simulate

BIN: Final = Path(sys.executable).parent
SERVERLESS: Final = "https://hst-serverless-mode.stsci.edu"
KINDS: Final = {"cos": "lsim01a1q", "acs": "jsim01a1q", "wfc3": "isim02a1q", "stis": "osim02010"}
"""Dataset that is copied, by instrument."""
BATCH: Final = """
import json, sys, time, caldp
from caldp.domain.batch.events import BatchBegun, JobEnded
times = []
def listener(event):
    if isinstance(event, BatchBegun | JobEnded):
        times.append(time.monotonic())
outcome = caldp.batch(sys.argv[2:], "inputs", "out-batch", jobs=int(sys.argv[1]), listener=listener)
assert outcome.ok, outcome.failures
print(json.dumps([times[-1] - times[0], [job.seconds for job in outcome.jobs]]))
"""


@frozen
class Taken:
    """Seconds of wall and of CPU."""

    wall: float
    cpu: float


def copied(raws: Sequence[Path], old: str, new: str, place: Path) -> None:
    """Copy files of a dataset under another name, which takes the old one's place in headers and tables."""
    for raw in raws:
        path = place / raw.name.replace(old, new)
        shutil.copyfile(raw, path)
        path.chmod(0o644)
        with fits.open(path, mode="update") as hdus:
            for hdu in hdus:
                for card in hdu.header.cards:
                    if isinstance(card.value, str) and old in card.value.lower():
                        card.value = card.value.replace(old, new).replace(old.upper(), new.upper())
                if isinstance(hdu, fits.BinTableHDU) and "MEMNAME" in hdu.columns.names:
                    hdu.data["MEMNAME"] = [name.replace(old.upper(), new.upper()) for name in hdu.data["MEMNAME"]]


def make_inputs(count: int, place: Path) -> tuple[list[str], dict[str, str]]:
    """Simulate datasets and their CRDS cache; return their names, and the variables of runs."""
    inputs, cache = place / "inputs", place / "crds_cache"
    inputs.mkdir()
    names = []
    for kind, dataset in KINDS.items():
        made = simulate(kind, place / kind)
        shutil.copytree(made.crds_cache, cache, dirs_exist_ok=True)
        raws = sorted(made.inputs.glob(f"{dataset}*" if dataset.endswith("q") else "*"))
        for number in range(count // len(KINDS)):
            old, new = dataset[1:6], f"{dataset[1:4]}{number + 10}"
            names.append(dataset.replace(old, new))
            copied(raws, old, new, inputs)
    return names, {
        **os.environ, "CRDS_PATH": str(cache), "CRDS_CONTEXT": made.context, "CRDS_SERVER_URL": SERVERLESS,
        "CRDS_READONLY_CACHE": "1", "CRDS_OBSERVATORY": "hst", "CALDP_ASTROMETRY": "off",
        "CALDP_HOME": str(place / "home"), "PATH": f"{BIN}:{os.environ['PATH']}",
    }  # fmt: skip


def timed(work: Callable[[], object]) -> Taken:
    """Time a piece of work; CPU time is that of children that have ended."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Taken(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def run_all(commands: Sequence[Sequence[str]], directory: Path, environment: Mapping[str, str]) -> None:
    for command in commands:
        subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)


def by_hand(names: Sequence[str], place: Path, environment: Mapping[str, str]) -> float:
    """Assign references and run the engines that the records name, each from the start; return CPU seconds.

    Datasets of one kind are alike, so that one of each kind is run, and counted as often as there are such.
    """
    share = len(names) // len(KINDS)
    references = f"{environment['CRDS_PATH']}/references/hst/"
    variables = {
        **environment, **dict.fromkeys(("jref", "iref", "oref", "lref"), references),
        **dict.fromkeys(
            ("ASTROMETRY_STEP_CONTROL", "ASTROMETRY_APPLY_APRIORI", "ASTROMETRY_COMPUTE_APOSTERIORI"), "off"
        ),
    }  # fmt: skip
    total = 0.0
    for name in names[::share]:
        directory = Path(tempfile.mkdtemp(dir=place))
        for path in place.glob(f"inputs/{name[:6]}*"):
            shutil.copy(path, directory)
        raws = [path.name for kind in ("raw*", "wav") for path in directory.glob(f"*_{kind}.fits")]
        (record,) = place.glob(f"out-batch/data/*/{name}/logs/record.json")
        engines = [engine["argv"] for engine in json.loads(record.read_text())["engines"]]
        assign = ["crds", "bestrefs", "--update-bestrefs", "--new-context", environment["CRDS_CONTEXT"], "--files"]

        taken = timed(partial(run_all, [[*assign, *raws], *engines], directory, variables))
        total += share * taken.cpu
    return total


def throughput(jobs: int, count: int, pairs: int) -> None:
    """Process datasets by all ways, batch and ``xargs`` in turn, and print the ratios: median, least, and greatest."""
    with tempfile.TemporaryDirectory(prefix="caldp-batch-") as scratch:
        place = Path(scratch)
        names, environment = make_inputs(count, place)
        found: list[str] = []

        def batch() -> None:
            words = [sys.executable, "-c", BATCH, str(jobs), *names]
            done = subprocess.run(words, cwd=place, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            found.append(done.stdout)

        def xargs() -> None:
            command = f"printf '%s\\n' {' '.join(names)} | xargs -P{jobs} -I@ {BIN}/caldp process -q @ inputs out-xargs"
            subprocess.run(["sh", "-c", command], cwd=place, env=environment, check=True, capture_output=True)

        taken: list[tuple[Taken, Taken]] = []
        packings = []
        for _ in range(pairs):
            for output in ("out-batch", "out-xargs"):
                shutil.rmtree(place / output, ignore_errors=True)
            ours = timed(batch)
            makespan, seconds = json.loads(found.pop().splitlines()[-1])
            best = max(*seconds, sum(seconds) / jobs)
            packings.append(makespan / best)
            theirs = timed(xargs)
            taken.append((ours, theirs))
            say("caldp batch", ours, count)
            print(f"    makespan {makespan:.1f} s, best packing of the same jobs {best:.1f} s")
            say(f"xargs -P{jobs} caldp process", theirs, count)
        hand = by_hand(names, place, environment)
        print(f"cold engines by hand: {hand / count:.2f} s of CPU a dataset")
        tell("throughput, batch / xargs (goal 2.00)", [theirs.wall / ours.wall for ours, theirs in taken])
        tell("CPU, batch / cold engines by hand (goal 0.60)", [ours.cpu / hand for ours, _ in taken])
        tell("CPU, batch / xargs", [ours.cpu / theirs.cpu for ours, theirs in taken])
        tell("makespan / best packing (goal 1.05)", packings)
        tell("cores in use, batch", [ours.cpu / ours.wall for ours, _ in taken])
        tell("cores in use, xargs", [theirs.cpu / theirs.wall for _, theirs in taken])
        print("seconds of CPU a dataset, by step, in the last pair:")
        print(f"    {'':12} {'batch':>6} {'xargs':>6}")
        spent = [
            by_step(place / output, each.cpu, count)
            for output, each in zip(("out-batch", "out-xargs"), taken[-1], strict=True)
        ]
        for step in spent[0]:
            print(f"    {step:12} {spent[0][step]:6.2f} {spent[1].get(step, 0.0):6.2f}", flush=True)


def tell(what: str, ratios: Sequence[float]) -> None:
    print(f"{what}: {median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})", flush=True)


def by_step(output: Path, cpu: float, count: int) -> dict[str, float]:
    """Return seconds of CPU a dataset by step, as records tell; the rest is starts, imports, and the driver.

    A warm process is charged to nobody while it imports, and the record cannot hold its own writing and publishing.
    """
    found: dict[str, float] = {}
    for path in output.glob("data/*/*/logs/record.json"):
        for step in json.loads(path.read_text())["steps"]:
            usage = step["usage"]
            spent = (usage["user_seconds"] + usage["system_seconds"]) / count
            found[step["step"]] = found.get(step["step"], 0.0) + spent
    return {**found, "rest": cpu / count - sum(found.values())}


def say(way: str, taken: Taken, count: int) -> None:
    print(f"{way}: {taken.wall:.1f} s, {taken.cpu / count:.2f} s of CPU a dataset", flush=True)
