"""Programs that write down how they were called, in place of docker and aws."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

_PROGRAM = """#!{python}
import json, os, sys
name = os.path.basename(sys.argv[0])
stdin = "" if sys.stdin.isatty() else sys.stdin.read()
with open({log!r}, "a") as log:
    parts = ([name, *sys.argv[1:]], stdin, dict(os.environ))
    log.write("\\t".join(map(json.dumps, parts)) + "\\n")
answers = json.loads({answers!r})
line = " ".join(sys.argv[1:])
status, text = next((answer for start, answer in answers.items() if line.startswith(start)), (0, ""))
(sys.stderr if status else sys.stdout).write(text)
sys.exit(status)
"""


@frozen
class Call:
    """Call of a program."""

    words: tuple[str, ...]
    stdin: str
    environment: Mapping[str, str]


@frozen
class Recorder:
    """A directory of recording programs.

    Attributes
    ----------
    directory
        Put it at the front of PATH.
    """

    directory: Path

    def install(self, name: str, answers: Mapping[str, tuple[int, str]] | None = None) -> None:
        """Install a program; its answers are a status and a text, by how its arguments begin."""
        program = self.directory / name
        text = _PROGRAM.format(python=sys.executable, log=str(self._log), answers=json.dumps(answers or {}))
        program.write_text(text)
        program.chmod(0o755)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call of any of the programs, in order."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        parts = (map(json.loads, line.split("\t")) for line in lines)
        return tuple(Call(tuple(words), stdin, environment) for words, stdin, environment in parts)

    @property
    def _log(self) -> Path:
        return self.directory / "calls.log"
