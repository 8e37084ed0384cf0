"""Options that a run of one dataset and a batch have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.completion import complete_layout, complete_profile

if TYPE_CHECKING:
    from caldp.domain.run.setting_values import Value


ProfileOfRun = Annotated[
    str,
    typer.Option(
        help="onsite, offsite, aws, or one of your own: a TOML file or a script; default: onsite where its cache is "
        "or CRDS_PATH names one without a server, else offsite.",
        autocompletion=complete_profile,
    ),
]
Context = Annotated[str | None, typer.Option(help="CRDS context, such as hst_0729.pmap.")]
Override = Annotated[
    list[str] | None,
    typer.Option(metavar="REFTYPE=FILE", help="A reference file of your own, such as DARKFILE=my_dark.fits."),
]
Switches = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="SWITCH=STATE", help="A calibration switch as PERFORM or OMIT, such as FLATCORR=OMIT."
    ),
]
Members = Annotated[
    list[str] | None,
    typer.Option(metavar="ROOTNAME,...", help="Exposures of the association to calibrate, and no others."),
]
Reads = Annotated[
    list[str] | None,
    typer.Option(
        "--omit-reads", metavar="[ROOTNAME:]N,...", help="Reads of WFC3/IR ramps to leave out of the fit, such as 1-3."
    ),
]
TableValues = Annotated[
    list[str] | None,
    typer.Option("--set-table", metavar="REFTYPE:COLUMN=VALUE", help="A value in the rows used of a reference table."),
]
Drizzle = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A parameter of AstroDrizzle, such as final_scale=0.03."),
]
Astrometry = Annotated[
    str | None, typer.Option(help="Better astrometry of ACS and WFC3 from servers: auto, on or off.")
]
LayoutName = Annotated[
    str | None,
    typer.Option(help="Arrangement of the output: tree or calcloud.", autocompletion=complete_layout),
]
KeepWork = Annotated[bool, typer.Option("--keep-work", help="Keep scratch directories.")]
Timeout = Annotated[float | None, typer.Option(help="Seconds that a stage of calibration may take.")]


def settings_given(
    *,
    context: str | None = None,
    override: list[str] | None = None,
    switches: list[str] | None = None,
    members: list[str] | None = None,
    reads: list[str] | None = None,
    table_values: list[str] | None = None,
    drizzle: list[str] | None = None,
    astrometry: str | None = None,
    layout: str | None = None,
    timeout: float | None = None,
    keep_work: bool = False,
    work_dir: str | None = None,
) -> Mapping[str, Value]:
    """Return the settings that a command line names, by the values of these options.

    Raises
    ------
    UsageError
        If an override cannot be understood, or its file is not there.
    """
    values: Mapping[str, Value | None] = {
        "crds_context": context, "astrometry": astrometry, "layout": layout, "work_dir": work_dir,
        "keep_work": keep_work or None, "timeout": timeout,
        "reference_overrides": _overrides(override) if override else None,
        "switches": ",".join(switches) if switches else None,
        "members": ",".join(members) if members else None,
        "omitted_reads": ";".join(reads) if reads else None,
        "table_values": _pairs("--set-table", table_values, "XTRACTAB:HEIGHT=35") if table_values else None,
        "drizzle": _pairs("--drizzle", drizzle, "final_scale=0.03") if drizzle else None,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def _pairs(option: str, texts: list[str], example: str) -> dict[str, str]:
    """Read ``NAME=VALUE``."""
    from caldp.domain.errors import UsageError

    pairs = [text.partition("=") for text in texts]
    for text, (name, equals, value) in zip(texts, pairs, strict=True):
        if not (name.strip() and equals and value.strip()):
            raise UsageError(f"{option} {text} is not NAME=VALUE.", advice=f"For example {example}.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _overrides(texts: list[str]) -> dict[str, str]:
    """Read ``REFTYPE=FILE``; the file is taken from here, wherever the run works."""
    from pathlib import Path

    from caldp.domain.errors import UsageError

    found: dict[str, str] = {}
    for text in texts:
        keyword, equals, file = text.partition("=")
        if not (keyword and equals and file):
            raise UsageError(f"--override {text} is not REFTYPE=FILE.", advice="For example DARKFILE=my_dark.fits.")
        path = Path(file).expanduser().absolute()
        if not path.is_file():
            raise UsageError(f"--override {text}: there is no file {path}.", advice="Check the path.")
        found[keyword.upper()] = str(path)
    return found
