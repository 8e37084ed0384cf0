"""Somebody who processes offsite: a home, raw files, a cache of references, and a CRDS server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import define, field, frozen

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.catalogue import SERVERLESS
from caldp.adapters.references.crds import CrdsReferences
from caldp.adapters.support.pace import TransferLimits
from caldp.app.ports.listener import Listener
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event, Level, Note


@frozen
class User:
    """Somebody with raw files, a home, and a cache."""

    home: Path
    url: str
    original: Path

    @property
    def cache(self) -> Path:
        return self.home / "crds_cache"

    @property
    def raws(self) -> list[Path]:
        return sorted((self.home / "data").glob("*_rawtag.fits"))

    @property
    def _variables(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home)}

    def reference(self, name: str) -> Path:
        return self.cache / "references" / "hst" / name

    def is_whole(self, name: str) -> bool:
        return self.reference(name).read_bytes() == (self.original / "references" / "hst" / name).read_bytes()

    def hidden(self) -> list[str]:
        return [path.name for path in self.cache.rglob(".*")]

    def service(
        self,
        *,
        readonly: bool = False,
        context: str = "",
        check: str = "auto",
        attempts: int = 4,
        url: str = "",
        exports: Mapping[str, str] | None = None,
        limits: TransferLimits = TransferLimits(),  # noqa: B008
        at_once: int = 4,
    ) -> CrdsReferences:
        environment = {**self._variables, "CRDS_SERVER_URL": url or self.url}
        environment |= exports or {}
        return CrdsReferences(
            self.cache, context, readonly=readonly, environment=environment, fits=AstropyFits(),
            check=ReferenceCheck(check), attempts=attempts, timeout=20, limits=limits, at_once=at_once,
        )  # fmt: skip

    def offline(self, *, check: str = "auto", exports: Mapping[str, str] | None = None) -> CrdsReferences:
        """Make a service with the same cache, without a server and read-only."""
        environment = {**self._variables, "CRDS_SERVER_URL": SERVERLESS}
        return CrdsReferences(
            self.cache, lambda: "", readonly=True, environment={**environment, **(exports or {})}, fits=AstropyFits(),
            check=ReferenceCheck(check),
        )  # fmt: skip


@define
class Heard:
    """Events and outcome of a run."""

    events: list[Event] = field(factory=list)

    def warnings(self) -> str:
        return "\n".join(
            event.text
            for event in self.events
            if isinstance(event, Note) and event.level is Level.WARNING and "https://" not in event.text
        )


def assign(service: CrdsReferences, user: User, tell: Listener = lambda _event: None) -> Assignment:
    try:
        return service.assign(user.raws, tell)
    finally:
        service.close()


def tried(service: CrdsReferences, user: User) -> BestrefsError:
    with pytest.raises(BestrefsError) as caught:
        assign(service, user)
    assert "Traceback" not in caught.value.message
    assert caught.value.advice
    return caught.value
