"""Agreement of two products, and the tolerance that it is judged by."""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum

from attrs import field, frozen

from caldp.domain.errors import UsageError


class Agreement(Enum):
    """Agreement of two products, from the best to the worst."""

    EXACT = "exact"
    """The data of every HDU are the same bytes."""
    WITHIN = "within"
    """All values agree within the tolerance."""
    NOT_COMPARABLE = "not-comparable"
    """Made by other builds of engines, or one of the two cannot be read or is not there to be read."""
    DIFFERENT = "different"
    """Some value lies outside of the tolerance, or a part is missing."""

    @classmethod
    def of(cls, parts: Iterable[Agreement]) -> Agreement:
        """Return the worst of some agreements; the best if there are none."""
        found = {*parts}
        return next((one for one in reversed(list(cls)) if one in found), cls.EXACT)

    @property
    def is_good(self) -> bool:
        """True for what agrees within the tolerance."""
        return self in (Agreement.EXACT, Agreement.WITHIN)


@frozen
class Tolerance:
    """Difference that two values may have: ``|a - b| <= atol + rtol * |b|``, as FITSDiff of astropy has it.

    It is for floating point numbers. Integers, data quality flags among them, and texts must be the same.

    Attributes
    ----------
    rtol
        Relative to the value of B.
    atol
        In the unit of the values.

    Raises
    ------
    UsageError
        If one is negative or no finite number.
    """

    rtol: float = field(default=1e-7)
    atol: float = field(default=0.0)

    @rtol.validator
    @atol.validator
    def _check(self, attribute: object, value: float) -> None:
        if not (math.isfinite(value) and value >= 0):
            name = getattr(attribute, "name", "a tolerance")
            raise UsageError(f"{name} is {value}.", advice="Expected a number that is not negative, such as 1e-7.")
