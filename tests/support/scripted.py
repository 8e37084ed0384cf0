"""Scripted engines: tiny programs that write the lines, files and statuses of a case."""

import shlex
import signal
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen


@frozen
class Script:
    """Deeds of a scripted engine, in this order.

    Attributes
    ----------
    lines
        Lines that it writes to its standard output.
    files
        Files that it writes into its working directory.
    commands
        Shell commands that it runs there then.
    seconds
        Seconds that it goes on then.
    status
        Its exit status; negative for the signal that ends it.
    """

    lines: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(factory=dict)
    commands: tuple[str, ...] = ()
    seconds: float = 0.0
    status: int = 0


def install(directory: Path, name: str, script: Script) -> Path:
    """Install a scripted engine as a real program; return its path."""
    payload = directory / f"{name}.files"
    payload.mkdir(parents=True)
    for file, content in script.files.items():
        (payload / file).write_bytes(content)
    program = directory / name
    program.write_text("\n".join(["#!/bin/sh", *_commands(script, payload)]) + "\n")
    program.chmod(0o755)
    return program


def _commands(script: Script, payload: Path) -> list[str]:
    says = [f"printf '%s\\n' {shlex.quote(line)}" for line in script.lines]
    writes = [f"cp {shlex.quote(str(payload / file))} ." for file in script.files]
    waits = [f"sleep {script.seconds}"] if script.seconds else []
    ends = f"exit {script.status}" if script.status >= 0 else f"kill -{-script.status} $$"
    return [*says, *writes, *script.commands, *waits, ends]


def environment_with(directory: Path) -> dict[str, str]:
    """Build an environment whose PATH has the engines of a directory, and the shell's own commands."""
    return {"PATH": f"{directory}:/bin:/usr/bin"}


SIGKILL = -int(signal.SIGKILL)
SIGSEGV = -int(signal.SIGSEGV)
