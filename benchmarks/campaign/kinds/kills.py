"""Kill -9 of caldp at a random moment of a run, then a run that nobody disturbs."""

from __future__ import annotations

import signal
import subprocess
import time

from benchmarks.campaign.attempt import CALDP, Finding, Try
from benchmarks.campaign.kinds.targets import choose_target
from benchmarks.campaign.world import World


def kills(attempt: Try, world: World) -> None:
    """Kill a run that has started children; nothing half is ever called processed, and nobody lives on."""
    chance, source = attempt.chance, f"file:{attempt.subject.inputs}"
    target = choose_target(attempt, world, buckets=0.2, previews=0.1)
    attempt.engine(children=True, pause=chance.choice((0.0, 0.02, 0.1)))
    running = attempt.start(source, *target.arguments, exports=target.exports)
    running.wait_for_lines(chance.randrange(world.good[attempt.subject.dataset].lines + 1), attempt.deadline)
    time.sleep(chance.uniform(0.0, 0.2))
    running.send(signal.SIGKILL)
    ended = attempt.end(running)
    attempt.look_for_orphans()
    target.judge(attempt, ended)
    attempt.engine()
    again = attempt.run(source, *target.arguments, exports=target.exports)
    target.judge(attempt, again, must_succeed=True)
    _clean(attempt)


def _clean(attempt: Try) -> None:
    """Let caldp clean up; only what was made in the last minute, and is nobody's yet, may stay."""
    done = subprocess.run(
        [CALDP, "clean", "--json", "scratch"], cwd=attempt.place, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        attempt.find(Finding.OTHER, f"caldp clean ended with {done.returncode}: {done.stderr[-300:]}")
    left = [path.name for path in (attempt.place / "scratch").glob("caldp-work-*/.caldp-owner.json")]
    if left:
        attempt.find(Finding.OTHER, f"caldp clean left {', '.join(left)}")
