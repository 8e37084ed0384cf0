"""Comparison of reference files by their digests, where the file that was used is not at hand any more."""

from __future__ import annotations

from collections.abc import Sequence

from caldp.domain.hst.digests import HduDigest
from caldp.domain.stale.findings import Comparison
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Used


def compare_digests(name: str, old: Sequence[HduDigest], new: Sequence[HduDigest], used: Used) -> Comparison:
    """Compare two files by the digests of their HDUs.

    Parameters
    ----------
    name
        Name of the old file, which is not at hand.
    old, new
        Digests of both, in order; none where they are not known.
    used
        Part that the exposure uses.
    """
    if not old or not new:
        return Comparison(Rung.UNKNOWN, f"{name} is not in the cache")
    if [hdu.data for hdu in old] != [hdu.data for hdu in new]:
        if used.is_whole:
            return Comparison(Rung.CHANGED, f"by the digests in the record; {name} is not in the cache")
        return Comparison(Rung.UNKNOWN, f"the files differ, and {name} is not in the cache to compare their rows")
    if [hdu.header for hdu in old] != [hdu.header for hdu in new]:
        return Comparison(Rung.UNKNOWN, f"the data are the same, and {name} is not in the cache to compare its headers")
    return Comparison(Rung.SAME_CONTENT, "by the digests in the record")
