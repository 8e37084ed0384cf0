"""Memory of a container, as a test has it."""

from __future__ import annotations

from attrs import define


@define
class FakeMemory:
    """Tells its attributes; implements the port MemoryWatch.

    Attributes
    ----------
    kills
        Processes killed so far; None if unknown.
    bound
        Limit in bytes; None if there is none.
    left
        Memory left in bytes; None if unknown.
    """

    kills: int | None = None
    bound: int | None = None
    left: int | None = None

    def oom_kills(self) -> int | None:
        return self.kills

    def limit(self) -> int | None:
        return self.bound

    def available(self) -> int | None:
        return self.left
