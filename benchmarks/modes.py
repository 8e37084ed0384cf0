"""Every mode of the matrix, calibrated by the engines alone and by caldp, and each switch turned the other way.

    python -m benchmarks.modes [MODE ...] [--no-switches] [--judged] [--json FILE] [--table FILE] [--list]

A mode is named by any part of its name, such as ``COS`` or ``echelle``. Printed are the statuses of the engines by hand
and of caldp, the FITS products by hand and delivered, those with the same pixels, and the verdict: right, or wrong in
one of three ways. The exit status is 1 if a verdict is wrong or a product differs. ``--json`` keeps each row as a line
of JSON, and passes over the rows that the file has already; ``--table`` writes the table of modes in the documentation
from that file, and runs nothing.

*By hand* the raw headers are edited, the CRDS library assigns references, and the engines run: calcos and runastrodriz
in forks of this process, which has imported their libraries, HSTCAL's as programs. caldp is a library in this process,
and all its runs share the servers of warm engines. To find faults in less time, runs with a switch turned leave out
previews, and drizzling where it is not the switch. ``--judged`` takes the engines' one run by hand, which caldp's own
step of calibration plans and judges: there are no products to compare then, and a run costs about half.

Observations are real or made up. Those of ``../shared/hst`` need that directory; others are simulated, with reference
files of their own. Engines that are not on PATH are named, and their modes passed over.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.mode_matrix.judged import by_hand_judged
from benchmarks.mode_matrix.judging import Row, Verdict, judge
from benchmarks.mode_matrix.runs import by_caldp, by_hand, load, variables
from benchmarks.mode_matrix.site import Site, turned
from benchmarks.mode_matrix.sites import sites
from benchmarks.mode_matrix.table import write_table
from caldp.adapters.engines.warm import WarmEngines

_DRIZZLE: Final = "DRIZCORR"
_DRIZZLED: Final = {"drz", "drc", "flt_hlet", "flc_hlet"}
"""Suffixes of what is made when images are drizzled."""


def usual_row(mode: str, site: Site, place: Path, engines: WarmEngines) -> Row:
    """Run an observation as it is, both ways."""
    return _whole(mode, site, place, engines, {}, None)


def turned_rows(
    mode: str, site: Site, place: Path, usual: Row, known: Collection[str], engines: WarmEngines | None
) -> Iterator[Row]:
    """Run an observation with each switch turned the other way.

    Parameters
    ----------
    mode
        Name of the mode.
    site
        The observation.
    place
        Directory for the runs; a run's files are deleted after it.
    usual
        Row of the usual run.
    known
        Switches, as rows have them, that are passed over.
    engines
        Warm engines for whole runs of caldp; None for its judgement of what was made by hand.
    """
    states = site.switches()
    for switch, state in turned(states):
        name = f"{switch}={state}"
        if name in known:
            continue
        is_eased = switch != _DRIZZLE and states.get(_DRIZZLE) == "PERFORM"
        wishes = {switch: state, **({_DRIZZLE: "OMIT"} if is_eased else {})}
        before = set(usual.suffixes) - (_DRIZZLED if is_eased else set())
        if engines is not None:
            yield _whole(mode, site, place, engines, wishes, before, name)
            continue
        with tempfile.TemporaryDirectory(dir=place) as scratch:
            hand, caldp = by_hand_judged(site, wishes, Path(scratch, "judged"))
            yield judge(mode, site.dataset, name, hand, caldp, before, is_whole=False)


def _whole(
    mode: str,
    site: Site,
    place: Path,
    engines: WarmEngines,
    wishes: Mapping[str, str],
    usual: Collection[str] | None,
    change: str = "",
) -> Row:
    with tempfile.TemporaryDirectory(dir=place) as scratch:
        hand = by_hand(site, wishes, Path(scratch, "hand"))
        caldp = by_caldp(site, wishes, Path(scratch, "caldp"), engines, previews=not change)
        return judge(mode, site.dataset, change, hand, caldp, usual)


def judged_rows(
    mode: str, site: Site, place: Path, known: Mapping[str, Mapping[str, Any]], *, switches: bool
) -> Iterator[Row]:
    """Run an observation by hand, as it is and with each switch turned if that is asked for; let caldp judge it."""
    if "" in known:
        usual = Row(**known[""])
    else:
        with tempfile.TemporaryDirectory(dir=place) as scratch:
            hand, caldp = by_hand_judged(site, {}, Path(scratch, "judged"))
            usual = judge(mode, site.dataset, "", hand, caldp, None, is_whole=False)
        yield usual
    if switches:
        yield from turned_rows(mode, site, place, usual, known, None)


def apart(site: Site, rows: Callable[[], Iterable[Row]], keep: Callable[[Row], None]) -> None:
    """Make rows in a fork of this process that has the observation's environment: CRDS keeps its rules there."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.environ.update(variables(site))
        for row in rows():
            keep(row)
    except BaseException:  # the parent goes on with the next mode
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(0)


