"""Past runs in an output, by which datasets that are to run are estimated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

from caldp.app.pool import working
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.estimate import Past
from caldp.domain.errors import CaldpError
from caldp.domain.hst.dataset import DatasetName, is_dataset_name
from caldp.domain.output.layout import MESSAGES, RECORD, Layout
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import RunRecord

_LOOKED_AT: Final = 1000
"""Messages among which past runs are looked for: as many as one request lists."""
_OF_EACH: Final = 12
"""Records that are read of each instrument."""
_AT_ONCE: Final = 8


def read_past(store: ObjectStore, layout: Layout) -> Past:
    """Read the records of some past runs, of each instrument some.

    Parameters
    ----------
    store, layout
        The output. What cannot be read of it is passed over.
    """
    past = Past()
    with suppress(CaldpError), working(_AT_ONCE, "caldp-past") as pool:
        keys = [layout.log_key(DatasetName.parse(name), RECORD) for name in _some(store, layout)]
        for body in pool.map(store.get_bytes, keys):
            with suppress(CaldpError):
                past.take(RunRecord.from_json((body or b"").decode("utf-8", "replace")))
    return past


def _some(store: ObjectStore, layout: Layout) -> Iterator[str]:
    """Name processed datasets, spread over those that are listed."""
    by_letter: dict[str, list[str]] = {}
    for stored in islice(store.list(MESSAGES), _LOOKED_AT):
        name, state = layout.read_message(stored.key) or ("", "")
        if state == MessageState.PROCESSED.value and is_dataset_name(name):
            by_letter.setdefault(name[0], []).append(name)
    for names in by_letter.values():
        yield from names[:: -(-len(names) // _OF_EACH)]
