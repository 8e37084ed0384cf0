"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from caldp.cli.main import app
from caldp_docs.markdown import code, table


def reference() -> str:
    """Write a section for each command."""
    root = typer.main.get_command(app)
    return "\n\n".join(_sections(root, typer.Context(root, info_name="caldp", **root.context_settings)))


def _sections(command: Any, context: typer.Context) -> Iterator[str]:
    yield _section(command, context)
    for name, inner in getattr(command, "commands", {}).items():
        if inner.hidden:
            continue
        yield from _sections(inner, typer.Context(inner, info_name=name, parent=context, **inner.context_settings))


def _section(command: Any, context: typer.Context) -> str:
    """Write a command's usage, help, parameters and examples."""
    records = [each.get_help_record(context) for each in command.get_params(context)]
    rows = [(code(names), text) for names, text in filter(None, records)]
    parts = [
        f"## {context.command_path}",
        f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```",
        inspect.cleandoc(command.help or ""),
        table(("Parameter", "Meaning"), rows),
    ]
    if command.epilog:
        parts.append(f"```text\n{inspect.cleandoc(command.epilog.partition('Examples:')[2])}\n```")
    return "\n\n".join(parts)
