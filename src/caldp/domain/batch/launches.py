"""Launches of jobs on a cluster, written down before they are submitted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from caldp.domain.batch.files import BatchPlace
from caldp.domain.batch.job import Job
from caldp.domain.errors import InvalidRecord
from caldp.domain.run.plain import from_plain, parse_json

_NAME: Final = re.compile(r"caldp-[0-9a-f]{12}-[0-9]{5}")


@frozen
class Launch:
    """Jobs that are started together, with the same memory.

    Attributes
    ----------
    name
        Name of the launch, of no other: ``caldp-<batch>-<number>`` on a cluster.
    numbers
        Numbers of their datasets in the batch; the index of a job in an array selects one.
    memory_mib
        Memory of each; MiB.
    """

    name: str
    numbers: tuple[int, ...]
    memory_mib: int

    def to_json(self) -> str:
        """Write the launch as JSON."""
        return json.dumps({"name": self.name, "memory_mib": self.memory_mib, "numbers": list(self.numbers)}) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Launch:
        """Read a launch.

        Raises
        ------
        InvalidRecord
            If the text is none.
        """
        launch = from_plain(cls, parse_json(text))
        if not _NAME.fullmatch(launch.name) or not launch.numbers or min(launch.numbers) < 0:
            raise InvalidRecord("It is no launch of a batch.", advice="Expected what caldp has written.")
        return launch


def launch_key(place: BatchPlace, name: str) -> str:
    """Return the key of a launch."""
    return f"{place.launches}{name}.json"


def launch_name(place: BatchPlace, number: int) -> str:
    """Return the name of a launch, given its number in the batch."""
    return f"caldp-{place.batch}-{number:05d}"


def grouped(jobs: Sequence[Job], waiting: Mapping[int, int], most_together: int) -> Iterator[tuple[int, list[int]]]:
    """Group jobs that wait into launches.

    Parameters
    ----------
    jobs
        All jobs.
    waiting
        Memory of each that waits, MiB, by number.
    most_together
        Greatest number of jobs in a launch.

    Yields
    ------
    tuple of int and list of int
        Memory, MiB, and numbers of the jobs, in their order; the largest memory first, since it waits longest for room.
    """
    groups: dict[int, list[int]] = {}
    for number in sorted(waiting, key=lambda number: jobs[number].dataset):
        groups.setdefault(waiting[number], []).append(number)
    for memory_mib in sorted(groups, reverse=True):
        numbers = groups[memory_mib]
        for start in range(0, len(numbers), most_together):
            yield memory_mib, numbers[start : start + most_together]
