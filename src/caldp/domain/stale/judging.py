"""Judgement of one exposure's references: for each type the lowest rung that can be proven."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from attrs import evolve

from caldp.domain.stale.findings import NONE, Comparison, Exposure, TypeFinding
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.selecting import used_part
from caldp.domain.stale.steps import Reading, reading
from caldp.domain.stale.used import Used

Compare = Callable[[str, str, str, Used], Comparison]
"""Compares the file that was used with the one that is assigned now, given their type and their names."""

_FAILED: Final = "NOT FOUND"


def judge_exposure(
    exposure: Exposure, assigned: Mapping[str, str], compare: Compare, same: Callable[[str], Comparison | None]
) -> Iterator[TypeFinding]:
    """Judge each type of reference file of an exposure.

    Parameters
    ----------
    exposure
        The exposure.
    assigned
        References that the context assigns, by keyword: a name, ``N/A``, or a text that begins with ``NOT FOUND`` where
        CRDS fails. Types that it leaves alone are left out.
    compare
        Compares two files.
    same
        Tells what is known against a file of the same name being the one that was used; None if nothing is.
    """
    for keyword in sorted(exposure.references.keys() | assigned.keys()):
        old = exposure.references.get(keyword) or NONE
        new = assigned.get(keyword, old)
        finding = TypeFinding(keyword, old, new, Rung.UNCHANGED, (exposure.name,))
        if old.lower() != new.lower():
            yield _judged(exposure, finding, compare)
        elif old != NONE:
            against = same(keyword)
            yield finding if against is None else _with(finding, against)


def _judged(exposure: Exposure, finding: TypeFinding, compare: Compare) -> TypeFinding:
    how = reading(exposure.instrument, finding.keyword, exposure.switches, exposure.skipped)
    if finding.new.startswith(_FAILED):
        why = finding.new.removeprefix(_FAILED).strip() or "it does not say why"
        return evolve(finding, rung=Rung.UNKNOWN, detail=f"CRDS assigns none: {why}")
    if how is Reading.OMITTED:
        return evolve(finding, rung=Rung.UNUSED)
    if NONE in (finding.old, finding.new):
        which = "none was assigned" if finding.old == NONE else "none is assigned any more"
        return evolve(finding, rung=Rung.CHANGED, detail=which)
    found = compare(finding.keyword, finding.old, finding.new, used_part(exposure, finding.keyword))
    if how is Reading.SKIPPED and found.new_is_dummy:
        return evolve(finding, rung=Rung.UNUSED, detail="the new file is a dummy, with which the step is skipped again")
    return _with(finding, found)


def _with(finding: TypeFinding, found: Comparison) -> TypeFinding:
    return evolve(finding, rung=found.rung, detail=found.detail, differences=found.differences)


def merged(findings: Iterable[TypeFinding]) -> tuple[TypeFinding, ...]:
    """Put findings of several exposures together: one for each type, pair of files, and rung."""
    found: dict[tuple[str, str, str, Rung, str, tuple[object, ...]], TypeFinding] = {}
    for one in findings:
        key = (one.keyword, one.old, one.new, one.rung, one.detail, one.differences)
        known = found.get(key)
        names = one.exposures if known is None else known.exposures + one.exposures
        found[key] = evolve(one, exposures=tuple(dict.fromkeys(names)))
    return tuple(sorted(found.values(), key=lambda one: (one.keyword, one.old, one.new, one.exposures)))
