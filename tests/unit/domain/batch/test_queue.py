"""The longest first, as far as memory allows."""

from __future__ import annotations

import pytest

from caldp.domain.batch.queue import Machine, Queue, rounded
from caldp.domain.batch.traits import Kind
from caldp.domain.hst.instrument import Instrument

SPECTRA: Kind = (Instrument.STIS, "CCD", True, False, False)
IMAGES: Kind = (Instrument.ACS, "WFC", False, True, False)


def test_the_longest_that_fits_comes_first() -> None:
    queue = Queue()
    for number, (memory, seconds) in enumerate([(512, 5.0), (4096, 90.0), (512, 30.0), (1024, 30.0)]):
        queue.put(number, memory, seconds)
    assert [queue.take(lambda need: need <= 1024) for _ in range(4)] == [2, 3, 0, None]
    assert len(queue) == 1
    assert queue.take(lambda _need: True) == 1
    assert queue.take(lambda _need: True) is None


def test_what_jobs_of_a_kind_took_is_learnt_for_the_others() -> None:
    queue, everything = Queue(), lambda _need: True
    for number, (kind, seconds) in enumerate([(SPECTRA, 20.0), (SPECTRA, 30.0), (IMAGES, 10.0), (None, 12.0)]):
        queue.put(number, 512, seconds, kind)
    assert queue.take(everything) == 1
    for ratio in (0.2, 0.3, 8.0):
        queue.learn(SPECTRA, ratio)
    assert [queue.take(everything) for _ in range(4)] == [3, 2, 0, None]


def test_of_many_jobs_of_a_kind_the_last_ones_count() -> None:
    queue = Queue()
    queue.put(0, 512, 10.0, SPECTRA)
    queue.put(1, 1024, 20.0)
    for ratio in [1.0] * 50 + [3.0] * 9:
        queue.learn(SPECTRA, ratio)
    assert queue.take(lambda _need: True) == 0


@pytest.mark.parametrize(
    ("need", "used", "running", "admitted"),
    [(1000, 0, 0, True), (1000, 1000, 1, True), (1001, 1000, 1, False), (9000, 0, 0, True), (1, 0, 2, False)],
)
def test_a_job_is_admitted_if_it_fits_or_is_alone(need: int, used: int, running: int, admitted: bool) -> None:
    assert Machine(2000, 2).admits(need, used, running) is admitted


@pytest.mark.parametrize(("need", "whole"), [(0, 128), (128, 128), (128.5, 256), (1700, 1792)])
def test_needs_are_rounded_up(need: float, whole: int) -> None:
    assert rounded(need) == whole
