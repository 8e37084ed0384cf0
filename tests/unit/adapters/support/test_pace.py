"""Slowness and length of transfers."""

from __future__ import annotations

import pytest
from attrs import define

from caldp.adapters.support.pace import Deadline, Pace, Patience, TooLongError, TooSlowError, TransferLimits, slowness
from caldp.domain.run.settings import Settings

LIMITS = TransferLimits(minimum=100.0, window=10.0, deadline=1000.0)


@define
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def moves(*pairs: tuple[float, int], limits: TransferLimits = LIMITS) -> None:
    clock = Clock()
    pace = Pace(limits, clock)
    for clock.now, size in pairs:
        pace.moved(size)


def test_a_trickle_is_too_slow_after_one_window() -> None:
    moves(*((second, 17) for second in range(10)))
    with pytest.raises(TooSlowError, match="170 bytes passed in 10 s, fewer than 100 a second"):
        moves(*((second, 17) for second in range(60)))


def test_what_is_fast_enough_may_go_on() -> None:
    moves(*((second, 101) for second in range(1000)))


def test_a_stall_within_the_window_is_borne_and_a_trickle_after_a_fast_start_is_not() -> None:
    moves((0, 5000), (1, 5000), (9, 1), (11, 5000), (12, 5000))
    with pytest.raises(TooSlowError):
        moves((0, 1), *((second / 10, 1000) for second in range(1, 20)), *((second, 1) for second in range(3, 30)))


def test_before_the_first_byte_a_server_may_think() -> None:
    moves((1000, 1), (1001, 5))


def test_zero_is_no_limit() -> None:
    moves(*((second, 1) for second in range(0, 1000, 5)), limits=TransferLimits(0.0, 10.0, 0.0))
    clock = Clock()
    deadline = Deadline(0.0, clock)
    clock.now = 1e9
    deadline.check()


def test_a_deadline_ends_a_transfer_however_fast_it_is() -> None:
    clock = Clock()
    patience = Patience(3, LIMITS, Deadline(50.0, clock))
    clock.now = 49.0
    patience.came(10**9)
    clock.now = 50.0
    with pytest.raises(TooLongError, match=r"after 50 s.*CALDP_TRANSFER_DEADLINE"):
        patience.came(10**9)


def test_failures_count_until_enough_has_come_after_them() -> None:
    patience = Patience(3, LIMITS, Deadline(0.0))
    tried = [patience(None), patience.came(17), patience(None), patience.came(17), patience(None)]  # type: ignore[arg-type, func-returns-value]
    assert tried == [False, None, False, None, True]
    patience = Patience(3, LIMITS, Deadline(0.0))
    for _ in range(100):
        assert not patience(None)  # type: ignore[arg-type]
        patience.came(int(LIMITS.progress))


def test_settings_say_it() -> None:
    settings = Settings(profile="x", network_timeout=5.0, transfer_minimum=7.0, transfer_deadline=9.0)
    assert TransferLimits.of(settings) == TransferLimits(7.0, 5.0, 9.0)
    assert TransferLimits.of(Settings(profile="x", network_timeout=0.0)).window > 0


def test_slowness_is_found_below_the_errors_of_libraries() -> None:
    try:
        try:
            raise TooSlowError("3 bytes")
        except TooSlowError as error:
            raise ValueError("read timed out") from error
    except ValueError as error:
        assert slowness(error) == "3 bytes"
    assert slowness(ValueError()) == ""
    assert slowness(None) == ""
