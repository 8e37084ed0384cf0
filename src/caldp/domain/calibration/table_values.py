"""Values of reference tables that a user wants to change, such as in the rows that an exposure uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from attrs import field, frozen

from caldp.domain.calibration.plan import Observation
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import Cell
from caldp.domain.stale.selecting import row_tables
from caldp.domain.stale.used import Criterion


@frozen
class TableChange:
    """Change of a reference table.

    Attributes
    ----------
    cells
        Values by column, in upper or lower case; they are turned into the column's type.
    rows
        Groups of conditions: rows that meet all conditions of a group are changed. None for all rows.
    may_add
        True to add columns that are not there.
    history
        Text of a HISTORY card to add.
    bits
        Flags by column of whole numbers, which are added to those of the rows.
    """

    cells: Mapping[str, Cell]
    rows: frozenset[tuple[Criterion, ...]] = frozenset()
    may_add: bool = False
    history: str = ""
    bits: Mapping[str, int] = field(factory=dict)


_NAME: Final = re.compile(r"(?P<keyword>\w{1,8}):(?P<column>\w+)", re.ASCII)


_EXTRACTION: Final = {"TWOZONE": "TWOZXTAB", "BOXCAR": "XTRACTAB"}
"""Tables with the parameters of calcos's extraction, by its algorithm (``extract.py``: extractCorrtag)."""


def idle_tables(observation: Observation, keyword: str) -> Iterator[str]:
    """Say in which exposures of COS the spectrum is extracted by another table than that of a type.

    Parameters
    ----------
    observation
        The exposures.
    keyword
        Type of the table whose values are changed.
    """
    if keyword not in _EXTRACTION.values():
        return
    for name, facts in sorted(observation.raws.items()):
        algorithm = facts.text("XTRCTALG")
        if _EXTRACTION.get(algorithm, keyword) != keyword:
            yield (
                f"XTRCTALG of {name} is {algorithm}: calcos extracts its spectrum by {_EXTRACTION[algorithm]}, "
                f"and not by {keyword}"
            )


def by_table(wishes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Group values by table: ``XTRACTAB:HEIGHT`` is the column HEIGHT of the table XTRACTAB.

    Raises
    ------
    UsageError
        If a name is of another form.
    """
    tables: dict[str, dict[str, str]] = {}
    for name, value in wishes.items():
        match = _NAME.fullmatch(name.strip())
        if match is None:
            raise UsageError(f"{name!r} is no column of a table.", advice="Expected a name such as XTRACTAB:HEIGHT.")
        tables.setdefault(match["keyword"].upper(), {})[match["column"]] = value
    return tables


def check_tables(dataset: AnyDataset, wishes: Mapping[str, str]) -> None:
    """Check by a dataset's name alone that it is known which rows of the tables its exposures use.

    Raises
    ------
    UsageError
        If it is not.
    """
    for keyword in by_table(wishes):
        if dataset.is_mosaic:
            raise UsageError(
                f"{dataset} starts from calibrated exposures: it has no {keyword}.", advice="Leave it out."
            )
        known = row_tables(dataset.instrument.value)
        if keyword not in known:
            close = get_close_matches(keyword, known, n=1, cutoff=0.85)
            raise UsageError(
                f"Values of {keyword} cannot be set for {dataset}: it is not known which of its rows an exposure uses.",
                advice=f"Did you mean {close[0]}?"
                if close
                else f"Override {keyword} with a file of your own. Values can be set in {', '.join(known)}.",
            )
