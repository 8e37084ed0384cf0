"""The longest first, as far as memory allows."""

from __future__ import annotations

import pytest

from caldp.domain.batch.queue import Machine, Queue, rounded


def test_the_longest_that_fits_comes_first() -> None:
    queue = Queue()
    for number, (memory, seconds) in enumerate([(512, 5.0), (4096, 90.0), (512, 30.0), (1024, 30.0)]):
        queue.put(number, memory, seconds)
    assert [queue.take(lambda need: need <= 1024) for _ in range(4)] == [2, 3, 0, None]
    assert len(queue) == 1
    assert queue.take(lambda _need: True) == 1
    assert queue.take(lambda _need: True) is None


@pytest.mark.parametrize(
    ("need", "used", "running", "admitted"),
    [(1000, 0, 0, True), (1000, 1000, 1, True), (1001, 1000, 1, False), (9000, 0, 0, True), (1, 0, 2, False)],
)
def test_a_job_is_admitted_if_it_fits_or_is_alone(need: int, used: int, running: int, admitted: bool) -> None:
    assert Machine(2000, 2).admits(need, used, running) is admitted


@pytest.mark.parametrize(("need", "whole"), [(0, 128), (128, 128), (128.5, 256), (1700, 1792)])
def test_needs_are_rounded_up(need: float, whole: int) -> None:
    assert rounded(need) == whole
