"""Manifest of a batch: its datasets, and for each the input and settings that are its own."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import define, evolve, field, frozen

from caldp.domain.errors import InvalidManifest, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.location import parse_input
from caldp.domain.run.settings import describe

_MOST_SHOWN: Final = 50
_COLUMNS: Final = ("dataset", "input")
_COMMON: Final = frozenset({"input", "output", "layout", "home", "work_dir"})
"""Settings that a whole batch has in common; the column ``input`` is the location of a dataset's inputs."""
_DELIMITER: Final = re.compile(r"#\s*delimiter:\s*['\"]?(.)")
"""Line of an ECSV header that names the delimiter; a blank if there is none (astropy, APE 6)."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@frozen
class Entry:
    """One line of a manifest.

    Attributes
    ----------
    dataset
        The dataset's name, in lower case.
    line
        Number of the line, counted from 1; 0 for a name that no file holds.
    input
        Location of its inputs, if that is not the batch's; else empty.
    settings
        Settings of its own, by name, as they were written.
    """

    dataset: str
    line: int = field(default=0, eq=False)
    input: str = ""
    settings: Mapping[str, str] = _NOTHING


@frozen
class Problem:
    """Mistake in a manifest.

    Attributes
    ----------
    line
        Number of the line, counted from 1; 0 if it has none.
    text
        One sentence without its full stop.
    """

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


@define
class Reading:
    """Result of reading a manifest: entries that are sound, and problems of the others.

    Attributes
    ----------
    entries
        The datasets, in the order of the manifest; each once.
    problems
        All mistakes.
    """

    entries: list[Entry] = field(factory=list)
    problems: list[Problem] = field(factory=list)

    def refuse(self, name: str) -> None:
        """Raise `InvalidManifest` with all problems, if there are any.

        Parameters
        ----------
        name
            Name of the manifest, for the message.
        """
        if not self.problems:
            return
        found = sorted(self.problems, key=lambda problem: problem.line)
        lines = [f"  {problem}" for problem in found[:_MOST_SHOWN]]
        if len(found) > _MOST_SHOWN:
            lines.append(f"  and {len(found) - _MOST_SHOWN} more")
        count = "one mistake" if len(found) == 1 else f"{len(found)} mistakes"
        raise InvalidManifest(
            f"{name} has {count}:\n" + "\n".join(lines), advice="Nothing was run. Mend the manifest and repeat this."
        )


def read_names(names: Iterable[str]) -> Reading:
    """Read names of datasets that no file holds, such as those of a command line."""
    return _distinct(Entry(name) for name in names)


def read_manifest(text: str) -> Reading:
    """Read the text of a manifest.

    It is a list of names, one a line, or a table (CSV, or ECSV as astropy writes it) with a column ``dataset``, which
    may have the columns ``input`` and those of settings. ``#`` begins a comment. An empty cell leaves the value that
    the batch has.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    delimiter = _delimiter(lines, first)
    header = _cells(first, delimiter)
    if "dataset" in (cell.strip().lower() for cell in header):
        return _read_table(lines, delimiter)
    plain = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    return _distinct(Entry(name, number) for number, name in plain if name)


def _delimiter(lines: Sequence[str], first: str) -> str:
    if lines and lines[0].startswith("# %ECSV"):
        return next((match[1] for line in lines if (match := _DELIMITER.match(line))), " ")
    return next((mark for mark in (",", "\t", ";") if mark in first), ",")


def _cells(line: str, delimiter: str) -> list[str]:
    return next(iter(csv.reader([line], delimiter=delimiter, skipinitialspace=True)), [])


def _read_table(lines: Sequence[str], delimiter: str) -> Reading:
    rows = [
        (number, _cells(line, delimiter))
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    (head, header), *body = rows
    names = [cell.strip().lower() for cell in header]
    wrong = list(_wrong_columns(head, names))
    if wrong:
        return Reading(problems=wrong)
    shared: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}

    def entry(number: int, cells: list[str]) -> Entry:
        values = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()}
        dataset, source = values.pop("dataset", ""), values.pop("input", "")
        settings = shared.setdefault(tuple(values.items()), MappingProxyType(values)) if values else _NOTHING
        return Entry(dataset, number, source, settings)

    short = [
        Problem(number, f"{len(cells)} cells where the header has {len(names)}")
        for number, cells in body
        if len(cells) != len(names)
    ]
    reading = _distinct(entry(number, cells) for number, cells in body if len(cells) == len(names))
    return evolve(reading, problems=[*reading.problems, *short])


def _wrong_columns(line: int, names: Sequence[str]) -> Iterator[Problem]:
    known = {*_COLUMNS, *(setting.name for setting in describe())} - (_COMMON - set(_COLUMNS))
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Problem(line, f"the column {name!r} is there {names.count(name)} times")
        elif name in _COMMON - set(_COLUMNS):
            yield Problem(line, f"{name!r} is the same for a whole batch: give it on the command line")
        elif name not in known:
            yield Problem(line, f"there is no setting {name[:80]!r}; columns are dataset, input and settings")


def _distinct(entries: Iterable[Entry]) -> Reading:
    """Keep the first entry of each dataset whose name and input can be read."""
    reading, lines = Reading(), dict[str, int]()
    for entry in entries:
        try:
            dataset = DatasetName.given(entry.dataset).name
            if entry.input:
                parse_input(entry.input)
        except UsageError as error:
            reading.problems.append(Problem(entry.line, error.message.rstrip(".")))
            continue
        if dataset in lines:
            where = f"line {lines[dataset]}" if lines[dataset] else "before it"
            reading.problems.append(Problem(entry.line, f"{dataset} is there already, {where}"))
            continue
        lines[dataset] = entry.line
        reading.entries.append(entry if entry.dataset == dataset else evolve(entry, dataset=dataset))
    return reading
