"""Pace of transfers: one rule for the slowness and the length of every connection, upwards and downwards.

A server that is silent is caught by the timeout of its socket, but one that trickles never is. So bytes are counted
where they pass the socket: too few in a while end the wait as silence would, and are tried again as silence would be.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from attrs import Factory, define, field, frozen

from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from tenacity import RetryCallState

_DEFAULTS: Final = Settings(profile="")
_MOMENTS: Final = 32
"""So many moments of a window are remembered, whatever comes in it."""


class TooSlowError(TimeoutError):
    """Too few bytes passed a connection; may pass if it is tried again."""


class TooLongError(Exception):
    """A transfer took all the time it was given; not to be tried again."""


@frozen
class TransferLimits:
    """Limits of transfers.

    Attributes
    ----------
    minimum
        The slowest rate; bytes a second, 0 for none.
    window
        Over how long it is measured; seconds.
    deadline
        Longest time for one file, repetitions included; seconds, 0 for any time.
    """

    minimum: float = _DEFAULTS.transfer_minimum
    window: float = _DEFAULTS.network_timeout
    deadline: float = _DEFAULTS.transfer_deadline

    @staticmethod
    def of(settings: Settings) -> TransferLimits:
        """Take them from settings."""
        window = settings.network_timeout or _DEFAULTS.network_timeout
        return TransferLimits(settings.transfer_minimum, window, settings.transfer_deadline)

    @property
    def progress(self) -> float:
        """Amount that must come before a failure counts as overcome; bytes."""
        return max(1.0, self.minimum * self.window)


@define
class Pace:
    """Bytes that pass in one direction, from the first one on.

    A server may think before its first byte as long as the socket's timeout allows; the rate counts from there.
    """

    limits: TransferLimits
    clock: Callable[[], float] = time.monotonic
    _total: int = field(default=0, init=False)
    _moments: deque[tuple[float, int]] = field(factory=deque, init=False)

    def moved(self, size: int) -> None:
        """Count bytes.

        Raises
        ------
        TooSlowError
            If fewer than the minimum passed in the last window.
        """
        now, window, moments = self.clock(), self.limits.window, self._moments
        self._total += size
        if not moments or now - moments[-1][0] >= window / _MOMENTS:
            moments.append((now, self._total))
        while len(moments) > 1 and moments[1][0] <= now - window:
            moments.popleft()
        begun, before = moments[0]
        seconds = now - begun
        if seconds >= window and self._total - before < self.limits.minimum * seconds:
            raise TooSlowError(
                f"{self._total - before} bytes passed in {seconds:.0f} s, fewer than {self.limits.minimum:g} a second"
            )


@define
class Deadline:
    """The end of one file's time, from when it is made."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _begun: float = field(default=Factory(lambda self: self.clock(), takes_self=True), init=False)

    @property
    def is_past(self) -> bool:
        """True if there is no time left."""
        return 0 < self.seconds <= self.clock() - self._begun

    @property
    def left(self) -> float | None:
        """Seconds that are left; None if there is no limit."""
        return max(0.0, self.seconds - (self.clock() - self._begun)) if self.seconds > 0 else None

    def check(self) -> None:
        """Raise `TooLongError` if there is no time left."""
        if self.is_past:
            raise TooLongError(
                f"it is not done after {self.seconds:g} s, all the time that a transfer has (CALDP_TRANSFER_DEADLINE)"
            )


@define
class Patience:
    """Patience with one file's failures; tells `retrying` when to stop.

    A failure counts until so much has come after it that it is overcome: a server that breaks off after every few
    bytes would be asked for ever otherwise.

    Attributes
    ----------
    attempts
        Number of requests for a piece.
    limits
        Amount that must come after a failure.
    deadline
        Time after which nothing is tried again.
    """

    attempts: int
    limits: TransferLimits
    deadline: Deadline
    _failures: int = field(default=0, init=False)
    _came: int = field(default=0, init=False)

    def __call__(self, _state: RetryCallState) -> bool:
        """Count a failure, and tell whether it was the last."""
        self._failures, self._came = self._failures + 1, 0
        return self._failures >= self.attempts or self.deadline.is_past

    def came(self, size: int) -> None:
        """Count bytes that came.

        Raises
        ------
        TooLongError
            If there is no time left.
        """
        self._came += size
        if self._came >= self.limits.progress:
            self._failures = 0
        if size:
            self.deadline.check()


def slowness(error: BaseException | None) -> str:
    """Find out whether an error comes of a connection that was too slow; say how slow, empty if it does not."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, TooSlowError):
            return str(error)
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return ""
