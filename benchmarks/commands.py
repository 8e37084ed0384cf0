"""Time that people wait for the small commands, and for the state of an output.

    python benchmarks/commands.py [--rounds N] [--datasets N]

Each command is a fresh process of the console script; the ratio is to the start of a bare Python. The output that
``caldp status`` looks at is made of empty files, twenty a dataset.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

PYTHON = (sys.executable, "-c", "pass")
CALDP = str(Path(sys.executable).parent / "caldp")
COMMANDS = (("--help",), ("explain", "23"), ("profile", "env", "offsite"), ("profile", "list"), ("--version",))
FILES = 20


def seconds(words: Sequence[str], rounds: int) -> tuple[float, float]:
    """Return the median elapsed and CPU times of a command, s; the latter does not mind a busy machine."""
    elapsed, cpu = [], []
    for _ in range(rounds):
        start, before = perf_counter(), _cpu_of_children()
        subprocess.run(words, check=True, capture_output=True)
        elapsed.append(perf_counter() - start)
        cpu.append(_cpu_of_children() - before)
    return statistics.median(elapsed), statistics.median(cpu)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def make_output(root: Path, datasets: int) -> None:
    """Make an output in the tree layout."""
    messages = root / "messages" / "datasets-processed"
    messages.mkdir(parents=True)
    for number in range(datasets):
        name = f"j{number:05}010"
        home = root / "data" / "acs" / name
        home.mkdir(parents=True)
        for file in range(FILES):
            (home / f"{name}_{file}.fits").touch()
        (messages / name).touch()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--datasets", type=int, default=5000)
    options = parser.parse_args()
    bare, bare_cpu = seconds(PYTHON, options.rounds)
    print(f"{'python -c pass':28} {bare * 1e3:6.0f} ms, {bare_cpu * 1e3:6.0f} ms of CPU")
    for words in COMMANDS:
        took, cpu = seconds((CALDP, *words), options.rounds)
        ratio = f"{cpu / bare_cpu:.1f} times a bare Python"
        print(f"{' '.join(('caldp', *words)):28} {took * 1e3:6.0f} ms, {cpu * 1e3:6.0f} ms of CPU, {ratio}")
    with tempfile.TemporaryDirectory(prefix="caldp-benchmark-") as directory:
        make_output(Path(directory), options.datasets)
        took, cpu = seconds((CALDP, "status", f"file:{directory}"), 3)
    rate = f"{options.datasets / took:.0f} datasets of {FILES} files a second"
    print(f"{'caldp status':28} {took:6.1f}  s, {cpu:6.1f}  s of CPU, {rate}")


if __name__ == "__main__":
    main()
