"""Someone who reads a page of the documentation and does what it says."""

from __future__ import annotations

import doctest
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.support.doc_blocks import Block, commands

_LOOSELY: Final = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_DOCTEST: Final = f"""
import doctest, sys
session = doctest.DocTestParser().get_doctest(sys.argv[1], {{}}, "session", None, 0)
sys.exit(doctest.DocTestRunner(optionflags={_LOOSELY}).run(session).failed)
"""
_IN_ONE_SHELL: Final = """
[ -e "$0" ] && . "$0"
eval "$1"
status=$?
{ export -p; printf 'cd %q\\n' "$PWD"; } > "$0"
exit $status
"""
_LONGEST: Final = 300  # s


class ExampleFailed(AssertionError):
    """Difference between a page and what happens."""


@frozen
class Reader:
    """Runs the examples of one page, one after the other, as in one shell: what is exported stays.

    Attributes
    ----------
    directory
        Directory in which the examples are run.
    environment
        Variables that are exported before the first of them.
    state
        A file, outside the directory, for what is exported since.
    """

    directory: Path
    environment: Mapping[str, str]
    state: Path

    def follow(self, block: Block) -> None:
        """Do what a block says.

        Raises
        ------
        ExampleFailed
            If a command ends with another status than the page says, or prints something else.
        """
        if block.file:
            path = self.directory / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            *first, last = commands(block)
            for command in first:
                self._run(block, command.line, 0, command.output)
            self._run(block, last.line, block.status, last.output)
        elif block.language == "python":
            self._run(block, shlex.join([sys.executable, "-c", block.text]), block.status, "")
        elif block.language == "pycon":
            self._run(block, shlex.join([sys.executable, "-c", _DOCTEST, block.text]), block.status, "")
        else:
            self._run(block, f"set -e\n{block.text}", block.status, "")

    def _run(self, block: Block, line: str, status: int, expected: str) -> None:
        done = subprocess.run(
            ["bash", "-c", _IN_ONE_SHELL, str(self.state), line],
            cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=_LONGEST, check=False,
        )  # fmt: skip
        if done.returncode != status:
            raise ExampleFailed(f"{block.where}: status {done.returncode}, and not {status}\n{line}\n{done.stdout}")
        if expected and not doctest.OutputChecker().check_output(expected, done.stdout, _LOOSELY):
            raise ExampleFailed(f"{block.where}: expected\n{expected}\nand got\n{done.stdout}")
