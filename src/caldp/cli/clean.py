"""``caldp clean``: list what runs left behind, and remove what no living run owns."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.text import examples, say

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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List leftovers and remove none.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Remove directories that --keep-work kept too, unless their run goes on.")
    ] = False,
    gone: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Another host on which no run lives any more; may be given more than once."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Profile that says where runs work.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Remove what runs left behind and no living run owns: scratch directories, temporary links, partial files.

    What a run still holds, and what --keep-work kept, stays. Only names that caldp gives are touched. The status is 1
    if something could not be removed.
    """
    from caldp.api import clean_up
    from caldp.views.leftovers import cleaned_json, cleaned_text

    found = clean_up(directories or (), dry_run=dry_run, kept=everything, gone_hosts=gone or (), profile=profile)
    say(cleaned_json(found) if as_json else cleaned_text(found, dry_run=dry_run))
    return 1 if any(one.trouble for one in found) else 0
