"""Messages of the library: whoever calls a function has no options of a command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from caldp.cli.main import app

SOURCE = Path(__file__).resolve().parents[2] / "src" / "caldp"
OF_COMMANDS = {"cli", "demo", "views", "_moved.py"}
WORDS_OF_PROGRAMS = {"--constraint", "--name", "--output", "--version", "--help", "--job-name"}
"""Options of pip, conda, sbatch and others that have the name of one of ours."""


def options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (word for word in parameter.opts if word.startswith("--"))
    for inner in getattr(command, "commands", {}).values():
        yield from options(inner)


def sentences(path: Path) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    expressions = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in expressions:
            yield node.value


def mentions(text: str, ours: set[str]) -> list[str]:
    prose = re.sub(r"\$\(.*?\)", "", text)  # without commands to be copied into a shell
    return [word for word in re.findall(r"(?<=[ (])--[a-z][a-z-]+", prose) if word in ours - WORDS_OF_PROGRAMS]


OURS = set(options(typer.main.get_command(app)))


def test_no_message_of_the_library_speaks_of_an_option() -> None:
    files = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in OF_COMMANDS]
    found = [
        f"{path.relative_to(SOURCE)}: {text}" for path in files for text in sentences(path) if mentions(text, OURS)
    ]
    assert len(OURS) > 30
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("Set CRDS_CONTEXT (or --context).", 1), ("conda create --yes --name hstcal", 0), ("A -- b", 0)],
)
def test_an_option_in_a_sentence_is_recognised(text: str, found: int) -> None:
    assert len(mentions(text, OURS)) == found
