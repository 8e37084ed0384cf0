"""Cost of caldp beside the engine: wall time and memory around calcos.

    python benchmarks/overhead.py [--real] [--previews]

Three measurements, each in this session on this machine:

* ``caldp --help``, best of five;
* a scripted engine that takes 1 s and leaves the products that real calcos made of a simulated observation, and beside
  it ``crds bestrefs`` for the same exposures, which no engine can begin without;
* with ``--real``, HST association ldfd01010 from ``../shared/hst``: calcos alone, then the whole ``caldp process``.

Memory is the peak (VmHWM) of caldp's own process and, beside it, of its CRDS worker; the engine's is apart.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from caldp.simulation import SimulatedObservation, simulate

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "hst"
BIN = Path(sys.executable).parent
CALDP = str(BIN / "caldp")
SCRIPTED = """#!{python} -S
import os, shutil, time
end = time.monotonic() + 1.0
for name in os.listdir({products!r}):
    if os.path.exists(name):
        os.unlink(name)
    shutil.copyfile(os.path.join({products!r}, name), name)
time.sleep(max(0.0, end - time.monotonic()))
"""


@frozen
class Measured:
    """Wall time in seconds, and peak memory in MB of the process and of its largest CRDS worker."""

    seconds: float
    own_mb: float
    worker_mb: float


def measure(command: list[str], environment: dict[str, str], directory: Path) -> Measured:
    """Run a command in a directory and watch its memory; its failure ends the benchmark."""
    log = directory / "benchmark.log"
    peaks = {"own": 0.0, "worker": 0.0}
    done = threading.Event()
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(command, env=environment, cwd=directory, stdout=output, stderr=output)
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, done))
        watcher.start()
        status = process.wait()
        seconds = time.monotonic() - started
    done.set()
    watcher.join()
    if status:
        sys.exit(f"{' '.join(command)} failed with status {status}:\n{log.read_text(errors='replace')[-3000:]}")
    return Measured(seconds, peaks["own"], peaks["worker"])


def _watch(pid: int, peaks: dict[str, float], done: threading.Event) -> None:
    while not done.wait(0.02):
        peaks["own"] = max(peaks["own"], _peak_mb(pid))
        for process in _below(pid):
            if "crds_worker" in _read(f"/proc/{process}/cmdline"):
                peaks["worker"] = max(peaks["worker"], _peak_mb(process))


def _below(pid: int) -> Iterator[int]:
    """Go through the processes that a process started, and those that they started."""
    for tasks in Path("/proc").glob(f"{pid}/task/*/children"):
        for child in _read(str(tasks)).split():
            yield int(child)
            yield from _below(int(child))


def _peak_mb(pid: int) -> float:
    lines = _read(f"/proc/{pid}/status").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # the process has ended
        return ""


def environment(cache: Path, context: str, *, previews: bool) -> dict[str, str]:
    """Return the environment of a run on a read-only cache."""
    return {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "CRDS_PATH": str(cache),
        "CRDS_CONTEXT": context,
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "CRDS_READONLY_CACHE": "1",
        "CRDS_OBSERVATORY": "hst",
        "CALDP_PREVIEWS": "1" if previews else "0",
    }


def start_up() -> None:
    """Time ``caldp --help``."""
    best = min(_timed([CALDP, "--help"]) for _ in range(5))
    bare = min(_timed([sys.executable, "-c", "pass"]) for _ in range(5))
    print(f"caldp --help           {best:6.3f} s   ({best / bare:.1f} times a bare Python, {bare:.3f} s)")


def _timed(command: list[str]) -> float:
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - started


def scripted(scratch: Path, *, previews: bool) -> None:
    """Measure a run around an engine that takes a second."""
    observation = simulate("cos", scratch / "simulated")
    variables = environment(observation.crds_cache, observation.context, previews=previews)
    command = [CALDP, "process", "-q", str(observation.dataset), f"file:{observation.inputs}", "file:out"]
    measure(command, variables, _made(scratch / "first"))
    products = _made(scratch / "products")
    for path in (scratch / "first" / "out" / "data" / "cos" / str(observation.dataset)).iterdir():
        if path.is_file() and not path.name.endswith(("_rawtag.fits", "_spt.fits")):
            shutil.copy(path, products)
    engine = _made(scratch / "bin") / "calcos"
    engine.write_text(SCRIPTED.format(python=sys.executable, products=str(products)))
    engine.chmod(0o755)
    variables["PATH"] = f"{engine.parent}:{variables['PATH']}"
    runs = [measure(command, variables, _made(scratch / f"run{i}")) for i in range(3)]
    best = min(runs, key=lambda run: run.seconds)
    assigned = min(measure(*_bestrefs(observation, variables, scratch / f"bestrefs{i}")).seconds for i in range(3))
    print(
        f"engine that takes 1 s  {best.seconds:6.2f} s   own: {best.seconds - 1:.2f} s, {best.own_mb:.0f} MB "
        f"(CRDS worker {best.worker_mb:.0f} MB); crds bestrefs alone {assigned:.2f} s"
    )


def _bestrefs(
    observation: SimulatedObservation, variables: dict[str, str], directory: Path
) -> tuple[list[str], dict[str, str], Path]:
    """Return the command that assigns references by hand, its environment and its directory with the exposures."""
    shutil.copytree(observation.inputs, directory)
    raws = sorted(path.name for path in directory.rglob("*_rawtag.fits"))
    command = ["crds", "bestrefs", "--update-bestrefs", "--new-context", observation.context, "--files", *raws]
    return command, variables, directory


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def real(scratch: Path, *, previews: bool) -> None:
    """Measure calcos alone, then the whole run, on ldfd01010."""
    variables = environment(SHARED / "crds_cache", "hst_0729.pmap", previews=previews)
    variables["lref"] = f"{SHARED / 'crds_cache' / 'references' / 'hst'}/"
    alone = _made(scratch / "alone")
    shutil.unpack_archive(SHARED / "inputs" / "ldfd01010.tar.gz", alone)
    assign = (
        "import sys; from crds.bestrefs.bestrefs import assign_bestrefs; "
        "sys.exit(assign_bestrefs(sys.argv[1:], context='hst_0729.pmap', sync_references=False))"
    )
    raws = sorted(path.name for path in alone.glob("*_rawtag_a.fits"))
    subprocess.run([sys.executable, "-c", assign, *raws], cwd=alone, env=variables, check=True, capture_output=True)
    calcos = shutil.which("calcos", path=variables["PATH"]) or sys.exit("calcos is not installed")
    engine = measure([calcos, "ldfd01010_asn.fits"], variables, alone)
    shutil.rmtree(alone)
    command = [CALDP, "process", "-q", "ldfd01010", f"file:{SHARED / 'inputs'}", "file:out"]
    total = measure(command, variables, _made(scratch / "whole"))
    print(
        f"ldfd01010              {total.seconds:6.1f} s   calcos alone {engine.seconds:.1f} s, ratio "
        f"{total.seconds / engine.seconds:.3f}; own {total.own_mb:.0f} MB (CRDS worker {total.worker_mb:.0f} MB), "
        f"calcos {engine.own_mb:.0f} MB"
    )


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", action="store_true", help="measure ldfd01010 too (two minutes)")
    parser.add_argument("--previews", action="store_true", help="draw previews as well")
    options = parser.parse_args()
    start_up()
    with tempfile.TemporaryDirectory(prefix="caldp-overhead-") as directory:
        scripted(Path(directory), previews=options.previews)
        if options.real:
            real(Path(directory), previews=options.previews)


if __name__ == "__main__":
    main()
