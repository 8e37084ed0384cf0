"""Time and memory of a job, as CALCLOUD's model learns them, and the memory that its jobs are given."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from caldp.domain.errors import ContractError
from caldp.domain.run.usage import TimedCommand, parse_gnu_time


@frozen
class Rung:
    """One of the sizes of job that CALCLOUD's memory ladder has.

    Attributes
    ----------
    name
        As it appears in the names of job definitions and queues.
    memory_mib
        Memory of the container; MiB. Batch needs the rest of the 2, 8, 16 or 64 GiB for itself.
    vcpus
        Number of virtual processors.
    """

    name: str
    memory_mib: int
    vcpus: int


RUNGS: Final = (Rung("02g", 1792, 1), Rung("08g", 7168, 2), Rung("16g", 14336, 2), Rung("64g", 57344, 8))
"""The ladder; an index into it is a memory bin. Stands in for CALCLOUD's ``terraform/locals.tf``."""


def rung_of(memory_mib: int) -> Rung:
    """Find the rung that has exactly this memory (MiB).

    Raises
    ------
    ContractError
        If there is none.
    """
    for rung in RUNGS:
        if rung.memory_mib == memory_mib:
            return rung
    sizes = ", ".join(str(rung.memory_mib) for rung in RUNGS)
    raise ContractError(f"There is no rung of {memory_mib} MiB.", advice=f"The rungs have {sizes} MiB.")


def memory_bin(gigabytes: float) -> int:
    """Find the rung that an amount of memory needs.

    Stands in for CALCLOUD's ``model_ingest.Targets.calculate_bin``, whose limits are a rung's MiB taken as
    thousandths of a gigabyte.

    Parameters
    ----------
    gigabytes
        Memory in CALCLOUD's unit of a million KiB.
    """
    return sum(gigabytes >= rung.memory_mib / 1000 for rung in RUNGS[:-1])


@frozen
class JobTargets:
    """Time and memory of a job.

    Attributes
    ----------
    wall_seconds
        Elapsed time of both parts, each without its fraction, and one more; s.
    memory_gb
        Peak memory of both parts added up, in CALCLOUD's unit of a million KiB.
    memory_bin
        The rung that this needs.
    """

    wall_seconds: int
    memory_gb: float
    memory_bin: int


def combine(process_metrics: str, preview_metrics: str) -> JobTargets:
    """Combine a job's two metrics files to its time and memory.

    Stands in for CALCLOUD's ``model_ingest.Targets.scrape_targets``. A part has failed unless its status is 0
    (CALCLOUD looks for a digit 0 in it, which 40 has too).

    Raises
    ------
    ContractError
        If a text is not GNU time's, or a part has failed.
    """
    parts = (_read("process", process_metrics), _read("preview", preview_metrics))
    memory_gb = sum(part.usage.max_rss_bytes // 1024 for part in parts) / 1e6
    wall_seconds = sum(int(part.usage.wall_seconds) for part in parts) + 1
    return JobTargets(wall_seconds, memory_gb, memory_bin(memory_gb))


def _read(part: str, text: str) -> TimedCommand:
    try:
        timed = parse_gnu_time(text)
    except ValueError as error:
        raise ContractError(f"The metrics of {part} cannot be read: {error}.") from error
    if timed.status != 0:
        raise ContractError(f"The metrics of {part} are those of a failure: its exit status is {timed.status}.")
    return timed
