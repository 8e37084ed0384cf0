"""A listener that breaks ends nothing but itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from caldp.app.process.audience import Audience
from caldp.domain.errors import Stopped
from caldp.domain.run.events import Event, Level, Note

EVENT = Note("fetching")


def test_one_that_breaks_is_told_no_more_and_the_others_are_told_so() -> None:
    log: list[Event] = []
    calls: list[Event] = []

    def broken(event: Event) -> None:
        calls.append(event)
        raise BrokenPipeError(32, "Broken pipe")

    audience = Audience([broken, log.append])
    audience(EVENT)
    audience(EVENT)
    assert calls == [EVENT]
    assert log.count(EVENT) == 2
    (note,) = (event for event in log if event != EVENT)
    assert isinstance(note, Note)
    assert note.level is Level.WARNING
    assert "BrokenPipeError" in note.text


def test_all_may_break() -> None:
    def broken(_event: Event) -> None:
        raise OSError

    audience = Audience([broken, broken])
    audience(EVENT)
    audience(EVENT)


def test_several_threads_find_out_once() -> None:
    log: list[Event] = []

    def broken(_event: Event) -> None:
        raise ValueError

    audience = Audience([broken, log.append])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(audience, [EVENT] * 200))
    assert log.count(EVENT) == 200
    assert len(log) == 201


@pytest.mark.parametrize("stop", [Stopped(15), KeyboardInterrupt()])
def test_a_stop_passes_through(stop: BaseException) -> None:
    def stopped(_event: Event) -> None:
        raise stop

    with pytest.raises(type(stop)):
        Audience([stopped])(EVENT)
