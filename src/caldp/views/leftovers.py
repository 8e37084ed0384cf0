"""Leftovers of runs, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from caldp.domain.run.leftovers import Cleaned
from caldp.views.columns import columns
from caldp.views.units import age_text, size_text


def cleaned_text(found: Sequence[Cleaned], *, dry_run: bool) -> str:
    """Write what became of leftovers as a table, troubles and the sum below it."""
    rows = [
        (
            one.leftover.kind.value, _state(one), size_text(one.leftover.size), age_text(one.leftover.age),
            _fate(one, dry_run=dry_run), one.leftover.path,
        )
        for one in found
    ]  # fmt: skip
    going = [one.leftover.size for one in found if one.may_go and not one.trouble]
    verb = "would be removed" if dry_run else "removed"
    closing = [f"{one.trouble}" for one in found if one.trouble]
    closing.append(f"{len(going)} {verb}, {size_text(sum(going))}; {len(found) - len(going)} left.")
    table = [columns(rows, ("WHAT", "STATE", "SIZE", "AGE", "ACTION", "PATH"))] if rows else []
    return "\n".join([*table, *closing])


def _state(one: Cleaned) -> str:
    owner = one.leftover.owner
    state = one.leftover.standing
    if owner is None:
        return state.value
    if state == "running":
        return f"running: {owner.machine.host} {owner.pid}"
    return f"on {owner.machine.host}" if state == "another host" else state.value


def _fate(one: Cleaned, *, dry_run: bool) -> str:
    if one.trouble:
        return "not removed"
    if dry_run and one.may_go:
        return "would go"
    return "removed" if one.removed else "left"


def cleaned_json(found: Sequence[Cleaned]) -> str:
    """Write what became of leftovers for machines."""
    return json.dumps(
        [
            {
                "path": one.leftover.path,
                "kind": one.leftover.kind.value,
                "state": one.leftover.standing.value,
                "size": one.leftover.size,
                "age_seconds": round(one.leftover.age, 3),
                "dataset": one.leftover.owner.dataset if one.leftover.owner else "",
                "run": one.leftover.owner.run if one.leftover.owner else "",
                "host": one.leftover.owner.machine.host if one.leftover.owner else "",
                "pid": one.leftover.owner.pid if one.leftover.owner else None,
                "started": one.leftover.owner.started if one.leftover.owner else "",
                "may_go": one.may_go,
                "removed": one.removed,
                "trouble": one.trouble,
            }
            for one in found
        ],
        indent=2,
    )
