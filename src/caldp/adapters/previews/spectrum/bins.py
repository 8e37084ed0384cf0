"""Neighbouring samples gathered into weighted means."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import fields_dict, frozen
from numpy.typing import NDArray

from caldp.adapters.previews.spectrum.reading import Trace
from caldp.adapters.previews.spectrum.sensitivity import Flags, Values

Counts = NDArray[np.intp]

_SAMPLES_OF_A_MEDIAN: Final = 64
_ORDINARY: Final = 9
"""Variances up to so many times the usual one are ordinary. Such samples weigh the same: a weight that followed the
error would follow the flux, as errors of counts do, and would pull down lines and faint continua."""
_LEAST_WEIGHT: Final = 1e-12
_SIGMAS_OF_MEDIAN: Final = 1.4826  # of the median absolute deviation of normal noise
_ERRORS_OFF: Final = (0.25, 2.0)
"""Factors by which the true errors may differ from those that are told: those of few counts are told too large."""


@frozen(eq=False)
class Bins:
    """Means of one sample or more each. All arrays have one length.

    Attributes
    ----------
    wavelength
        Angstrom: the mean of each bin.
    first, last
        Angstrom: of the first and last sample of each bin.
    flux, error
        The mean and its error, NaN if that is not known.
    weight
        Of each bin in a mean of several.
    count
        Number of samples.
    """

    wavelength: Values
    first: Values
    last: Values
    flux: Values
    error: Values
    weight: Values
    count: Counts

    def __len__(self) -> int:
        return len(self.flux)

    def __getitem__(self, chosen: Flags | Counts) -> Bins:
        return Bins(**{name: getattr(self, name)[chosen] for name in fields_dict(Bins)})

    def gathered(self, starts: Counts) -> Bins:
        """Gather neighbours: a bin begins at each start, and goes to the next."""

        def total(values: NDArray[np.generic]) -> Values:
            return np.asarray(np.add.reduceat(values, starts), dtype=np.float64)

        known = np.isfinite(self.error)
        weight, known_weight = total(self.weight), total(np.where(known, self.weight, 0.0))
        spread = np.sqrt(total(np.where(known, self.weight * self.error, 0.0) ** 2))
        count = np.add.reduceat(self.count, starts)
        return Bins(
            wavelength=total(self.wavelength * self.count) / count,
            first=self.first[starts],
            last=self.last[np.append(starts[1:], len(self)) - 1],
            flux=total(self.weight * self.flux) / weight,
            error=np.divide(spread, known_weight, out=np.full(len(starts), np.nan), where=known_weight > 0),
            weight=weight,
            count=count,
        )


def samples_of(trace: Trace, shown: Flags) -> Bins:
    """Return the samples that are shown, one a bin.

    Samples whose error stands out of those around them weigh little: in a mean they add their noise, and nothing else.
    """
    wavelength, flux, error = trace.wavelength[shown], trace.flux[shown], trace.error[shown]
    ones = np.ones(len(wavelength), dtype=np.intp)
    return Bins(wavelength, wavelength, wavelength, flux, error, _weights(flux, error), ones)


def concatenated(parts: list[Bins]) -> Bins:
    """Put bins together in the order of their wavelengths."""
    whole = Bins(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields_dict(Bins)})
    return whole[np.argsort(whole.wavelength, kind="stable")]


def deviations(bins: Bins, references: Values, least_off: float = _ERRORS_OFF[0]) -> tuple[Values, float]:
    """Return how far each bin lies from a reference, in sigmas; and the factor by which errors differ from the scatter.

    Where errors are unknown, the scatter of all takes their place.

    Parameters
    ----------
    bins, references
        The bins, and the flux that each is compared with.
    least_off
        Least factor that is believed.
    """
    deviation = bins.flux - references
    error = np.where(bins.error > 0, bins.error, np.nan)
    if not np.isfinite(error).any():
        error = np.full(len(bins), _SIGMAS_OF_MEDIAN * np.median(np.abs(deviation)) or np.inf)
    sigmas = np.nan_to_num(deviation / error)
    off = float(np.clip(_SIGMAS_OF_MEDIAN * np.median(np.abs(sigmas)), least_off, _ERRORS_OFF[1]))
    return np.asarray(sigmas / off, dtype=np.float64), off


def medians(values: Values, starts: Counts) -> Values:
    """Return the median of each group of neighbours, of which each has few."""
    members = np.diff(starts, append=len(values))
    table = np.full((len(starts), members.max()), np.inf)
    group = np.repeat(np.arange(len(starts)), members)
    table[group, np.arange(len(values)) - starts[group]] = values
    table = np.sort(table, axis=1)
    rows = np.arange(len(starts))
    return np.asarray((table[rows, (members - 1) // 2] + table[rows, members // 2]) / 2, dtype=np.float64)


def _weights(flux: Values, error: Values) -> Values:
    """Weigh samples; the variance of one that is bright may be as great as counts make it, from the usual ones on."""
    usual_error, usual_flux = _running_median(error), _running_median(np.abs(flux))
    of_a_count = usual_error**2 / np.maximum(np.maximum(usual_flux, usual_error), np.finfo(float).tiny)
    ordinary = _ORDINARY * (usual_error**2 + of_a_count * np.abs(flux))
    weight = np.ones(len(error))
    np.divide(ordinary, error**2, out=weight, where=error**2 > ordinary)
    return np.maximum(weight, _LEAST_WEIGHT)


def _running_median(values: Values) -> Values:
    """Return for each value the median of the stretch that it is in; NaN where none is known."""
    stretches = -(-len(values) // _SAMPLES_OF_A_MEDIAN)
    table = np.full(stretches * _SAMPLES_OF_A_MEDIAN, np.nan)
    table[: len(values)] = values
    table = np.sort(table.reshape(stretches, _SAMPLES_OF_A_MEDIAN), axis=1)  # NaN come last
    middle = np.maximum(np.isfinite(table).sum(axis=1, keepdims=True) - 1, 0) // 2
    medians = np.take_along_axis(table, middle, axis=1)[:, 0]
    return np.repeat(medians, _SAMPLES_OF_A_MEDIAN)[: len(values)]
