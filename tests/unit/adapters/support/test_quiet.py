"""Warnings that are ignored in one thread, while another does the same."""

from __future__ import annotations

import time
import warnings
from concurrent.futures import ThreadPoolExecutor

from caldp.adapters.support.quiet import ignoring_warnings


def warn_quietly(_number: int) -> None:
    with ignoring_warnings():
        time.sleep(0.001)  # time for another thread to come in between
        warnings.warn("a card is not standard", UserWarning, stacklevel=2)


def test_no_warning_gets_out_and_the_filters_are_as_before() -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(warn_quietly, range(100)))  # warnings are errors here: one that got out would raise
    assert list(warnings.filters) == before


def test_only_the_named_kind_is_ignored() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with ignoring_warnings(UserWarning):
            warnings.warn("harmless", UserWarning, stacklevel=2)
            warnings.warn("not harmless", RuntimeWarning, stacklevel=2)
    assert [str(warning.message) for warning in heard] == ["not harmless"]
