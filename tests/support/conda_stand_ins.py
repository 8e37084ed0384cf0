"""A machine without conda, with stand-ins for what its installation brings from the network."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import REPOSITORY

INSTALLER = """#!/bin/sh
[ "$1 $2" = "-b -p" ] || exit 9
[ ! -e "$3" ] || exit 8
[ -z "$BROKEN_INSTALLER" ] || { mkdir -p "$3/conda-meta"; exit 7; }
mkdir -p "$3/bin" "$3/conda-meta"
cp "$STAND_INS/conda" "$3/bin/conda"
"""
CONDA = """#!/bin/sh
echo "conda $*" >> "$STAND_INS/calls"
root=$(dirname "$(dirname "$0")")
case "$1 $2" in
    "env remove") rm -r "$root/envs/$5";;
    "create --yes") mkdir -p "$root/envs/$4/conda-meta" "$root/envs/$4/bin"
        cp "$STAND_INS/python" "$root/envs/$4/bin/python";;
esac
"""
PYTHON = """#!/bin/sh
echo "python $*" >> "$STAND_INS/calls"
"""
CURL = """#!/bin/sh
echo "curl $*" >> "$STAND_INS/calls"
[ -z "$NO_NETWORK" ] || exit 6
while [ "$1" != --output ]; do shift; done
cp "$STAND_INS/installer" "$2"
"""


class MachineWithoutConda:
    """Someone's machine without conda.

    Attributes
    ----------
    home
        The home directory; empty.
    """

    def __init__(self, place: Path) -> None:
        place.mkdir(exist_ok=True)
        self.home = place / "home"
        self._stand_ins = place / "stand-ins"
        for directory in (self.home, self._stand_ins):
            directory.mkdir()
        for name, text in {"installer": INSTALLER, "conda": CONDA, "python": PYTHON, "curl": CURL}.items():
            (self._stand_ins / name).write_text(text)
            (self._stand_ins / name).chmod(0o755)
        (place / "bin").mkdir()
        (place / "bin" / "curl").symlink_to(self._stand_ins / "curl")
        self._path = f"{place / 'bin'}:/usr/bin:/bin"

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of the machine's shells."""
        return {"HOME": str(self.home), "PATH": self._path, "STAND_INS": str(self._stand_ins)}

    def run(self, script: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the repository."""
        return subprocess.run(
            [REPOSITORY / "scripts" / script, *words],
            cwd=self.home, env={**self.environment, **environ}, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def calls(self) -> list[str]:
        """Return the calls of stand-ins since the last question."""
        log = self._stand_ins / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines
