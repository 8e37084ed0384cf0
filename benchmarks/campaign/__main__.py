"""Run a campaign: ``python -m benchmarks.campaign``."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.campaign.attempt import Finding, Try
from benchmarks.campaign.kinds import KINDS
from benchmarks.campaign.report import failure, table
from benchmarks.campaign.world import World, make_world


def campaign(
    world: World,
    kinds: Sequence[str],
    indices: Sequence[int],
    seed: int,
    *,
    jobs: int = 2,
    tell: Callable[[str], None] = print,
) -> list[Try]:
    """Do tries of each kind; directories of those that survive are removed.

    Parameters
    ----------
    world
        World that all tries share.
    kinds
        Names of kinds.
    indices
        Numbers of the tries of each kind.
    seed
        Seed of the random numbers.
    jobs
        Number of tries at once.
    tell
        Hears of each try that did not survive.
    """

    def do(order: tuple[str, int]) -> Try:
        attempt = world.attempt(order[0], order[1], seed)
        try:
            with attempt:
                KINDS[attempt.kind](attempt, world)
        except Exception:
            attempt.find(Finding.OTHER, f"the campaign itself failed: {traceback.format_exc()}")
        if attempt.findings:
            tell(failure(attempt))
        else:
            shutil.rmtree(attempt.place, ignore_errors=True)
        return attempt

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(do, [(kind, index) for kind in kinds for index in indices]))


def main() -> int:
    """Run a campaign; the status is 1 if a try did not survive."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign", description=__doc__)
    parser.add_argument("--tries", type=int, default=10, help="tries of each kind (10)")
    parser.add_argument("--seed", type=int, default=1, help="where chance starts from (1)")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), help="only this kind; may be repeated")
    parser.add_argument("--only", type=int, help="only the try of this number")
    parser.add_argument("--jobs", type=int, default=2, help="tries at once (2)")
    parser.add_argument("--deadline", type=float, default=120.0, help="seconds after which a run hangs (120)")
    parser.add_argument("--patience", type=float, default=10.0, help="seconds in which a stopped run ends (10)")
    parser.add_argument("--keep", type=Path, help="where everything goes; default: a temporary directory")
    options = parser.parse_args()
    directory = options.keep or Path(tempfile.mkdtemp(prefix="caldp-campaign-"))
    world = make_world(directory.resolve(), options.deadline, options.patience)
    try:
        indices = range(options.tries) if options.only is None else [options.only]
        tries = campaign(world, options.kind or list(KINDS), indices, options.seed, jobs=options.jobs)
    finally:
        world.close()
    print(table(tries))
    if all(not attempt.findings for attempt in tries) and options.keep is None:
        shutil.rmtree(directory, ignore_errors=True)
        return 0
    return int(any(attempt.findings for attempt in tries))


if __name__ == "__main__":
    sys.exit(main())
