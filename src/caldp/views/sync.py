"""Datasets that were brought into a directory."""

from __future__ import annotations

import json
from collections.abc import Sequence

from caldp.domain.output.sync import SyncedDataset, SyncOutcome
from caldp.views.columns import columns
from caldp.views.units import size_text


def synced_text(found: Sequence[SyncedDataset]) -> str:
    """Write what came of datasets as a table, and how many there are of each."""
    rows = [
        (
            one.name, one.outcome.value, str(len(one.files)), f"{one.fetched}", size_text(one.fetched_bytes),
            one.message,
        )
        for one in found
    ]  # fmt: skip
    table = [columns(rows, ("DATASET", "OUTCOME", "FILES", "FETCHED", "SIZE", ""))] if rows else []
    numbers = {outcome: sum(one.outcome is outcome for one in found) for outcome in SyncOutcome}
    counts = ", ".join(f"{number} {outcome.value}" for outcome, number in numbers.items() if number)
    return "\n".join(
        [*table, f"{len(found)} dataset{'' if len(found) == 1 else 's'}" + (f": {counts}" if counts else "")]
    )


def synced_json(found: Sequence[SyncedDataset]) -> str:
    """Write what came of datasets for machines."""
    return json.dumps(
        [
            {
                "name": one.name,
                "outcome": one.outcome.value,
                "files": one.files,
                "fetched": one.fetched,
                "fetched_bytes": one.fetched_bytes,
                "status": int(one.status),
                "message": one.message,
                "advice": one.advice,
            }
            for one in found
        ],
        indent=2,
    )
