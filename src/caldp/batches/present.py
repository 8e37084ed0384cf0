"""The present state of engines and of CRDS, found out when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caldp.domain.run.settings import Settings


def engine_versions(environ: Mapping[str, str]) -> Callable[[], Mapping[str, str]]:
    """Return a function that finds the versions of the installed engines, once."""

    @cache
    def versions() -> Mapping[str, str]:
        from caldp.factories import installed_versions

        return installed_versions(environ)

    return versions


def operational_context(settings: Settings) -> Callable[[], str]:
    """Return a function that finds the operational context, once."""

    @cache
    def context() -> str:
        from caldp import factories

        return factories.operational_context(settings)

    return context
