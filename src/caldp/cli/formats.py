"""Formats of results, as options of a command line choose them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Final

import typer

from caldp.cli.completion import complete_format
from caldp.cli.text import say

if TYPE_CHECKING:
    from caldp.domain.tables.table import Table

_AT_ONCE: Final = 256  # lines; each writing looks for credentials in the environment
_PATIENCE: Final = 0.2  # s

Json = Annotated[bool, typer.Option("--json", help="Print JSON; the same as --format json.")]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="table for people; json; csv, or ecsv, which astropy reads with types and units.",
        autocompletion=complete_format,
    ),
]


def chosen_format(form: str, *, as_json: bool) -> str:
    """Return the format that options choose: ``table``, ``json``, ``csv`` or ``ecsv``.

    Raises
    ------
    UsageError
        If there is no such format, or the options contradict each other.
    """
    from caldp.domain.errors import UsageError
    from caldp.views.tables import FORMATS

    if not form:
        return "json" if as_json else FORMATS[0]
    if form.lower() not in FORMATS:
        raise UsageError(f"--format {form[:80]!r} is no format.", advice=f"Expected {', '.join(FORMATS)}.")
    if as_json and form.lower() != "json":
        raise UsageError(f"--json and --format {form} contradict each other.", advice="Give one of them.")
    return form.lower()


def say_result(form: str, text: Callable[[], str], json: Callable[[], str], table: Callable[[], Table]) -> None:
    """Print a result in a format.

    Parameters
    ----------
    form
        The format.
    text, json, table
        Make the text for people, the JSON document, and the table.
    """
    if form in ("csv", "ecsv"):
        say_table(table(), form)
    else:
        say(json() if form == "json" else text())


def say_table(table: Table, form: str) -> None:
    """Print a table as CSV or ECSV, as its rows come."""
    from caldp.views.tables import table_lines

    say_lines(table_lines(table, form))


def say_lines(lines: Iterable[str]) -> None:
    """Print lines as they come, those that come fast together."""
    held: list[str] = []
    since = monotonic()
    for line in lines:
        held.append(line)
        if len(held) == _AT_ONCE or monotonic() - since > _PATIENCE:
            say("\n".join(held))
            held, since = [], monotonic()
    if held:
        say("\n".join(held))
