"""``caldp sync``: finished datasets of an output, brought into a directory."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp sync s3://my-bucket/batch-22 batch-22",
    "caldp sync s3://my-bucket/batch-22 batch-22 j8cb010b0 ldfd01010",
)


def sync(
    source: Annotated[str, typer.Argument(help="s3://bucket/prefix or file:PATH, in either layout.")],
    directory: Annotated[str, typer.Argument(help="Directory that gets the same layout.")],
    datasets: Annotated[
        list[str] | None, typer.Argument(metavar="[DATASET]...", help="Default: all that are processed.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Fetch what was removed since, and what was processed again since archived.")
    ] = False,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show warnings and errors only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Fetch datasets that are processed and not yet in a directory.

    Each file is compared with the run's record. A dataset appears whole or not at all; the message
    messages/dataset-synced/DATASET comes last, with the absolute paths of the files to archive. Run it again to take up
    what was interrupted, and to fetch what was processed since. Nothing is written to the source. The status is 0
    unless a dataset could not be fetched.
    """
    import os

    from caldp.api import sync as fetch
    from caldp.app.process.discretion import discreet_event
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.lines import LineRenderer
    from caldp.domain.exit_codes import ExitCode
    from caldp.domain.run.events import Event, log_line
    from caldp.domain.run.secrets import Blotter
    from caldp.views.sync import synced_json, synced_text
    from caldp.views.verbosity import Verbosity

    blot, show = Blotter.of(os.environ), LineRenderer(log_line, Verbosity.QUIET if quiet else Verbosity.NORMAL)

    def tell(event: Event) -> None:
        show(discreet_event(event, blot))

    with raising_interrupts():
        found = fetch(source, directory, datasets or (), again=again, profile=profile, listener=tell)
    say(synced_json(found) if as_json else synced_text(found))
    return max((one.status for one in found), default=ExitCode.SUCCESS)
