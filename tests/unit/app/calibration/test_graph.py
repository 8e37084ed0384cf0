"""Commands of a stage: those that do not need each other run at the same time, and the outcome is that of a line."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Event, Lock, current_thread, main_thread

import pytest

from caldp.app.calibration.graph import Ran, run_commands
from caldp.app.ports.calibration_runner import EngineResult
from caldp.domain.calibration.judgement import Completion
from caldp.domain.calibration.plan import Stage, StageCommand
from caldp.domain.run.usage import ResourceUsage

PATIENCE = 30.0


def command(exposure: str, *needs: str) -> StageCommand:
    return StageCommand(Stage.STAGE1, ("engine", exposure), exposure=exposure, needs=frozenset(needs))


FOUR = tuple(command(name) for name in "abcd")
SUM = StageCommand(Stage.STAGE1, ("sum",), needs=frozenset("abcd"))
Deed = Callable[[Event], int]


def do_well(_given_up: Event) -> int:
    return 0


class Engines:
    """Engines that do what they are told, and note when they begin and end."""

    def __init__(self, **deeds: Deed) -> None:
        self.deeds: dict[str, Deed] = deeds
        self.history: list[str] = []
        self._lock = Lock()

    def note(self, what: str) -> None:
        with self._lock:
            self.history.append(what)

    def __call__(self, command: StageCommand, given_up: Event) -> EngineResult:
        name = command.exposure or command.argv[0]
        self.note(f"+{name}")
        status = self.deeds.get(name, do_well)(given_up)
        self.note(f"-{name}")
        return EngineResult(Completion(status), ResourceUsage())


def failed(_command: StageCommand, result: EngineResult) -> bool:
    return result.completion.status != 0


def statuses(ran: tuple[Ran, ...]) -> dict[str, int | None]:
    return {command.argv[-1]: result.completion.status for command, result in ran}


def give_up(given_up: Event) -> int:
    """Work until somebody says that it is in vain."""
    return 15 if given_up.wait(PATIENCE) else 99


def test_one_at_a_time_is_a_line_in_this_thread() -> None:
    threads: list[bool] = []

    def look(_given_up: Event) -> int:
        threads.append(current_thread() is main_thread())
        return 0

    engines = Engines(a=look, b=look, c=look, d=look, sum=look)
    run_commands((*FOUR, SUM), 1, engines, failed)
    assert engines.history == ["+a", "-a", "+b", "-b", "+c", "-c", "+d", "-d", "+sum", "-sum"]
    assert threads == [True] * 5


def test_a_line_ends_with_the_first_failure() -> None:
    engines = Engines(b=lambda _: 3)
    assert statuses(run_commands(FOUR, 1, engines, failed)) == {"a": 0, "b": 3}


def test_commands_that_do_not_need_each_other_meet() -> None:
    meeting = Barrier(4, timeout=PATIENCE)

    def meet(_given_up: Event) -> int:
        meeting.wait()
        return 0

    engines = Engines(a=meet, b=meet, c=meet, d=meet)
    assert statuses(run_commands((*FOUR, SUM), 4, engines, failed)) == dict.fromkeys(["a", "b", "c", "d", "sum"], 0)
    assert engines.history[-2:] == ["+sum", "-sum"]


def test_no_more_run_than_may() -> None:
    running, most = 0, 0
    lock = Lock()

    def work(_given_up: Event) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        Event().wait(0.02)
        with lock:
            running -= 1
        return 0

    run_commands(
        tuple(command(str(number)) for number in range(9)), 3, Engines(**{str(n): work for n in range(9)}), failed
    )
    assert most == 3


def test_what_needs_another_waits_for_it() -> None:
    engines = Engines()
    line = (command("a"), command("b", "a"), command("c", "a", "b"))
    assert statuses(run_commands(line, 3, engines, failed)) == {"a": 0, "b": 0, "c": 0}
    assert engines.history == ["+a", "-a", "+b", "-b", "+c", "-c"]


def test_what_comes_after_a_failure_is_given_up_and_nothing_more_begins() -> None:
    begun = Barrier(3, timeout=PATIENCE)

    def fail(_given_up: Event) -> int:
        begun.wait()
        return 23

    def work(given_up: Event) -> int:
        begun.wait()
        return give_up(given_up)

    engines = Engines(a=fail, b=work, c=work)
    assert statuses(run_commands((*FOUR, SUM), 3, engines, failed)) == {"a": 23, "b": 15, "c": 15}


def test_the_failure_of_a_line_is_found_whatever_ends_first() -> None:
    """The second exposure is damaged, and so is the third, which fails sooner."""
    third_has_failed = Event()

    def third(_given_up: Event) -> int:
        third_has_failed.set()
        return 3

    def second(given_up: Event) -> int:
        assert third_has_failed.wait(PATIENCE)
        assert not given_up.wait(0.05), "it comes before the third, and has a say"
        return 2

    engines = Engines(a=lambda _: 0, b=second, c=third, d=give_up)
    ran = run_commands((*FOUR, SUM), 4, engines, failed)
    assert statuses(ran) == {"a": 0, "b": 2, "c": 3, "d": 15}
    assert next(command.exposure for command, result in ran if failed(command, result)) == "b"


@pytest.mark.parametrize("error", [ChildProcessError("the supervisor was killed"), MemoryError()])
def test_an_error_ends_all_and_comes_out(error: Exception) -> None:
    others = Barrier(3, timeout=PATIENCE)

    def raise_it(_given_up: Event) -> int:
        others.wait()
        raise error

    def work(given_up: Event) -> int:
        others.wait()
        return give_up(given_up)

    engines = Engines(a=work, b=raise_it, c=work)
    with pytest.raises(type(error)):
        run_commands((*FOUR, SUM), 3, engines, failed)
    assert engines.history.count("-a") == engines.history.count("-c") == 1
    assert "+sum" not in engines.history
