"""``caldp demo``: a whole run on a simulated observation, and the answer to an injected fault."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.text import examples, say
from caldp.domain.run.settings import DEMO_DIRECTORY
from caldp.views.columns import columns

if TYPE_CHECKING:
    from caldp.demo.demonstration import Run
    from caldp.demo.faults import Fault

EXAMPLES = examples(
    "caldp demo", "caldp demo --instrument all", "caldp demo --list-faults", "caldp demo --fault missing-reference"
)
_NEXT = (
    ("caldp process ldfd01010 astroquery: file:outputs --profile offsite", "from MAST and the CRDS server"),
    ("caldp process ldfd01010 file:inputs file:outputs", "your own raw files, the Central Store's references"),
    ("caldp profile list", "other sources of references"),
)


class Choice(StrEnum):
    """Instrument to demonstrate, or all of them."""

    COS = "cos"
    ACS = "acs"
    WFC3 = "wfc3"
    STIS = "stis"
    ALL = "all"


def complete_fault(incomplete: str) -> list[str]:
    """List the faults whose names begin as typed."""
    from caldp.demo.faults import FAULTS

    return [name for name in FAULTS if name.startswith(incomplete)]


def demo(
    instrument: Annotated[Choice, typer.Option(help="Instrument of the observation.")] = Choice.COS,
    fault: Annotated[str | None, typer.Option(help="Inject a fault.", autocompletion=complete_fault)] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults.")] = False,
    output: Annotated[Path, typer.Option(help="Directory for all files.")] = Path(DEMO_DIRECTORY),
) -> int:
    """Simulate an observation, process it as any other, and compare the outcome with what was put in.

    Nothing is downloaded: raw files, reference files and a CRDS context are made on the spot. COS needs nothing that
    pip does not install; ACS, WFC3 and STIS need HSTCAL. The status is that of the processing.
    """
    from caldp.domain.exit_codes import ExitCode

    if list_faults:
        say(_fault_table())
        return ExitCode.SUCCESS
    chosen = None if fault is None else _fault(fault)
    statuses = [_demonstrate(run, chosen) for run in _runs(instrument, output)]
    if chosen is None and not any(statuses):
        say("\nNext, with real data:\n" + columns([(f"  {command}", why) for command, why in _NEXT]))
    return next((status for status in statuses if status != ExitCode.SUCCESS), ExitCode.SUCCESS)


def _fault_table() -> str:
    from caldp.demo.faults import FAULTS

    rows = [(fault.name, " or ".join(map(str, fault.statuses)), fault.description) for fault in FAULTS.values()]
    return columns(rows, ("FAULT", "STATUS", "WHAT IS BROKEN"))


def _fault(name: str) -> Fault:
    from difflib import get_close_matches

    from caldp.demo.faults import FAULTS
    from caldp.domain.errors import UsageError

    if name not in FAULTS:
        close = get_close_matches(name, FAULTS, n=1)
        raise UsageError(
            f"There is no fault {name!r}.",
            advice=(f"Did you mean {close[0]}? " if close else "") + "'caldp demo --list-faults' lists them.",
        )
    return FAULTS[name]


def _runs(instrument: Choice, place: Path) -> Sequence[Run]:
    """Prepare the runs that this machine has the programs for, and say which it has not.

    Raises
    ------
    EngineNotFound
        If it has them for none.
    """
    from caldp.demo.demonstration import plain_run, require_engines
    from caldp.domain.errors import EngineNotFound

    runs: list[Run] = []
    missing: list[EngineNotFound] = []
    for name in [choice for choice in Choice if instrument in (choice, Choice.ALL) and choice is not Choice.ALL]:
        try:
            require_engines(name, os.environ)
            runs.append(plain_run(name, place, os.environ))
        except EngineNotFound as error:
            missing.append(error)
    if not runs:
        raise missing[0]
    for one in missing:
        say(f"{one.message} {one.advice}", err=True)
    return runs


def _demonstrate(run: Run, fault: Fault | None) -> int:
    """Start a run, broken or not, and say what came of it."""
    from caldp.demo.faults import broken_run
    from caldp.demo.report import fault_text, places_of, success_text
    from caldp.domain.exit_codes import ExitCode
    from caldp.simulation import compare_with_truth

    if fault is not None:
        say(f"Fault {fault.name}: {fault.description}")
        run = broken_run(fault, run)
    say(f"$ {run.shown(os.environ)}")
    status = run.start()
    if fault is not None:
        say(fault_text(run, fault, status))
        return status
    if status != ExitCode.SUCCESS:
        return status
    comparison = compare_with_truth(places_of(run).main_product, run.observation.truth)
    say(success_text(run, comparison))
    return ExitCode.SUCCESS if comparison.agrees else ExitCode.GENERIC_ERROR
