"""First estimate of a job's memory and time, from traits of its raw files or from an earlier run.

An estimate that is too low costs a run that is tried again with more; one that is too high costs places on the machine.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from statistics import median
from typing import Final

from attrs import define, evolve, field, frozen

from caldp.domain.batch.traits import Kind, Traits
from caldp.domain.hst.instrument import Instrument
from caldp.domain.run.record import RunRecord

_MIB: Final = 1 << 20
_OWN_MIB: Final = 256
"""caldp and CRDS's process beside an engine."""
_MARGIN: Final = 1.2
_UNKNOWN_MIB: Final = 1280
_MOST_MIB: Final = 14336
_BASE_SECONDS: Final = 8.0
_SECONDS_PER_MB: Final = 1.2


class Basis(Enum):
    """Knowledge that an estimate rests on."""

    NOTHING = "nothing that is known"
    SIZES = "sizes of inputs"
    HEADERS = "headers of inputs"
    LIKE = "past runs of like datasets"
    OWN = "their own past runs"


@frozen
class _Peak:
    """Greatest memory of an engine, MiB: ``base + each * (MB of a raw file) + total * (MB of all raw files)``."""

    base: float
    each: float = 0.0
    total: float = 0.0

    def of(self, traits: Traits) -> float:
        return self.base + self.each * traits.each + self.total * traits.megabytes


_DRIZZLED: Final = (Instrument.ACS, Instrument.WFC3)
_DRIZZLING: Final = _Peak(290, 9.0, 1.0)
"""runastrodriz."""
_CTE: Final = 2.0  # further memory of calibration that corrects for CTE, MiB for each MB of a raw file
_PEAKS: Final = {
    (Instrument.COS, "NUV"): _Peak(250, 20.0, 2.0),
    (Instrument.COS, ""): _Peak(950, 20.0, 10.0),
    (Instrument.STIS, ""): _Peak(150, 20.0, 2.0),
    (Instrument.ACS, ""): _Peak(60, 9.0, 0.5),
    (Instrument.WFC3, ""): _Peak(60, 9.0, 0.5),
    (None, ""): _DRIZZLING,
}
"""First stage of calibration by instrument, and by detector where that matters; without a header the larger one."""


@frozen
class Estimate:
    """Need of a job.

    Attributes
    ----------
    memory_mib
        Greatest memory of all its processes together; MiB.
    seconds
        Duration; s.
    files, input_bytes
        Number of raw files, and bytes of them as they lie there; 0 if they are not known.
    basis
        Knowledge that it rests on.
    kind
        Kind of the dataset, whose jobs take longer or shorter than estimated together; None if the time is that of an
        earlier run, or nothing is known.
    """

    memory_mib: float = _UNKNOWN_MIB
    seconds: float = _BASE_SECONDS
    files: int = 0
    input_bytes: int = 0
    basis: Basis = Basis.NOTHING
    kind: Kind | None = None


@cache
def _one_of(kind: Kind) -> Kind:
    """Return the same object for equal kinds: there may be a million estimates."""
    return kind


def from_traits(traits: Traits) -> Estimate:
    """Estimate a job from traits of its raw files."""
    if traits.megabytes <= 0:
        return Estimate()
    memory = min(_MOST_MIB, _OWN_MIB + _MARGIN * _engine_mib(traits))
    basis = Basis.HEADERS if traits.detector else Basis.SIZES
    seconds = _BASE_SECONDS + _SECONDS_PER_MB * traits.megabytes
    return Estimate(memory, seconds, basis=basis, kind=_one_of(traits.kind))


def _engine_mib(traits: Traits) -> float:
    """Return the greatest memory of any one engine that runs for a dataset; MiB."""
    first = _PEAKS.get((traits.instrument, traits.detector)) or _PEAKS[traits.instrument, ""]
    peak = first.of(traits) + (_CTE * traits.each if traits.is_cte_corrected else 0.0)
    may_be_drizzled = traits.is_drizzled or (traits.instrument in _DRIZZLED and not traits.detector)
    return max(peak, _DRIZZLING.of(traits)) if may_be_drizzled else peak


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
    return Estimate(_OWN_MIB + _MARGIN * peak_mib, seconds, basis=Basis.OWN)


@define
class Past:
    """Past runs, by which the estimates of like datasets are corrected."""

    _memory: dict[Kind, float] = field(factory=dict)
    _seconds: dict[Kind, list[float]] = field(factory=dict)

    def take(self, record: RunRecord) -> None:
        """Take in the record of a run that did its job."""
        traits, found = Traits.of_record(record), from_record(record)
        if traits is None or found is None or record.status:
            return
        expected = from_traits(traits)
        ratio = found.memory_mib / expected.memory_mib
        self._memory[traits.kind] = max(ratio, self._memory.get(traits.kind, 0.0))
        self._seconds.setdefault(traits.kind, []).append(found.seconds / expected.seconds)

    def correct(self, traits: Traits, estimate: Estimate) -> Estimate:
        """Return an estimate that is as far from the first one as past runs of like datasets were.

        The greatest of their peaks counts, and the median of their durations.
        """
        if traits.kind not in self._memory:
            return estimate
        seconds = estimate.seconds * median(self._seconds[traits.kind])
        return evolve(
            estimate, memory_mib=estimate.memory_mib * self._memory[traits.kind], seconds=seconds, basis=Basis.LIKE
        )
