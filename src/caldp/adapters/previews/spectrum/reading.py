"""One-dimensional spectra of COS and STIS as plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.previews.spectrum.sensitivity import Flags, Values, unknown_sensitivity
from caldp.adapters.previews.tools import NothingToDraw, open_quietly
from caldp.domain.hst.data_quality import STIS_HARMLESS, STIS_SERIOUS
from caldp.domain.hst.spectra import samples_per_element

_Item = TypeVar("_Item")

_MOST_PANELS: Final = 3
_SEGMENT_BEGINS: Final = {("G140L", "FUVB"): 900.0}
"""Angstrom: where a segment of COS has no sensitivity below."""


@frozen(eq=False)
class Trace:
    """One segment of COS, or one order of STIS.

    Attributes
    ----------
    label
        Such as ``FUVA`` or ``order 87``.
    wavelength
        Angstrom, rising.
    flux, error
        Of the same length, in the spectrum's unit; NaN for an error that is not known.
    quality
        Of the same length: the weight of COS samples (0 or 1), the flags of STIS samples.
    flagged
        Of the same length: which samples are not to be trusted.
    unknown
        Of the same length: which samples have no flux for want of a known sensitivity, though light was counted.
    element
        Number of samples of a resolution element.
    """

    label: str
    wavelength: Values
    flux: Values
    error: Values
    quality: NDArray[np.int16]
    flagged: Flags
    unknown: Flags
    element: int

    @cached_property
    def step(self) -> float:
        """Usual distance of two samples, Angstrom; 0 of a single one."""
        return float(np.median(np.diff(self.wavelength))) if len(self.wavelength) > 1 else 0.0


@frozen
class Panel:
    """Traces of one pair of axes: a segment of COS, or all orders of an exposure of STIS."""

    label: str
    traces: tuple[Trace, ...]


@frozen
class Spectrum:
    """All that is to be drawn of a file.

    Attributes
    ----------
    instrument
        ``COS`` or ``STIS``.
    subtitle
        Target and observing mode.
    quantity, unit
        Quantity that is plotted: the flux, or the count rate where there is no flux calibration.
    panels
        The segments from the bluest, or the exposures from the first: first, middle and last if there are more than 3.
    """

    instrument: str
    subtitle: str
    quantity: str
    unit: str
    panels: tuple[Panel, ...]


@frozen
class _Source:
    """The columns that values and errors come from, and what they are."""

    values: str
    error: str
    quantity: str
    unit: str


_FLUX: Final = _Source("FLUX", "ERROR", "Flux", "erg s⁻¹ cm⁻² Å⁻¹")
_NET: Final = _Source("NET", "ERROR", "Net count rate", "s⁻¹")  # without flux calibration, ERROR belongs to NET
_REQUIRED: Final = {"NELEM", "WAVELENGTH", "FLUX", "NET"}


def read_spectrum(path: Path) -> Spectrum:
    """Read a spectrum.

    Raises
    ------
    NothingToDraw
        If the file holds no spectrum of COS or STIS, or one without any signal.
    OSError
        If the file cannot be read.
    """
    with open_quietly(path) as hdus:
        header = hdus[0].header
        tables = [hdu for hdu in hdus if _REQUIRED.issubset(getattr(getattr(hdu, "columns", None), "names", ()))]
        instrument = str(header.get("INSTRUME", "")).strip().upper()
        if instrument not in {"COS", "STIS"} or not tables:
            raise NothingToDraw("there is no table in it with a spectrum of COS or STIS")
        source = next(
            (source for source in (_FLUX, _NET) if any(np.any(hdu.data[source.values]) for hdu in tables)), None
        )
        if source is None:
            raise NothingToDraw("all fluxes and count rates in it are zero")
        element = samples_per_element(instrument, str(header.get("DETECTOR", "")))
        take = partial(_trace, source=source, element=element)
        panels = _cos_panels(header, tables, take) if instrument == "COS" else _stis_panels(tables, take)
        subtitle = _subtitle(header, tables[0].header)
    panels = tuple(panel for panel in panels if panel.traces)
    if not panels:
        raise NothingToDraw("no sample in it has a wavelength and a flux")
    return Spectrum(instrument, subtitle, source.quantity, source.unit, panels)


def _cos_panels(header: Mapping[str, Any], tables: Sequence[Any], take: Callable[..., Trace]) -> tuple[Panel, ...]:
    """Return a panel for each segment, the bluest first."""
    traces = []
    for table in tables:
        for row in _rows(table.data, "SEGMENT", "DQ_WGT"):
            name = str(row["SEGMENT"]).strip()
            begin = _SEGMENT_BEGINS.get((str(header.get("OPT_ELEM", "")), name), 0.0)
            traces.append(take(row, label=name, quality="DQ_WGT", is_bad=lambda weight: weight <= 0, begin=begin))
    return tuple(Panel(trace.label, (trace,)) for trace in _few(_by_wavelength(traces)))


def _stis_panels(tables: Sequence[Any], take: Callable[..., Trace]) -> tuple[Panel, ...]:
    """Return a panel for each exposure, with all its orders; of many exposures three, as the archive does."""
    panels = []
    count = len(tables)
    for number in _few(range(count)):
        table = tables[number]
        serious = int(table.header.get("SDQFLAGS", STIS_SERIOUS)) & ~STIS_HARMLESS
        is_bad = partial(np.bitwise_and, serious)
        rows = _rows(table.data, "SPORDER", "DQ")
        traces = [take(row, label=f"order {row['SPORDER']}", quality="DQ", is_bad=is_bad) for row in rows]
        panels.append(Panel(f"exposure {number + 1} of {count}" if count > 1 else "", _by_wavelength(traces)))
    return tuple(panels)


def _rows(data: Any, *names: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a table: what every spectrum has, and the columns of some names.

    astropy takes a thousandth of a second for each value of a row, and no longer for a whole column.
    """
    columns = {name: data[name] for name in (*_REQUIRED, "ERROR", *names)}
    for number in range(len(data)):
        yield {name: column[number] for name, column in columns.items()}


