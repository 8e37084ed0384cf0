"""The kinds of attack: one file each, with a function that does a try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks.campaign.attempt import Try
from benchmarks.campaign.kinds.engines import engines
from benchmarks.campaign.kinds.headers import headers
from benchmarks.campaign.kinds.kills import kills
from benchmarks.campaign.kinds.references import references
from benchmarks.campaign.kinds.s3 import s3
from benchmarks.campaign.kinds.signals import signals
from benchmarks.campaign.kinds.tarballs import tarballs
from benchmarks.campaign.kinds.together import together
from benchmarks.campaign.world import World

Kind = Callable[[Try, World], None]

KINDS: Final[dict[str, Kind]] = {
    "kills": kills,
    "signals": signals,
    "s3": s3,
    "engines": engines,
    "headers": headers,
    "tarballs": tarballs,
    "together": together,
    "references": references,
}
