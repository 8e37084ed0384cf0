"""Exclusive access: data that only their proposers may see for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from caldp.domain.hst.files import FitsFacts, UnreadableFits

_LONGEST: Final = timedelta(days=366)
"""Longest period of exclusive access: up to 12 months from the observation (MAST's data use policy)."""
_DATES: Final = ("DATE-OBS", "TDATEOBS")


def exclusive_warning(facts: FitsFacts | UnreadableFits, now: datetime) -> str:
    """Warn of data that were taken less than a year ago; whether they are still exclusive, their headers do not say.

    Parameters
    ----------
    facts
        Headers of a raw file.
    now
        Time, UTC.

    Returns
    -------
    str
        One sentence; empty if there is nothing to warn of.
    """
    if isinstance(facts, UnreadableFits):
        return ""
    for keyword in _DATES:
        try:
            taken = datetime.strptime(str(facts.keyword(keyword)).strip()[:10], "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            continue
        if now - taken < _LONGEST:
            return (
                f"{facts.name} was observed on {taken:%Y-%m-%d}: it may be under exclusive access. Check at MAST before"
                " you give the capsule away."
            )
    return ""
