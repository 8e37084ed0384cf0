"""References by the rules of a context, of which CRDS is asked once for exposures that are alike.

CRDS takes some milliseconds for an exposure, to find its mode among all modes of each type of file. An answer is
remembered by the header values, of which date and time stand for the interval between two dates of the type's rules:
two exposures in one interval get the same file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field

_DATE: Final = ("DATE-OBS", "TIME-OBS")
_NO_MATCH: Final = ("NOT FOUND NO MATCH FOUND.", "UNDEFINED", "NONE", "", "*")
_FAILED: Final = "NOT FOUND"
_MODES: Final = 1000
"""Modes of which answers are remembered; each has some hundred at most."""
_Mode = tuple[tuple[str, str], ...]


@define
class RulesByDate:
    """Rules of a context, with a memory.

    Attributes
    ----------
    mapping
        The context, as CRDS has loaded it.
    """

    mapping: Any
    _dates: dict[tuple[str, str], tuple[str, ...] | None] = field(factory=dict, init=False)
    _known: OrderedDict[_Mode, dict[tuple[str, int], str]] = field(factory=OrderedDict, init=False)

    def assign(self, selection: Mapping[str, str]) -> dict[str, str]:
        """Assign as the CRDS library's ``bestrefs`` does, which takes a rule without a match for none.

        Parameters
        ----------
        selection
            Header values by keyword in upper case, as texts; INSTRUME among them.

        Returns
        -------
        dict
            Names of files by type: ``N/A`` for none, and a text that begins with ``NOT FOUND`` where a rule fails.
            Types that the rules leave alone are left out.
        """
        from crds.core import utils

        instrument = self.mapping.get_instrument(dict(selection))
        imap, when, known = self.mapping.get_imap(instrument), _moment(selection), self._answers(selection)
        header: dict[str, str] | None = None
        found: dict[str, str] = {}
        for kind in imap.selections.keys():  # noqa: SIM118  it is no dictionary
            dates = self._dates_of(imap, instrument, kind) if when else None
            key = (kind, -1 if dates is None else bisect_right(dates, when))
            name = None if dates is None else known.get(key)
            if name is None:
                if header is None:
                    header = utils.condition_header(self.mapping.minimize_header(dict(selection)))
                answer = imap.get_best_references(header, [kind])
                if kind not in answer:
                    continue
                name = _name(str(answer[kind]))
                if not name.startswith(_FAILED):  # the reason for a failure may name the date
                    known[key] = name
            found[kind.upper()] = name
        return found

    def _answers(self, selection: Mapping[str, str]) -> dict[tuple[str, int], str]:
        mode = tuple(sorted((keyword, value) for keyword, value in selection.items() if keyword not in _DATE))
        known = self._known.setdefault(mode, {})
        self._known.move_to_end(mode)
        if len(self._known) > _MODES:
            self._known.popitem(last=False)
        return known

    def _dates_of(self, imap: Any, instrument: str, kind: str) -> tuple[str, ...] | None:
        """Return the dates by which the rules for a type choose, sorted; None if these may look at dates otherwise."""
        key = (instrument, kind)
        if key not in self._dates:
            rmap = imap.get_rmap(kind)
            self._dates[key] = tuple(sorted(set(_dates(rmap.selector)))) if _goes_by_intervals(rmap) else None
        return self._dates[key]


def _moment(selection: Mapping[str, str]) -> str:
    """Return date and time as CRDS compares them; empty if they are none."""
    from crds.core import timestamp

    try:
        return str(timestamp.reformat_date(" ".join(selection[keyword].strip() for keyword in _DATE)))
    except Exception:  # whatever CRDS raises for a text that is no date
        return ""


def _goes_by_intervals(rmap: Any) -> bool:
    """Tell whether date and time of an exposure are only compared with the dates of the rules.

    Functions of CRDS that change headers for some types (*hooks*) have dates of their own, such as that of Servicing
    Mission 4 in ``crds/hst/acs_v2.py``; and expressions in the rules may.
    """
    hooks = (rmap._precondition_header, rmap._fallback_header)
    expressions = [
        rmap._rmap_relevance_expr[0], rmap._rmap_omit_expr[0],
        *(source for source, _ in rmap._parkey_relevance_exprs.values()),
    ]  # fmt: skip
    has_hooks = any(hook.__module__ != type(rmap).__module__ for hook in hooks)
    mentions = any("DATE" in source.upper() or "TIME" in source.upper() for source in expressions)
    return not (has_hooks or mentions) and all(_is_plain(selector) for selector in _selectors(rmap.selector))


def _selectors(selector: Any) -> Iterator[Any]:
    from crds.core.selectors import Selector

    yield selector
    for choice in selector.choices():
        if isinstance(choice, Selector):
            yield from _selectors(choice)


def _is_plain(selector: Any) -> bool:
    """Tell whether a selector matches modes, or takes the last file before a date."""
    from crds.core.selectors import MatchSelector, UseAfterSelector

    if type(selector) is UseAfterSelector:
        return tuple(selector._parameters) == _DATE
    return type(selector) is MatchSelector and not set(_DATE).intersection(selector._parameters)


def _dates(selector: Any) -> Iterator[str]:
    from crds.core.selectors import UseAfterSelector

    for one in _selectors(selector):
        if isinstance(one, UseAfterSelector):
            yield from one.keys()


def _name(value: str) -> str:
    upper = value.strip().upper()
    if upper.startswith("NOT FOUND N/A") or upper in (*_NO_MATCH, "N/A"):
        return "N/A"
    return value.strip() if upper.startswith(_FAILED) else value.strip().lower()
