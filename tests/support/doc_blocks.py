"""The examples of the documentation: fenced blocks of code, and what a comment before one says of it.

A block is an example, unless its language says that it is only to be looked at. It is run, or a comment says why not::

    <!-- example: status=23 -->              its last command ends with this status, and not with 0
    <!-- example: file=night.toml -->        it is the text of a file, which later examples of the page use
    <!-- example: not run: needs Docker -->  the reason is for whoever reads the source of the page

What follows a command of a ``console`` or ``pycon`` block is what it must print; ``...`` stands for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import field, frozen

_FENCE: Final = re.compile(r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^(?P=indent)```\s*$", re.M | re.S)
_REMARK: Final = re.compile(r"<!-- example: (?P<remark>(?:(?!-->).)*?) -->\s*\Z", re.DOTALL)
_NOT_RUN: Final = re.compile(r"not run: (?P<reason>\S.*)", re.DOTALL)
_STATUS: Final = re.compile(r"status=(?P<status>\d+)")
_FILE: Final = re.compile(r"file=(?P<file>\S+)")

RUNNABLE: Final = frozenset({"console", "sh", "python", "pycon"})
PICTURES: Final = frozenset({"", "text", "json", "mermaid", "{toctree}", "{eval-rst}"})
"""Languages of blocks that show what something looks like, or are for Sphinx; of any other, a block is an example."""


class WronglyMarked(ValueError):
    """A block that nobody runs, and that does not say why."""


@frozen
class Block:
    """A fenced block.

    Attributes
    ----------
    where
        Its page and line.
    language
        As its fence says, such as ``console``.
    text
        Text between the fences.
    status
        The status that its last command must end with.
    file
        Name of the file that it is the text of; empty if it is run.
    not_run
        Reason that it is neither; empty if it is one of them.
    """

    where: str
    language: str
    text: str = field(repr=False)
    status: int = 0
    file: str = ""
    not_run: str = ""


@frozen
class Command:
    """A command of a ``console`` block, and what it prints; empty if that is not shown."""

    line: str
    output: str


def blocks(page: Path) -> Iterator[Block]:
    """Yield the examples of a page.

    Raises
    ------
    WronglyMarked
        If a block is an example that cannot be run and is not marked, or its mark cannot be understood.
    """
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        if match["language"] not in PICTURES:
            line = text.count("\n", 0, match.start()) + 1
            remark = _REMARK.search(text[: match.start()])
            yield _block(f"{page.name}:{line}", match, remark["remark"] if remark else "")


def _block(where: str, match: re.Match[str], remark: str) -> Block:
    indent = len(match["indent"])
    text = "".join(line[indent:] or "\n" for line in match["text"].splitlines(keepends=True))
    not_run, status, file = (pattern.fullmatch(remark) for pattern in (_NOT_RUN, _STATUS, _FILE))
    if remark and not (not_run or status or file):
        raise WronglyMarked(f"{where}: 'example: {remark}' says nothing that is understood")
    if not (not_run or file) and match["language"] not in RUNNABLE:
        raise WronglyMarked(f"{where}: a block of {match['language']} is the text of a file, or says why it is not run")
    return Block(
        where, match["language"], text,
        status=int(status["status"]) if status else 0,
        file=file["file"] if file else "",
        not_run=" ".join(not_run["reason"].split()) if not_run else "",
    )  # fmt: skip


def commands(block: Block) -> tuple[Command, ...]:
    """Take a ``console`` block apart; a line that ends with a backslash goes on.

    Raises
    ------
    WronglyMarked
        If it begins with anything but a command.
    """
    found: list[Command] = []
    for line in re.split(r"(?<!\\)\n", block.text.rstrip("\n")):
        if line.startswith("$ "):
            found.append(Command(line.removeprefix("$ "), ""))
        elif found:
            found[-1] = Command(found[-1].line, f"{found[-1].output}{line}\n")
        else:
            raise WronglyMarked(f"{block.where}: a console block begins with a command after '$ '")
    return tuple(found)
