"""Leftovers that are only told of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from attrs import define, field

from caldp.domain.run.leftovers import Leftover


@define
class FakeLeftovers:
    """Keeps leftovers in a list; implements the port Leftovers."""

    there: list[Leftover] = field(factory=list)

    def find(self, directories: Sequence[Path]) -> Iterator[Leftover]:
        for leftover in tuple(self.there):
            if any(Path(leftover.path).is_relative_to(directory) for directory in directories):
                yield leftover

    def remove(self, leftover: Leftover, *, kept: bool, gone_hosts: Collection[str]) -> bool:
        if not leftover.may_go(kept=kept, gone_hosts=gone_hosts):
            return False
        if leftover in self.there:
            self.there.remove(leftover)
        return True
