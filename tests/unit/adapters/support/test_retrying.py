"""Tries after failures are told, with the pauses before them."""

from __future__ import annotations

import re

from caldp.adapters.support.retrying import retrying


def test_each_pause_is_told_with_its_cause() -> None:
    told: list[str] = []
    cleaned: list[int] = []
    calls = iter([OSError("the connection was reset."), OSError("cut off"), None])

    def call() -> str:
        error = next(calls)
        if error is not None:
            raise error
        return "done"

    again = retrying(3, (OSError,), lambda: cleaned.append(1), told.append).copy(sleep=lambda _seconds: None)
    assert again(call) == "done"
    assert len(cleaned) == 2
    assert re.fullmatch(r"the connection was reset; trying again in \d+ s, after one try", told[0])
    assert re.fullmatch(r"cut off; trying again in \d+ s, after 2 tries", told[1])
