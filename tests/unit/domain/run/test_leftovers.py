"""Need of a run for its leftovers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.run.leftovers import (
    SETTLING,
    Leftover,
    LeftoverKind,
    Machine,
    Owner,
    OwnerState,
    Standing,
    staged_standing,
    standing,
)

HERE = Machine("node1", "boot-a")
REBOOTED = Machine("node1", "boot-b")
CONTAINER = Machine("3f9c1d2e", "boot-a")
ELSEWHERE = Machine("node2", "boot-c")
OLD = SETTLING + 1


def owner(machine: Machine, state: OwnerState = OwnerState.RUNNING) -> Owner:
    return Owner(machine, 4711, "2026-11-25T10:00:00+00:00", "ldfd01010", "run-1", state)


@pytest.mark.parametrize(
    ("note", "held", "age", "expected"),
    [
        (owner(HERE), True, OLD, Standing.RUNNING),
        (owner(ELSEWHERE), True, OLD, Standing.RUNNING),
        (owner(HERE, OwnerState.FAILED), True, OLD, Standing.RUNNING),
        (owner(HERE), False, 0.0, Standing.LOST),
        (owner(REBOOTED), False, 0.0, Standing.LOST),
        (owner(CONTAINER), False, 0.0, Standing.LOST),
        (owner(ELSEWHERE), False, OLD, Standing.ELSEWHERE),
        (owner(ELSEWHERE, OwnerState.FAILED), False, OLD, Standing.FAILED),
        (owner(HERE, OwnerState.FAILED), False, 0.0, Standing.FAILED),
        (owner(HERE, OwnerState.KEPT), False, OLD, Standing.KEPT),
        (None, False, SETTLING - 1, Standing.NEW),
        (None, False, OLD, Standing.LOST),
        (None, True, OLD, Standing.RUNNING),
    ],
)
def test_standing(note: Owner | None, held: bool, age: float, expected: Standing) -> None:
    assert standing(note, held, HERE, age) is expected


@pytest.mark.parametrize(
    ("alive", "in_place", "expected"),
    [
        (True, True, Standing.RUNNING),
        (True, False, Standing.RUNNING),
        (None, True, Standing.ELSEWHERE),
        (None, False, Standing.ELSEWHERE),
        (False, True, Standing.LOST),
        (False, False, Standing.UNFINISHED),
    ],
)
def test_staged_products_may_be_the_only_good_ones(alive: bool | None, in_place: bool, expected: Standing) -> None:
    assert staged_standing(alive, in_place=in_place) is expected


@pytest.mark.parametrize("found", Standing)
def test_only_what_nobody_needs_may_go(found: Standing) -> None:
    leftover = Leftover("/x", LeftoverKind.SCRATCH, found, 1, 1.0, owner(ELSEWHERE))
    assert leftover.may_go() is (found in {Standing.LOST, Standing.FAILED})
    assert leftover.may_go(kept=True) is (found in {Standing.LOST, Standing.FAILED, Standing.KEPT})
    assert leftover.may_go(gone_hosts=["node2"]) is (found in {Standing.LOST, Standing.FAILED, Standing.ELSEWHERE})
    assert leftover.may_go(gone_hosts=["node3"]) is (found in {Standing.LOST, Standing.FAILED})


def test_without_boot_identities_the_host_decides() -> None:
    assert not Machine("a").is_same(Machine("b"))
    assert Machine("a").is_same(Machine("a"))


@pytest.mark.parametrize("state", OwnerState)
def test_a_note_is_read_as_it_was_written(state: OwnerState) -> None:
    note = owner(HERE, state)
    assert Owner.from_json(note.to_json()) == note


@given(st.text() | st.sampled_from(["null", "[]", '{"machine": 1}', "[" * 50_000, owner(HERE).to_json()[:-7]]))
def test_what_is_no_note_is_none(text: str) -> None:
    assert Owner.from_json(text) is None
