"""Two or three runs of one dataset into one output at once; sometimes one of them is killed."""

from __future__ import annotations

import signal
import time

from benchmarks.campaign.attempt import Ended, Finding, Try
from benchmarks.campaign.kinds.targets import choose_target
from benchmarks.campaign.world import World


def together(attempt: Try, world: World) -> None:
    """Start several runs within a moment; in the end one run's files lie there, whole, and somebody said so."""
    chance = attempt.chance
    target = choose_target(attempt, world, buckets=0.4)
    attempt.engine(pause=chance.choice((0.0, 0.02)))
    runs = []
    for _ in range(chance.choice((2, 2, 3))):
        runs.append(attempt.start(f"file:{attempt.subject.inputs}", *target.arguments, exports=target.exports))
        time.sleep(chance.choice((0.0, chance.uniform(0.0, 2.0))))
    victim = chance.choice(runs) if chance.random() < 0.25 else None
    if victim is not None:
        victim.wait_for_lines(chance.randrange(world.good[attempt.subject.dataset].lines), attempt.deadline)
        victim.send(signal.SIGKILL)
    endings = [attempt.end(run) for run in runs]
    good = [ended for ended in endings if ended.status == 0]
    killed = any(ended.killed for ended in endings)
    target.judge(attempt, Ended(0 if good else 1, "", killed))
    if not good and not killed:
        attempt.find(Finding.OTHER, f"none of {len(endings)} runs did it: {endings[-1].text[-300:]}")
    if killed:  # whoever was refused because of the dead run is told so, and the next run does it
        attempt.engine()
        again = attempt.run(f"file:{attempt.subject.inputs}", *target.arguments, exports=target.exports)
        target.judge(attempt, again, must_succeed=True)