def missing_programs(site: Site) -> list[str]:
    """List the engines of an observation that are not on PATH or beside this Python."""
    beside = str(Path(sys.executable).parent)
    programs = dict.fromkeys(command[0] for command in site.commands())
    return [name for name in programs if not (shutil.which(name) or shutil.which(name, path=beside))]


def line(row: Row) -> str:
    """Write a row for reading."""
    suffixes = " ".join([*(f"-{name}" for name in row.lost), *(f"+{name}" for name in row.gained)])
    numbers = f"{row.made:3} {row.delivered:3} {row.identical:3}" if row.is_whole else f"{row.made:3}   -   -"
    why = f"\n      {row.why[:900]}" if row.why and (row.verdict is not Verdict.RIGHT or row.caldp != "0") else ""
    return f"  {row.change or 'as usual':20} {row.hand:8} {row.caldp:>3} {numbers}  {row.verdict} {suffixes}{why}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modes", nargs="*", metavar="MODE", help="parts of names of modes; default: all")
    parser.add_argument("--no-switches", action="store_true", help="leave the switches as they are")
    parser.add_argument(
        "--judged", action="store_true", help="runs by hand alone, judged by caldp; compare no products"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="file of rows, added to")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the table of modes from the file of rows")
    parser.add_argument("--list", action="store_true", help="list the modes")
    options = parser.parse_args()
    makers = {
        name: maker
        for name, maker in sites().items()
        if not options.modes or any(part.lower() in name.lower() for part in options.modes)
    }
    if options.list:
        print(*makers, sep="\n")
        return
    kept = [json.loads(text) for text in options.json.read_text().splitlines()] if _is_there(options.json) else []
    if options.table:
        write_table(options.table, kept)
        return
    with tempfile.TemporaryDirectory(prefix="caldp-modes-") as directory, WarmEngines() as engines:
        file = options.json or Path(directory, "rows.jsonl")
        run(
            makers,
            file,
            kept,
            engines,
            Path(directory),
            switches=not options.no_switches,
            is_judged=options.judged,
        )
        rows = [json.loads(text) for text in file.read_text().splitlines()] if file.exists() else []
    report([row for row in rows if row["mode"] in makers])


def run(
    makers: Mapping[str, Callable[[Path], Site]],
    file: Path,
    kept: Sequence[Mapping[str, Any]],
    engines: WarmEngines,
    place: Path,
    *,
    switches: bool = True,
    is_judged: bool = False,
) -> None:
    """Run modes, print their rows, and add these to a file."""

    def keep(row: Row) -> None:
        print(line(row), flush=True)
        with file.open("a") as added:
            added.write(json.dumps(row.plain()) + "\n")

    print(f"  {'':20} {'by hand':8} caldp: status; FITS by hand, delivered, identical; verdict; products lost, gained")
    for number, (mode, maker) in enumerate(makers.items()):
        own = place / str(number)
        own.mkdir()
        site = maker(own / "site")
        if missing := missing_programs(site):
            print(f"{mode}: passed over, since {', '.join(missing)} is not on PATH")
            continue
        print(f"{mode}: {site.dataset}", flush=True)
        load(command[0] for command in site.commands())
        known = {each["change"]: each for each in kept if each["mode"] == mode}
        if is_judged:
            apart(site, partial(judged_rows, mode, site, own, known, switches=switches), keep)
            shutil.rmtree(own)
            continue
        usual = Row(**known[""]) if "" in known else usual_row(mode, site, own, engines)
        if "" not in known:
            keep(usual)
        if switches:
            for row in turned_rows(mode, site, own, usual, known, engines):
                keep(row)
        shutil.rmtree(own)


def report(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print the sums, and end with status 1 if a verdict was wrong or a product differs."""
    whole = [row for row in rows if row["is_whole"]]
    wrong = sum(row["verdict"] != Verdict.RIGHT for row in rows)
    identical, differing = sum(row["identical"] for row in whole), sum(len(row["differing"]) for row in whole)
    print(f"{len({row['mode'] for row in rows})} modes, {len(rows)} runs, {_switched(rows)} with a switch turned")
    print(
        f"{len(whole)} runs compared, {_switched(whole)} with a switch turned: "
        f"{identical + differing} FITS files, {identical} identical, {differing} differing"
    )
    print(f"{sum(not row['delivered'] for row in whole)} of these runs delivered no FITS file; {wrong} wrong verdicts")
    if wrong or differing:
        sys.exit(1)


def _switched(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(bool(row["change"]) for row in rows)


def _is_there(path: Path | None) -> bool:
    return path is not None and path.exists()


if __name__ == "__main__":
    main()
