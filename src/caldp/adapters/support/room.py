"""Room in memory for warm servers."""

from __future__ import annotations

from typing import Final

from caldp.app.ports.memory_watch import MemoryWatch

_ROOM_FOR_SERVERS: Final = 4 << 30
"""Limit of memory below which engines get all of it, bytes: a server holds up to 0.3 GB beside them."""


def has_room_for_servers(memory: MemoryWatch | None) -> bool:
    """Tell whether warm servers take nothing from engines that these may need.

    Parameters
    ----------
    memory
        Watch that tells the limit of memory; None if nobody knows it.
    """
    limit = None if memory is None else memory.limit()
    return limit is None or limit >= _ROOM_FOR_SERVERS
