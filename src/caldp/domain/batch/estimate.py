"""First estimate of a job's memory and time, from its raw files or from an earlier run."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.instrument import Instrument
from caldp.domain.run.record import RunRecord

_MIB: Final = 1 << 20
_BASE_MIB: Final = 420
"""caldp, CRDS's process and an engine's Python together; measured on small datasets."""
_OWN_MIB: Final = 256
"""caldp and CRDS's process beside an engine."""
_PER_BYTE: Final = {Instrument.ACS: 6.0, Instrument.WFC3: 6.0, Instrument.COS: 60.0, Instrument.STIS: 8.0}
"""Peak of the engine over the bytes of its raw files. Measured: calcos takes 1.2 GB for 16 MB (ldfd01010), drizzling
650 MiB for a UVIS pair with CTE correction."""
_PACKED: Final = 3.0  # a tarball of raw files unpacks to about three times its size
_MOST_MIB: Final = 14336
_MARGIN: Final = 1.2
_UNKNOWN_MIB: Final = 1280
_BASE_SECONDS: Final = 8.0
_SECONDS_PER_MB: Final = 1.2


@frozen
class Estimate:
    """Need of a job.

    Attributes
    ----------
    memory_mib
        Greatest memory of all its processes together; MiB.
    seconds
        Duration; only its order matters.
    """

    memory_mib: float = _UNKNOWN_MIB
    seconds: float = _BASE_SECONDS


def from_sizes(dataset: str, size: int, *, is_packed: bool = False) -> Estimate:
    """Estimate a job from the size of its raw files.

    Parameters
    ----------
    dataset
        Its name.
    size
        Bytes; 0 if it is not known.
    is_packed
        True for the size of a tarball.
    """
    if size <= 0:
        return Estimate()
    raw = size * (_PACKED if is_packed else 1.0)
    instrument = DatasetName.parse(dataset).instrument
    factor = _PER_BYTE.get(instrument, 8.0) if instrument is not None else 8.0
    return Estimate(min(_MOST_MIB, _BASE_MIB + factor * raw / _MIB), _BASE_SECONDS + _SECONDS_PER_MB * raw / 1e6)


def from_record(record: RunRecord) -> Estimate | None:
    """Estimate a job from the record of an earlier run of its dataset; None if that says nothing."""
    peak = max((step.usage.max_rss_bytes for step in record.steps), default=0)
    seconds = sum(step.usage.wall_seconds for step in record.steps)
    if not peak or not seconds:
        return None
    return from_peak(peak / _MIB, seconds)


def from_peak(peak_mib: float, seconds: float) -> Estimate:
    """Estimate a job from an earlier attempt.

    Parameters
    ----------
    peak_mib
        Greatest memory of any one of its processes, MiB; caldp's own comes on top of an engine's.
    seconds
        Duration; s.
    """
    return Estimate(_OWN_MIB + _MARGIN * peak_mib, seconds)
