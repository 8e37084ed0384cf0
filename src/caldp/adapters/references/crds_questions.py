"""Answers of the process in which CRDS works to questions about a context, without any raw file.

A question is a line of JSON with the key ``ask``; an answer is a line as `answer_line` makes it, among the lines that
CRDS logs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from caldp.adapters.references.rules_by_date import RulesByDate

if TYPE_CHECKING:
    from caldp.adapters.references.crds_worker import Rules

_MARK: Final = "\x1dcaldp-answer "


def answer_line(answer: Mapping[str, Any]) -> str:
    """Write an answer as a line."""
    return f"{_MARK}{json.dumps(answer)}\n"


def answer_of(line: str) -> dict[str, Any] | None:
    """Read an answer from such a line; None if the line is something else."""
    if not line.startswith(_MARK):
        return None
    answer: dict[str, Any] = json.loads(line.removeprefix(_MARK))
    return answer


@define
class Answers:
    """Answers to questions about a context.

    Attributes
    ----------
    rules
        The rules of the context.
    """

    rules: Rules
    _by_date: RulesByDate | None = field(default=None, init=False)

    def __call__(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a question.

        Parameters
        ----------
        question
            ``ask`` is ``context``, ``instrument`` (its ``name`` in lower case), ``assign`` (``selection``: header
            values by keyword) or ``locate`` (``names`` of reference files).

        Returns
        -------
        dict
            ``name`` and ``withdrawn`` files; ``keys`` and ``kinds``; ``references`` by type; or ``paths`` by name.

        Raises
        ------
        BestrefsError
            If the rules are not to be had.
        """
        match question["ask"]:
            case "context":
                self.rules.pipeline()
                return {"name": self.rules.context, "withdrawn": sorted(self.rules.catalogue.withdrawn)}
            case "instrument":
                return _instrument(self.rules, question["name"])
            case "assign":
                if self._by_date is None:
                    self._by_date = RulesByDate(self.rules.pipeline())
                return {"references": self._by_date.assign(question["selection"])}
            case _:
                paths = self.rules.references.provide(question["names"], inspect=False)
                return {"paths": {name: str(path) if path.is_file() else None for name, path in paths.items()}}


def _instrument(rules: Rules, name: str) -> dict[str, Any]:
    rules.load([name])
    mapping = rules.pipeline()
    imap = mapping.get_imap(name)
    keys = {*imap.get_required_parkeys(), mapping.instrument_key}
    return {
        "keys": sorted(key.upper() for key in keys),
        "kinds": sorted(kind.upper() for kind in imap.selections.keys()),  # noqa: SIM118  it is no dictionary
    }
