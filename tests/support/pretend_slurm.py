"""Stand-in for Slurm's commands: runs the jobs of arrays as child processes of this machine.

Its first argument is the command: sbatch, squeue, scancel or scontrol. It keeps its state in the directory
PRETEND_SLURM: for each array a directory of its number with the process id and the state of each index.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

_RUN = 'sh "$1" >"$2" 2>&1; code=$?; [ $code = 0 ] && state=COMPLETED || state=FAILED; [ -e "$3" ] || echo $state >"$3"'


def say(text: str, *, err: bool = False) -> None:
    """Write a line."""
    (sys.stderr if err else sys.stdout).write(f"{text}\n")


def options(words: list[str]) -> dict[str, str]:
    """Return long options by name."""
    pairs = (word[2:].partition("=") for word in words if word.startswith("--"))
    return {name: value for name, _, value in pairs}


def sbatch(state: Path, words: list[str]) -> int:
    """Start all jobs of an array."""
    (state / "submissions").open("a").write(" ".join(words) + "\n")
    if (state / "refuse").exists():
        say("sbatch: error: AssocMaxSubmitJobLimit", err=True)
        return 1
    asked = options(words)
    job = 1 + sum(path.name.isdigit() for path in state.iterdir())
    place = state / str(job)
    place.mkdir()
    (place / "name").write_text(asked["job-name"])
    script = place / "script"
    script.write_text(sys.stdin.read())
    last = int(asked["array"].partition("%")[0].rpartition("-")[2])
    for index in range(last + 1):
        log = asked["output"].replace("%x", asked["job-name"]).replace("%a", str(index))
        process = subprocess.Popen(
            ["sh", "-c", _RUN, "sh", str(script), log, str(place / f"{index}.state")],
            env={**os.environ, "SLURM_ARRAY_TASK_ID": str(index)},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        (place / f"{index}.pid").write_text(str(process.pid))
    say(str(job))
    return 0


def squeue(state: Path, words: list[str]) -> int:
    """Show jobs, those that have ended only on demand."""
    (state / "questions").open("a").write(" ".join(words) + "\n")
    if (state / "silent").exists():
        say("slurm_load_jobs error: Unable to contact slurm controller", err=True)
        return 1
    asked = options(words)
    for place in sorted(path for path in state.iterdir() if path.name.isdigit()):
        for pid in sorted(place.glob("*.pid"), key=lambda path: int(path.stem)):
            said = pid.with_suffix(".state")
            word = said.read_text().strip() if said.exists() else "RUNNING"
            if word == "gone" or (word != "RUNNING" and asked.get("states") != "all"):
                continue
            values = {"%F": place.name, "%K": pid.stem, "%T": word, "%j": (place / "name").read_text()}
            say("|".join(values[part] for part in asked["format"].split("|")))
    return 0


def scancel(state: Path, words: list[str]) -> int:
    """End the jobs of arrays."""
    (state / "cancellations").open("a").write(" ".join(words) + "\n")
    if "state" in options(words):
        return 0  # none waits
    for job in words:
        for pid in (state / job).glob("*.pid"):
            said = pid.with_suffix(".state")
            if not said.exists():
                said.write_text("CANCELLED")
                os.killpg(int(pid.read_text()), signal.SIGTERM)
    return 0


def scontrol(state: Path, _words: list[str]) -> int:
    """Show the configuration."""
    size = (state / "array_size").read_text() if (state / "array_size").exists() else "1001"
    say(f"MaxArraySize            = {size}\nMaxJobCount             = 10000")
    return 0


if __name__ == "__main__":
    commands = {command.__name__: command for command in (sbatch, squeue, scancel, scontrol)}
    sys.exit(commands[sys.argv[1]](Path(os.environ["PRETEND_SLURM"]), sys.argv[2:]))
