"""Trying again what may pass, with growing random pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

LONGEST_PAUSE: Final = 20.0  # seconds


def retrying(
    attempts: int | Callable[[RetryCallState], bool],
    passing: tuple[type[Exception], ...],
    clean_up: Callable[[], None] = lambda: None,
    tell: Callable[[str], None] = lambda _text: None,
) -> Retrying:
    """Make a function that calls another again while it raises errors that may pass.

    Parameters
    ----------
    attempts
        Number of calls, or a function that tells after each failure whether it was the last; its error passes through.
    passing
        Errors that may pass.
    clean_up
        Function to call before each pause.
    tell
        Hears before each pause what failed and when it is tried again, a clause.
    """
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

    def pause(state: RetryCallState) -> None:
        clean_up()
        error = state.outcome.exception() if state.outcome else None
        seconds = state.next_action.sleep if state.next_action else 0.0
        tell(f"{str(error).rstrip('.')}; trying again in {seconds:.0f} s, after {_tries(state.attempt_number)}")

    return Retrying(
        retry=retry_if_exception_type(passing),
        stop=stop_after_attempt(attempts) if isinstance(attempts, int) else attempts,
        wait=wait_random_exponential(max=LONGEST_PAUSE),
        before_sleep=pause,
        reraise=True,
    )


def _tries(number: int) -> str:
    return "one try" if number == 1 else f"{number} tries"
