"""Comparison of arrays of values, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import FlagChange, ValueDifference
from caldp.domain.hst.flag_names import flags_in

_MOST_KEPT: Final = 1 << 18
"""Differences of which a median is taken, about: of more, evenly chosen ones stand for all."""

Array = NDArray[Any]


@define
class _Kept:
    """Values of which a median is wanted: all of them, or every second, fourth, ... if there are many."""

    pieces: list[Array] = field(factory=list)
    count: int = 0
    step: int = 1

    def keep(self, values: Array) -> None:
        """Keep some of the next values."""
        if not values.size:
            return
        self.pieces.append(values[:: self.step].astype(np.float64))
        self.count += self.pieces[-1].size
        while self.count > _MOST_KEPT:
            self.pieces = [np.concatenate(self.pieces)[::2]]
            self.count, self.step = self.pieces[0].size, 2 * self.step

    @property
    def median(self) -> float | None:
        """The median; None if there is no value."""
        return float(np.median(np.concatenate(self.pieces))) if self.pieces else None


@define
class Tally:
    """Differences of the values of an image or column so far.

    Attributes
    ----------
    tolerance
        Difference that values may have.
    place
        Writes the place of a value for people, given its number from 0 on.
    flags
        Names of the flags that the values are made of; None if they are no flags.
    """

    tolerance: Tolerance
    place: Callable[[int], str]
    flags: Mapping[int, str] | None = None
    samples: int = 0
    differing: int = 0
    beyond: int = 0
    invalid: int = 0
    largest: float | None = None
    absolute: float | None = None
    first: int | None = None
    worst: int | None = None
    _gained: dict[int, int] = field(factory=dict)
    _lost: dict[int, int] = field(factory=dict)
    _relative: _Kept = field(factory=_Kept)
    _ratios: _Kept = field(factory=_Kept)

    def add(self, a: Array, b: Array) -> None:
        """Compare the next values, of the same shape."""
        start, a, b = self.samples, a.ravel(), b.ravel()
        self.samples += a.size
        unequal = a != b
        if _has_nan(a) and _has_nan(b):
            unequal &= ~((a != a) & (b != b))  # noqa: PLR0124  NaN alone is not itself, complex NaN too
        places = np.flatnonzero(unequal)
        if not places.size:
            return
        self.differing += places.size
        if self.first is None:
            self.first = start + int(places[0])
        a, b = a[places], b[places]
        if a.dtype.kind in "iuf" and b.dtype.kind in "iuf":
            self._measure(a, b, start + places)
        else:  # texts, logical and complex values
            self.beyond += places.size
        if self.flags is not None and a.dtype.kind in "iu" and b.dtype.kind in "iu":
            self._count_flags(a.astype(np.int64), b.astype(np.int64))

    def miss(self, count: int) -> None:
        """Take the next values for different: one of the two sides does not have as many."""
        self.first = self.samples if self.first is None else self.first
        self.samples += count
        self.differing += count
        self.beyond += count

    def result(self, column: str = "") -> ValueDifference | None:
        """Return the sum of it all; None if nothing differs."""
        if self.first is None:
            return None
        names = self.flags or {}
        return ValueDifference(
            column=column,
            samples=self.samples,
            differing=self.differing,
            beyond=self.beyond,
            invalid=self.invalid,
            largest=self.largest,
            median=self._relative.median,
            absolute=self.absolute,
            ratio=self._ratios.median,
            first=self.place(self.first),
            worst="" if self.worst is None else self.place(self.worst),
            flags=tuple(
                FlagChange(flag, names.get(flag, ""), self._gained.get(flag, 0), self._lost.get(flag, 0))
                for flag in sorted(self._gained.keys() | self._lost.keys())
            ),
        )

    def _measure(self, a: Array, b: Array, places: NDArray[np.intp]) -> None:
        left, right = a.astype(float), b.astype(float)
        if a.dtype.kind in "iu" and a.dtype == b.dtype:
            # Exactly, beyond 2**53 too: the distance of two integers of 64 bits has no sign and fits.
            distance = (np.maximum(a, b).astype(np.uint64) - np.minimum(a, b).astype(np.uint64)).astype(float)
        else:
            with np.errstate(invalid="ignore", over="ignore"):
                distance = np.abs(left - right)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratios = right / left
        self._ratios.keep(ratios[np.isfinite(ratios)])
        is_whole = a.dtype.kind in "iu" and b.dtype.kind in "iu"
        self._measure_distance(distance, np.abs(right), places, Tolerance(0.0) if is_whole else self.tolerance)

    def _measure_distance(self, distance: Array, size: Array, places: NDArray[np.intp], tolerance: Tolerance) -> None:
        is_number = np.isfinite(distance)
        self.invalid += int(np.count_nonzero(~is_number))
        with np.errstate(invalid="ignore", over="ignore"):
            fits = distance <= tolerance.atol + tolerance.rtol * size
        self.beyond += int(np.count_nonzero(~(fits & is_number)))
        distance, size, places = distance[is_number], size[is_number], places[is_number]
        if not distance.size:
            return
        self.absolute = max(self.absolute or 0.0, float(distance.max()))
        with np.errstate(divide="ignore", over="ignore"):
            relative = distance / size
        is_relative = np.isfinite(relative)
        relative, places = relative[is_relative], places[is_relative]
        self._relative.keep(relative)
        if relative.size:
            most = int(relative.argmax())
            if self.largest is None or relative[most] > self.largest:
                self.largest, self.worst = float(relative[most]), int(places[most])

    def _count_flags(self, a: Array, b: Array) -> None:
        for counts, changed in ((self._gained, b & ~a), (self._lost, a & ~b)):
            for flag in flags_in(int(np.bitwise_or.reduce(changed))):
                counts[flag] = counts.get(flag, 0) + int(np.count_nonzero(changed & flag))


def _has_nan(values: Array) -> bool:
    return values.dtype.kind in "fc"
