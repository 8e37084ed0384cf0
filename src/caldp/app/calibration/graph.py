"""Commands of a stage, run in the order of their plan, or at the same time where they do not need each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event

from caldp.app.ports.calibration_runner import EngineResult
from caldp.domain.calibration.plan import StageCommand

Run = Callable[[StageCommand, Event], EngineResult]
"""Function that runs a command, and ends it early when the event is set."""
IsLast = Callable[[StageCommand, EngineResult], bool]
"""Function that tells whether the commands that come after one in the plan are not to be run."""
Ran = tuple[StageCommand, EngineResult]


def run_commands(commands: Sequence[StageCommand], at_once: int, run: Run, is_last: IsLast) -> tuple[Ran, ...]:
    """Run commands until one is the last.

    The last one is the first of its kind in the order of the plan, whatever ends first on the clock: commands that come
    after it are ended or not begun, those before it are awaited. So the outcome is that of a run one by one.

    Parameters
    ----------
    commands
        Commands in an order in which each comes after those that it needs.
    at_once
        Number of commands that may run at the same time.
    run
        Runs a command; called from several threads if `at_once` is above 1.
    is_last
        Judges a command that has ended.

    Returns
    -------
    tuple of (StageCommand, EngineResult)
        Commands that were begun, in the order of the plan, those that were ended early among them.
    """
    if at_once > 1:
        return _side_by_side(commands, at_once, run, is_last)
    ran: list[Ran] = []
    for command in commands:
        ran.append((command, run(command, Event())))
        if is_last(*ran[-1]):
            break
    return tuple(ran)


def _side_by_side(commands: Sequence[StageCommand], at_once: int, run: Run, is_last: IsLast) -> tuple[Ran, ...]:
    waiting, results = list(commands), dict[StageCommand, EngineResult]()
    given_up = {command: Event() for command in commands}
    running: dict[Future[EngineResult], StageCommand] = {}
    with ThreadPoolExecutor(at_once, "caldp-engine") as pool:  # leaving it waits for the threads
        try:
            while waiting or running:
                undone = {command.exposure for command in (*waiting, *running.values())}
                ready = [command for command in waiting if not command.needs & undone]
                for command in ready[: at_once - len(running)]:
                    waiting.remove(command)
                    running[pool.submit(run, command, given_up[command])] = command
                for ended in wait(running, return_when=FIRST_COMPLETED).done:
                    command = running.pop(ended)
                    results[command] = ended.result()
                    if is_last(command, results[command]):
                        waiting.clear()
                        for later in commands[commands.index(command) + 1 :]:
                            given_up[later].set()
        except BaseException:
            for event in given_up.values():
                event.set()
            raise
    return tuple((command, results[command]) for command in commands if command in results)
