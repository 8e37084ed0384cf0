"""``caldp clean``: list what runs left behind, and remove what no living run owns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.text import examples, say
from caldp.views.columns import columns

if TYPE_CHECKING:
    from caldp.app.clean.clean_up import Cleaned

EXAMPLES = examples(
    "caldp clean --dry-run",
    "caldp clean",
    "caldp clean scratch outputs --all",
    "caldp clean --gone node17 --json",
)


def clean(
    directories: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DIRECTORY]...",
            help="Places of work, outputs, CRDS caches; default: the profile's, and the system's temporary files.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be removed.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Remove also what --keep-work kept, unless its run goes on.")
    ] = False,
    gone: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Another host on which no run lives any more; may be given more than once."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Profile that says where runs work.")] = "onsite",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Remove what runs left behind and no living run owns: scratch directories, temporary links, partial files.

    What a run still holds, and what --keep-work kept, stays. Only names that caldp gives are touched. The status is 1
    if something could not be removed.
    """
    from caldp.api import clean_up

    found = clean_up(directories or (), dry_run=dry_run, kept=everything, gone_hosts=gone or (), profile=profile)
    say(_json_text(found) if as_json else _text(found, dry_run=dry_run))
    return 1 if any(one.trouble for one in found) else 0


def age_text(seconds: float) -> str:
    """Write an age in its largest unit.

    Examples
    --------
    >>> age_text(59), age_text(3700), age_text(200_000)
    ('59 s', '1 h', '2 d')
    """
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _text(found: Sequence[Cleaned], *, dry_run: bool) -> str:
    from caldp.views.summary import size_text

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


def _json_text(found: Sequence[Cleaned]) -> str:
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
