"""Completion of values on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer

from caldp.cli.completion import complete_code, complete_layout, complete_profile, complete_state
from caldp.cli.main import app


@pytest.mark.parametrize(
    ("complete", "typed", "expected"),
    [
        (complete_profile, "o", ["onsite", "offsite"]),
        (complete_layout, "c", ["calcloud"]),
        (complete_state, "pro", ["processing", "processed"]),
        (complete_state, "lo", ["lost"]),
        (complete_code, "STAGE", ["STAGE1_ERROR", "STAGE2_ERROR"]),
        (complete_code, "13", ["130"]),
        (complete_code, "sigk", ["sigkill"]),
    ],
)
def test_values_that_begin_as_typed(complete: Callable[[str], list[str]], typed: str, expected: list[str]) -> None:
    assert complete(typed) == expected


def parameters(command: Any, path: str = "caldp") -> Iterator[tuple[str, Any]]:
    for parameter in command.params:
        yield f"{path} {parameter.name}", parameter
    for name, inner in getattr(command, "commands", {}).items():
        yield from parameters(inner, f"{path} {name}")


def test_every_layout_and_profile_of_a_run_is_completed() -> None:
    wanted = {"layout", "codes", "state"}
    found = dict(parameters(typer.main.get_command(app)))
    asked = {path for path in found if path.split()[-1] in wanted or path.startswith("caldp profile show name")}
    assert len(asked) > 5
    assert [path for path in asked if found[path]._custom_shell_complete is None] == []
