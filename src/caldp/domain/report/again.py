"""Commands that process a dataset again, as it was processed, and look at it closer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final

from caldp.domain.run.record import RunRecord

_BY_NAME: Final = {
    "reference_overrides": "--override",
    "switches": "--set",
    "table_values": "--set-table",
    "drizzle": "--drizzle",
}
"""Options that take NAME=VALUE, by the setting that they make."""
_WHOLE: Final = {"members": "--members", "omitted_reads": "--omit-reads"}


def commands_again(dataset: str, output: str, record: RunRecord | None) -> tuple[str, ...]:
    """Return the commands.

    Parameters
    ----------
    dataset
        Name of the dataset.
    output
        Location of the output that has it.
    record
        Record of its run; without one nothing tells how it was processed.
    """
    looked = (["caldp", "show", dataset, output], ["caldp", "lock", output, dataset])
    commands = looked if record is None else ([*_processed(record)], *looked)
    return tuple(map(shlex.join, commands))


def _processed(record: RunRecord) -> Iterator[str]:
    yield from ("caldp", "process", str(record.dataset), record.input, record.output, "--profile", record.profile)
    if record.context:
        yield from ("--context", record.context)
    settings = record.request.get("settings")
    yield from _wishes(settings if isinstance(settings, Mapping) else {})


def _wishes(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, option in _BY_NAME.items():
        values = settings.get(name)
        for key, value in values.items() if isinstance(values, Mapping) else ():
            yield from (option, f"{key}={value}")
    for name, option in _WHOLE.items():
        if settings.get(name):
            yield from (option, str(settings[name]))
    if settings.get("astrometry", "auto") != "auto":
        yield from ("--astrometry", str(settings["astrometry"]))
