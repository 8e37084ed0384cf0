"""Cost of importing caldp in a lambda: time and memory of a cold Python that has only attrs and caldp on its path.

    python benchmarks/imports.py [--rounds N]

Measures fresh processes in isolated mode (``python -I -S``: no site-packages, no ``.pth`` files), as in
a lambda's zip file. Time is that of the import statement alone, memory the growth of the resident set.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
MODULES = ("attrs", "caldp", "caldp.exit_codes", "caldp.sysexit", "caldp.calcloud")
CHILD = """
import sys
sys.path.insert(0, {path!r})
def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
from time import perf_counter
before, start = resident(), perf_counter()
import {module}
seconds = perf_counter() - start
print([seconds * 1e3, (resident() - before) / 1024])
"""


def lay_out(directory: Path) -> None:
    """Put caldp and attrs, and nothing else, into a directory."""
    shutil.copytree(SOURCE / "caldp", directory / "caldp", ignore=shutil.ignore_patterns("__pycache__"))
    for file in metadata.files("attrs") or []:
        if file.suffix in (".py", ".pyi"):
            target = directory / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def measure(module: str, path: Path) -> tuple[float, float]:
    """Import a module in a fresh Python; milliseconds and MiB."""
    child = [sys.executable, "-I", "-S", "-c", CHILD.format(module=module, path=str(path))]
    milliseconds, mebibytes = json.loads(subprocess.run(child, capture_output=True, text=True, check=True).stdout)
    return milliseconds, mebibytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        lay_out(Path(name))
        for module in MODULES:
            measure(module, Path(name))  # compiles
        runs = [[measure(module, Path(name)) for module in MODULES] for _ in range(rounds)]
    print(f"Python {sys.version.split()[0]}, attrs {metadata.version('attrs')}, {rounds} cold starts each, in turn")
    print(f"{'':18} {'median':>9} {'best':>9} {'memory':>10}")
    for module, measured in zip(MODULES, zip(*runs, strict=True), strict=True):
        milliseconds, mebibytes = zip(*measured, strict=True)
        median, memory = statistics.median(milliseconds), statistics.median(mebibytes)
        print(f"{module:18} {median:6.1f} ms {min(milliseconds):6.1f} ms {memory:6.2f} MiB")


if __name__ == "__main__":
    main()
