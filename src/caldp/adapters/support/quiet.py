"""Libraries kept from warning, without harm to other threads."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Final

_FILTERS: Final = RLock()


@contextmanager
def ignoring_warnings(category: type[Warning] = Warning) -> Iterator[None]:
    """Ignore warnings of the work inside, which one thread at a time may do.

    Filters of warnings belong to the whole process: two threads that change and restore them crosswise let warnings
    through, and may leave the filters of the one to the caller.
    """
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", category)
        yield
