"""The examples that end a command's help, and stand in the reference of commands, can be typed as they are."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from caldp.cli.main import app

ROOT = typer.main.get_command(app)


def commands(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from commands(inner)


def examples() -> Iterator[str]:
    for command in commands(ROOT):
        lines = (command.epilog or "").splitlines()
        yield from (line.strip() for line in lines if line.startswith("  "))


OURS = [line for line in examples() if line.startswith("caldp ")]


@pytest.mark.parametrize("line", OURS)
def test_an_example_is_understood(line: str) -> None:
    words = shlex.split(line.partition(" > ")[0])[1:]
    command: Any = ROOT
    context = typer.Context(ROOT, info_name="caldp")
    while hasattr(command, "commands"):
        name, command, words = command.resolve_command(context, words)
        # Parses the words and raises if it cannot; nothing is run.
        context = command.make_context(name, list(words), parent=context)
    assert not context.args


def test_every_command_has_an_example() -> None:
    without = [command.name for command in commands(ROOT) if not hasattr(command, "commands") and not command.epilog]
    assert without == []
    assert len(OURS) > 15
