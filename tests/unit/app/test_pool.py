"""Threads that a stop does not wait for."""

from __future__ import annotations

import threading
import time

import pytest

from caldp.app.pool import for_at_most, in_advance, working
from caldp.domain.errors import Stopped


@pytest.fixture
def hang() -> threading.Event:
    """Event that a hanging thread waits for; set it before the test ends."""
    return threading.Event()


def test_all_work_is_done_when_the_context_is_left() -> None:
    done: list[int] = []
    with working(2, "test") as pool:
        for number in range(20):
            pool.submit(done.append, number)
    assert sorted(done) == list(range(20))


def test_after_an_error_what_has_begun_is_awaited_and_the_rest_given_up(hang: threading.Event) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        hang.wait(10)
        done.append(number)

    threading.Timer(0.1, hang.set).start()
    with pytest.raises(ValueError, match="damaged"), working(1, "test") as pool:
        for number in range(5):
            pool.submit(work, number)
        raise ValueError("damaged")
    assert done in ([], [0])


@pytest.mark.parametrize("stop", [Stopped(15), KeyboardInterrupt()], ids=repr)
def test_a_stop_waits_for_nothing(stop: BaseException, hang: threading.Event) -> None:
    began = time.monotonic()
    with pytest.raises(type(stop)), working(2, "test") as pool:
        for _ in range(5):
            pool.submit(hang.wait, 20)
        raise stop
    took = time.monotonic() - began
    hang.set()
    assert took < 10


def test_last_words_have_their_time_and_no_more(hang: threading.Event) -> None:
    said: list[int] = []
    for_at_most(20, lambda: said.append(1))
    assert said == [1]
    began = time.monotonic()
    for_at_most(0.05, lambda: hang.wait(20))
    took = time.monotonic() - began
    hang.set()
    assert took < 10


def test_calls_in_advance_are_made_at_the_same_time_and_once() -> None:
    meeting, called = threading.Barrier(3, timeout=20), list[str]()

    def work(name: str) -> str:
        called.append(name)
        meeting.wait()
        return name.upper()

    result = in_advance(work, ["calacs.e", "runastrodriz", "calacs.e"], "test")
    meeting.wait()
    assert [result(name) for name in ("calacs.e", "runastrodriz", "calacs.e")] == [
        "CALACS.E",
        "RUNASTRODRIZ",
        "CALACS.E",
    ]
    assert sorted(called) == ["calacs.e", "runastrodriz"]


def test_other_calls_are_made_when_they_are_needed() -> None:
    assert in_advance(str.upper, (), "test")("calcos") == "CALCOS"


def test_an_error_in_advance_is_raised_where_the_result_is_needed() -> None:
    def fail(name: str) -> str:
        raise ValueError(name)

    result = in_advance(fail, ["calcos"], "test")
    with pytest.raises(ValueError, match="calcos"):
        result("calcos")