def _few(items: Sequence[_Item]) -> Sequence[_Item]:
    """Choose the first, the middle and the last of many: more panels could not be read."""
    last = len(items) - 1
    return items if last < _MOST_PANELS else [items[number] for number in (0, (last + 1) // 2, last)]


def _trace(
    row: Any,
    *,
    source: _Source,
    element: int,
    label: str,
    quality: str,
    is_bad: Callable[[Any], Any],
    begin: float = 0.0,
) -> Trace:
    """Read one row of a table in order of wavelength, without samples that have no wavelength or no value."""
    count = int(row["NELEM"])
    wavelength, values, error, flags, net = (
        np.atleast_1d(row[name])[:count] for name in ("WAVELENGTH", source.values, source.error, quality, "NET")
    )
    known = np.flatnonzero((wavelength > begin) & np.isfinite(values))
    error = np.where(np.isfinite(error) & (error >= 0), error, np.nan)
    chosen = known[np.argsort(wavelength[known], kind="stable")]
    return Trace(
        label=label,
        wavelength=wavelength[chosen].astype(np.float64),
        flux=values[chosen].astype(np.float64),
        error=error[chosen].astype(np.float64),
        quality=flags[chosen].astype(np.int16),
        flagged=is_bad(flags[chosen]).astype(bool),
        unknown=unknown_sensitivity(values[chosen], net[chosen]),
        element=element,
    )


def _by_wavelength(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    return tuple(sorted((trace for trace in traces if trace.wavelength.size), key=lambda trace: trace.wavelength[0]))


def _subtitle(primary: Mapping[str, Any], extension: Mapping[str, Any]) -> str:
    """Say what was observed how and for whom, as far as the headers tell."""
    mode = [primary.get(name) for name in ("INSTRUME", "DETECTOR", "OPT_ELEM", "CENWAVE", "APERTURE")]
    seconds = primary.get("TEXPTIME", extension.get("EXPTIME"))
    parts = [
        str(primary.get("TARGNAME", "")),
        " ".join(str(value) for value in mode if value),
        str(primary.get("TDATEOBS", extension.get("DATE-OBS", ""))),
        f"{seconds:.0f} s" if isinstance(seconds, int | float) else "",
        f"proposal {primary['PROPOSID']}" if primary.get("PROPOSID") else "",
    ]
    return " · ".join(part for part in parts if part)
