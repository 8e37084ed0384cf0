"""SIGINT, SIGTERM and SIGHUP at a random moment of a run, once or twice."""

from __future__ import annotations

import signal
import time

from benchmarks.campaign.attempt import Finding, Try
from benchmarks.campaign.kinds.targets import choose_target
from benchmarks.campaign.world import World


def signals(attempt: Try, world: World) -> None:
    """Stop a run; it ends soon, with the signal's status, and says so in its message."""
    chance = attempt.chance
    target = choose_target(attempt, world, buckets=0.4, previews=0.15)
    number = chance.choice((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    attempt.engine(children=chance.random() < 0.7, pause=chance.choice((0.0, 0.02, 0.1)))
    running = attempt.start(f"file:{attempt.subject.inputs}", *target.arguments, exports=target.exports)
    lines = chance.randrange(1, world.good[attempt.subject.dataset].lines + 1)
    running.wait_for_lines(lines, attempt.deadline)
    time.sleep(chance.uniform(0.0, 0.2))
    stopped = running.send(number)
    since = time.monotonic()
    if chance.random() < 0.2:
        time.sleep(chance.uniform(0.0, 0.5))
        running.send(number)
    ended = attempt.end(running)
    attempt.tell(f"{number.name} after {lines} lines{'' if stopped else ', too late'}")
    taken = time.monotonic() - since
    if stopped and taken > attempt.patience:
        attempt.find(Finding.HANG, f"ended {taken:.1f} s after {number.name}")
    if stopped and ended.status not in {0, 128 + number, None}:
        attempt.find(Finding.STATUS, f"{number.name} ended in status {ended.status}: {ended.text[-300:]}")
    target.judge(attempt, ended)
