"""Remarks about a dataset that do not decide whether it is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from caldp.domain.run.recorded import RecordedRun
from caldp.domain.stale.engines_since import older_engines, other_settings


@frozen
class Present:
    """Engines and settings of this moment.

    Attributes
    ----------
    engines
        Return the version of each installed engine, by program.
    settings
        Settings that determine products, as plain data.
    """

    engines: Callable[[], Mapping[str, str]] = field(default=dict)
    settings: Mapping[str, Any] = field(factory=dict)


def remarks_of(run: RecordedRun, present: Present) -> Iterator[str]:
    """Say which engines of a run are older than the installed ones, and which settings are other ones now."""
    used = {one.program: one.version for one in run.programs}
    yield from (f"engine {words}" for words in older_engines(used, present.engines()))
    yield from (f"setting {words}" for words in other_settings(run.request, present.settings))
