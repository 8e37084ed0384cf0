"""``caldp open``: the report or the main picture of a dataset, in the program that shows such files here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples("caldp open ldfd01010 outputs", "caldp open ldfd01010 outputs --print")


def open(  # noqa: A001  it is what the command is called
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    output: Annotated[str, typer.Argument(help="file:PATH or s3://bucket/prefix.")] = "file:.",
    only_print: Annotated[bool, typer.Option("--print", help="Print its path or address, and open nothing.")] = False,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
) -> int:
    """Open the report of a dataset, if it is here or in the directory report; else the picture that shows most of it.

    That is the sum of its spectra, or its drizzled image.
    """
    from caldp.api import show
    from caldp.domain.errors import UsageError
    from caldp.domain.hst.dataset import DatasetName
    from caldp.domain.output.pictures import main_picture

    page = f"{DatasetName.given(dataset)}.html"
    found = next((path for path in (Path(page), Path("report", page)) if path.is_file()), None)
    if found is not None:
        return _shown(str(found), only_print=only_print)
    shown = show(dataset, output, profile=profile)
    picture = main_picture(shown.status.name, shown.addresses)
    if not picture:
        raise UsageError(
            f"{shown.status.name} has no picture in {output}.",
            advice="Draw one of a product: caldp preview FILE.",
        )
    return _shown(shown.addresses[picture], only_print=only_print)


def _shown(address: str, *, only_print: bool) -> int:
    if only_print:
        say(address)
        return 0
    return opened(address)


def opened(address: str) -> int:
    """Open a file of this machine, and print its path; return the status."""
    import webbrowser

    from caldp.domain.errors import CaldpError

    path = Path(address)
    if not path.is_file():
        raise CaldpError(f"{address} is not on this machine.", advice="Fetch it with caldp sync, and open it there.")
    if not webbrowser.open(path.absolute().as_uri()):
        raise CaldpError(
            f"There is no program here that shows {address}.", advice="Copy it to a machine with a screen."
        )
    say(address)
    return 0
