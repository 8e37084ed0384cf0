"""States of the datasets of an output."""

from __future__ import annotations

import json
from collections.abc import Sequence

import attrs

from caldp.domain.output.survey import DatasetStatus, count_states
from caldp.views.columns import columns
from caldp.views.units import size_text


def statuses_text(statuses: Sequence[DatasetStatus], width: int | None = None) -> str:
    """Write states as a table, and how many there are of each; break lines that are longer than a width, characters."""
    rows = [
        (
            one.name, one.state, str(one.products), size_text(one.product_bytes), str(one.raws), str(one.previews),
            str(one.logs), one.remark,
        )
        for one in statuses
    ]  # fmt: skip
    counts = ", ".join(f"{number} {state}" for state, number in count_states(statuses).items())
    table = columns(rows, ("DATASET", "STATE", "PRODUCTS", "SIZE", "RAW", "PREVIEWS", "LOGS", ""), width)
    return f"{table}\n{len(statuses)} dataset{'' if len(statuses) == 1 else 's'}" + (f": {counts}" if counts else "")


def statuses_json(statuses: Sequence[DatasetStatus]) -> str:
    """Write states for machines."""
    return json.dumps([attrs.asdict(one) | {"remark": one.remark} for one in statuses], indent=2)
