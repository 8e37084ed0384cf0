"""Rows of the page that compares the founding readme with today: words, command, outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

_SPAN: Final = re.compile(r"`([^`]+)`")
_HERE: Final = "this row"


@frozen
class Row:
    """A row.

    Attributes
    ----------
    section
        Heading that it stands under.
    command
        Command to type; of a row that another test shows, whatever it says.
    status
        Exit status that the command must end with.
    places
        Files or ``s3://`` objects that must be there afterwards.
    words
        Texts that it must print, ``...`` for anything.
    shown_by
        Test that shows it; empty if the command is to be run.
    """

    section: str
    command: str
    status: int
    places: tuple[str, ...]
    words: tuple[str, ...]
    shown_by: str


def rows(page: Path) -> Iterator[Row]:
    """Read the rows of a page."""
    section = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        section = line.removeprefix("## ") if line.startswith("## ") else section
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("| ") else []
        if len(cells) != 4 or cells[1] == "Type":
            continue
        _, typed, outcome, shown = (cell.strip(" |") for cell in cells)
        spans = _SPAN.findall(outcome)
        status = next((int(span.removeprefix("status ")) for span in spans if span.startswith("status ")), 0)
        words = tuple(span.strip('"') for span in spans if span.startswith('"'))
        places = tuple(span for span in spans if not span.startswith(('"', "status ")))
        (command, *_) = _SPAN.findall(typed)
        yield Row(section, command, status, places, words, "" if shown == _HERE else _SPAN.findall(shown)[0])
