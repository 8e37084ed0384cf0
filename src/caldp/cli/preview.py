"""``caldp preview``: pictures of any products."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp preview ldfd01010_x1dsum.fits",
    "caldp preview outputs/data/acs/j8cb010b0 --output previews",
    "caldp preview --stretch fitscut hst_10265_01_acs_wfc_f606w_j92c01_drc.fits",
)


class StretchName(StrEnum):
    """Choices of ``--stretch``, which are names of looks."""

    CALDP = "caldp"
    FITSCUT = "fitscut"


def preview(
    products: Annotated[
        list[Path], typer.Argument(metavar="FILE_OR_DIR", help="FITS files, or directories that hold products.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Directory for the pictures.")] = Path(),
    stretch: Annotated[
        StretchName, typer.Option("--stretch", help="Curves from pixel values to grey and colour: ours, or fitscut's.")
    ] = StretchName.CALDP,
    annotated: Annotated[
        bool,
        typer.Option(
            "--annotated",
            help="Draw of each image another picture, NAME_annotated.png: with compass, scale bar, filter, exposure, "
            "flagged pixels and the values of greys.",
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show warnings and errors only.")] = False,
) -> int:
    """Draw previews of Hubble products: images as JPEG, spectra as PNG, each with a thumbnail.

    Of a directory those files are drawn that the pipeline would draw; a file that is named is drawn whatever it is
    called. A file that holds nothing to draw is named and is no error.
    """
    import os

    from caldp.app.preview.preview_files import preview_files
    from caldp.app.process.audience import Audience
    from caldp.app.process.discretion import discreet_event
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.lines import LineRenderer
    from caldp.domain.exit_codes import ExitCode
    from caldp.domain.run.events import Event, log_line
    from caldp.domain.run.secrets import Blotter
    from caldp.factories import make_renderers
    from caldp.views.verbosity import Verbosity

    blot = Blotter.of(os.environ)
    audience = Audience([LineRenderer(log_line, Verbosity.QUIET if quiet else Verbosity.NORMAL)])

    def tell(event: Event) -> None:
        audience(discreet_event(event, blot))

    renderers = make_renderers(stretch.value, annotates=annotated)
    with raising_interrupts():
        previews = preview_files(products, output, renderers, os.cpu_count() or 1, tell)
    for failure in previews.failures:
        say(f"caldp: {failure.message}\n       {failure.advice}", err=True)
    if not quiet:
        say(f"{len(previews.files)} pictures in {output.resolve()}", err=True)
    return max((failure.status for failure in previews.failures), default=ExitCode.SUCCESS)
