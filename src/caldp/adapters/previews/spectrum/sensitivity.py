"""Samples whose sensitivity is not known, though light was counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LONG_WITHOUT_FLUX: Final = 20
"""Samples: fewer that have no flux in a row are no sign of an unknown sensitivity, but of few photons."""

_LONG_CONSTANT: Final = 100
_SAME: Final = 1e-4
_JUMP: Final = 10.0
_RAMP: Final = 40
"""Reference tables hold one made-up number where nothing was measured; within so many samples it is jumped to."""


def unknown_sensitivity(flux: Values, net: Values) -> Flags:
    """Find the long stretches in which no flux, or a made-up one, was made of what was counted.

    Tables of sensitivity end with a constant that is many times as great or small as what was measured beside it, as
    that of COS G140L does beyond 2150 Angstrom: the flux seems to fall to zero.

    Parameters
    ----------
    flux, net
        Flux and net count rate of the samples of one segment or order.
    """
    unknown = np.zeros(len(flux), dtype=np.bool_)
    for start, stop in _runs(flux == 0):
        if stop - start >= _LONG_WITHOUT_FLUX:
            unknown[start:stop] = np.any(net[start:stop])
    places = np.flatnonzero((flux != 0) & (net * np.sign(flux) > 0))
    if len(places) < _LONG_CONSTANT:
        return unknown
    sensitivity = np.log(np.abs(net[places].astype(np.float64))) - np.log(np.abs(flux[places].astype(np.float64)))
    steps = np.abs(np.diff(sensitivity))
    for start, stop in _runs(steps < _SAME):
        if stop - start < _LONG_CONSTANT:
            continue
        first, last = start, stop  # of `places`, both included
        before, behind = max(start - _RAMP, 0), min(stop + _RAMP, len(places) - 1)
        jumps = np.log(_JUMP)
        if abs(sensitivity[before] - sensitivity[start]) > jumps:
            first = before + int(np.argmax(steps[before:start])) + 1
        elif abs(sensitivity[behind] - sensitivity[stop]) > jumps:
            last = stop + int(np.argmax(steps[stop:behind]))
        else:
            continue
        unknown[places[first] if first else 0 : places[last] + 1] = True
        if last == len(places) - 1:
            unknown[places[last] :] = True
    return unknown


def _runs(chosen: Flags) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(chosen.astype(np.int8), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2):
        yield int(start), int(stop)
