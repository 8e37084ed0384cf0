"""Reads of a ramp that a user wants to leave out of its fit.

calwf3 has no option for that. Its fit passes over samples that are flagged in the raw file's data quality arrays
(``wf3ir/cridcalc.c``: fitsamps), and carries the flags of all samples over to the flt. The flag must not be that of
saturation, which calwf3 extends to the samples that follow (``wf3ir/nlincorr.c``: satcheck).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from caldp.domain.calibration.plan import Observation
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import FitsFacts, root_of
from caldp.domain.hst.instrument import Instrument

FLAG: Final = 1024
"""Flag of a sample with a spike (``wf3dq.h``), by which calwf3 itself leaves samples out."""
BITS: Final = ("driz_sep_bits", "final_bits")
"""Columns of MDRIZTAB with the flags that AstroDrizzle passes over."""
_ADVICE: Final = "Give numbers as SAMPNUM has them, such as 1,2 or 1-3, for one exposure isim01a1q:1-3."
_RANGE: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)


def parse_reads(text: str) -> dict[str, frozenset[int]]:
    """Read numbers of reads: ``1,2``, or ``isim01a1q:1-3; isim01a2q:9`` for single exposures.

    Returns
    -------
    dict of str to frozenset of int
        By rootname in lower case, which is empty for all exposures.

    Raises
    ------
    UsageError
        If it is of another form.
    """
    found: dict[str, frozenset[int]] = {}
    for part in text.replace(";", " ").split():
        root, colon, numbers = part.rpartition(":")
        if colon and not root:
            raise UsageError(f"{part[:80]!r} names no exposure.", advice=_ADVICE)
        found[root.lower()] = found.get(root.lower(), frozenset()).union(*map(_range, numbers.split(",")))
    return found


def _range(text: str) -> range:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text[:80]!r} is no number of a read.", advice=_ADVICE)
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def check_reads(dataset: AnyDataset, wishes: Mapping[str, frozenset[int]]) -> None:
    """Check by a dataset's name alone that its exposures may be ramps.

    Raises
    ------
    UsageError
        If they cannot be.
    """
    if wishes and (dataset.is_mosaic or dataset.instrument is not Instrument.WFC3):
        raise UsageError(
            f"{dataset} has no ramps of reads: only raw exposures of WFC3/IR have.", advice="Leave the reads out."
        )


def samples_of(observation: Observation, wishes: Mapping[str, frozenset[int]]) -> dict[str, dict[int, int]]:
    """Find the data quality extensions of reads that are to be left out.

    Parameters
    ----------
    observation
        The exposures, with their switches as they are wanted.
    wishes
        Numbers of reads, by exposure; an exposure's own ones count in the place of those for all.

    Returns
    -------
    dict
        By raw file: numbers of reads (SAMPNUM) by version of their extensions.

    Raises
    ------
    UsageError
        If there is no such exposure or read, or nothing would be left to fit.
    """
    roots = {root_of(name) for name in observation.raws}
    for root in wishes.keys() - roots - {""}:
        raise UsageError(
            f"{root} is no exposure of {observation.dataset}, which has {', '.join(sorted(roots))}.", advice=_ADVICE
        )
    wanted = {name: wishes.get(root_of(name), wishes.get("", frozenset())) for name in sorted(observation.raws)}
    return {name: _samples(observation.raws[name], reads) for name, reads in wanted.items() if reads}


def _samples(facts: FitsFacts, wanted: frozenset[int]) -> dict[int, int]:
    if facts.text("DETECTOR") != "IR":
        raise UsageError(f"{facts.name} is no ramp: only exposures of WFC3/IR are.", advice="Leave the reads out.")
    if facts.switches.get("CRCORR") != "PERFORM":
        raise UsageError(
            f"CRCORR, which fits the ramp of {facts.name}, is not PERFORM: its last read becomes the image.",
            advice="Set CRCORR=PERFORM too, or leave the reads out.",
        )
    reads = {number: extension.version for extension in facts.named("SCI") for number in _sample(extension.keywords)}
    unknown = wanted - reads.keys()
    if unknown:
        raise UsageError(
            f"{facts.name} has no read {min(unknown)}: its reads are 0 to {max(reads, default=0)}.", advice=_ADVICE
        )
    if 0 in wanted:
        raise UsageError(
            f"Read 0 of {facts.name} is what ZOFFCORR subtracts from the others: the fit never takes it.",
            advice="Leave out reads from 1 on.",
        )
    if wanted >= reads.keys() - {0}:
        raise UsageError(f"No read of {facts.name} would be left to fit.", advice="Leave out fewer.")
    return {reads[number]: number for number in sorted(wanted)}


def _sample(keywords: Mapping[str, object]) -> Iterator[int]:
    number = keywords.get("SAMPNUM")
    if isinstance(number, int) and not isinstance(number, bool):
        yield number
