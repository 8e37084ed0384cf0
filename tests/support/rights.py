"""Rights of an ordinary user, for a test that root runs: root may read and write everything."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest

_VERSION: Final = 0x20080522
_OVERRIDES: Final = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: capabilities(7)."""


@contextmanager
def ordinary_rights() -> Iterator[None]:
    """Let the modes of files hold for this thread, and for those that it starts.

    The user stays the same: another one could not import the modules of a Python in root's home.
    """
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("takes root's rights away on Linux only")
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable capabilities, twice 32 of each
    _call(libc.capget, header, sets)
    before = sets[0]
    sets[0] = before & ~_OVERRIDES
    _call(libc.capset, header, sets)
    try:
        yield
    finally:
        sets[0] = before
        _call(libc.capset, header, sets)


def _call(function: Callable[..., int], *arguments: object) -> None:
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
