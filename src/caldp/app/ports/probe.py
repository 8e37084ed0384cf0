"""The port Probe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from caldp.domain.run.health import Finding
from caldp.domain.run.settings import Settings


class Probe(Protocol):
    """Looks at one part of the world that runs depend on, and judges it under settings.

    Whatever it comes upon is a finding: it raises nothing, changes nothing, and shows no credential. A finding that
    is not ok says what to do.
    """

    def __call__(self, settings: Settings) -> Iterable[Finding]:
        """Yield the findings, each subject once.

        Parameters
        ----------
        settings
            Resolved settings of a run that might come.
        """
