"""Ticks of an axis, and their labels."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor, log10
from typing import Final

from matplotlib.ticker import MaxNLocator

_STEPS: Final = (1, 2, 2.5, 5, 10)
_DIGITS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONG: Final = 1e6
_MOST_POWERS: Final = 12

Ticks = list[tuple[float, str]]
"""Values in order, each with its label."""


def power_of_ten(power: int) -> str:
    """Write a power such as 10⁻¹⁵."""
    return f"10{str(power).translate(_DIGITS)}"


def linear_ticks(lowest: float, highest: float, most: int) -> Ticks:
    """Choose round values in a range, with as many decimals as tell them apart.

    Parameters
    ----------
    lowest, highest
        The range.
    most
        Greatest number of intervals between the values.
    """
    values = MaxNLocator(nbins=most, steps=_STEPS).tick_values(lowest, highest)
    step = float(values[1] - values[0]) if len(values) > 1 else 1.0
    exponent = Decimal(f"{step:.6g}").normalize().as_tuple().exponent
    decimals = max(-int(exponent), 0)
    margin = 1e-6 * step
    shown = [float(value) for value in values if lowest - margin <= value <= highest + margin]
    labels = [f"{value if abs(value) > margin else 0.0:.{decimals}f}" for value in shown]
    if max(abs(lowest), abs(highest)) > _LONG:
        labels = [f"{value:.6g}" for value in shown]
    return [(value, label.replace("-", "\N{MINUS SIGN}")) for value, label in zip(shown, labels, strict=True)]


def logarithmic_ticks(lowest: float, highest: float, linear_below: float) -> Ticks:
    """Choose zero, and powers of ten beyond the linear part on either side of it.

    Matplotlib's own choice leaves out powers where values are as small as fluxes are.
    """
    least = ceil(log10(linear_below))
    above = [(10.0**power, power_of_ten(power)) for power in _powers(least, highest)]
    below = [(-(10.0**power), f"\N{MINUS SIGN}{power_of_ten(power)}") for power in _powers(least, -lowest)]
    return [*below[::-1], (0.0, "0"), *above]


def _powers(least: int, end: float) -> range:
    """Return the powers of ten up to an end, or each second or third if they are many."""
    greatest = floor(log10(end)) if end > 0 else least - 1
    return range(least, greatest + 1, max((greatest - least) // _MOST_POWERS + 1, 1))
