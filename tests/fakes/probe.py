"""Probe of a world in which all is well."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from caldp.domain.run.health import Finding, ok
from caldp.domain.run.settings import Settings


@frozen
class FakeProbe:
    """Finds its subject well, and tells the input of the settings; implements the port Probe."""

    subject: str

    def __call__(self, settings: Settings) -> Iterator[Finding]:
        yield ok(self.subject, settings.input)
