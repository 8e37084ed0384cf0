"""Values as plain data and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.errors import InvalidRecord
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, DatasetName, Ipppssoot
from caldp.domain.run.plain import from_plain, parse_json, to_plain


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@frozen
class Part:
    name: str
    length: float = 0.0
    number: int | None = None


@frozen
class Whole:
    dataset: AnyDataset
    status: ExitCode
    at: datetime
    colour: Colour = Colour.RED
    place: PurePosixPath = PurePosixPath("/")
    parts: tuple[Part, ...] = ()
    table: Mapping[str, Part] = field(factory=dict)
    either: bool | int | float | str | None = None
    anything: Mapping[str, Any] = field(factory=dict)
    flag: bool = False
    computed: int = field(init=False, default=7)


WHOLE = Whole(
    DatasetName.parse("acs_8ph_01"),
    ExitCode.STAGE1_ERROR,
    datetime(2026, 11, 25, 1, 2, 3, 456, tzinfo=UTC),
    Colour.BLUE,
    PurePosixPath("/data/refs"),
    (Part("a", 1.5, 3), Part("b")),
    {"x": Part("c", 2.0)},
    "text",
    {"deep": [1, None, {"a": True}]},
    flag=True,
)
PLAIN = {
    "dataset": "acs_8ph_01",
    "status": 23,
    "at": "2026-11-25T01:02:03.000456+00:00",
    "colour": "blue",
    "place": "/data/refs",
    "parts": [{"name": "a", "length": 1.5, "number": 3}, {"name": "b", "length": 0.0, "number": None}],
    "table": {"x": {"name": "c", "length": 2.0, "number": None}},
    "either": "text",
    "anything": {"deep": [1, None, {"a": True}]},
    "flag": True,
    "computed": 7,
}


def test_every_kind_of_value_is_written_and_read_back() -> None:
    assert to_plain(WHOLE) == PLAIN
    assert from_plain(Whole, json.loads(json.dumps(PLAIN))) == WHOLE


@given(
    st.builds(
        Part, name=st.text(), length=st.floats(allow_nan=False, allow_infinity=False), number=st.none() | st.integers()
    )
)
def test_any_part_survives_json(part: Part) -> None:
    assert from_plain(Part, json.loads(json.dumps(to_plain(part)))) == part


def test_unknown_keys_are_passed_over_and_missing_ones_take_defaults() -> None:
    assert from_plain(Part, {"name": "a", "colour": "of a later version"}) == Part("a")


@pytest.mark.parametrize("value", [True, 3, 2.5, "text", None])
def test_a_choice_of_types_keeps_the_type(value: object) -> None:
    read = from_plain(Whole, {**PLAIN, "either": value}).either
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parts": [{"name": "a"}, {"name": 3}]}, "parts[1].name is 3; expected a text."),
        ({"parts": [{"length": 1.0}]}, "parts[0].name is missing."),
        ({"parts": {"name": "a"}}, "parts is {'name': 'a'}; expected a list."),
        ({"table": {"x": []}}, "table.x is []; expected an object."),
        ({"table": []}, "table is []; expected an object."),
        ({"parts": [{"name": "a", "number": 1.5}]}, "parts[0].number is 1.5; expected a whole number."),
        ({"parts": [{"name": "a", "number": True}]}, "parts[0].number is True; expected a whole number."),
        ({"parts": [{"name": "a", "length": float("nan")}]}, "parts[0].length is nan; expected a number."),
        ({"parts": [{"name": "a", "length": float("inf")}]}, "parts[0].length is inf; expected a number."),
        ({"parts": [{"name": "a", "length": "1"}]}, "parts[0].length is '1'; expected a number."),
        ({"colour": "green"}, "colour is 'green'; expected one of red, blue."),
        ({"colour": []}, "colour is []; expected one of red, blue."),
        ({"at": "yesterday"}, "at is 'yesterday'; expected a time such as 2026-11-25T00:00:00+00:00."),
        ({"at": 7}, "at is 7; expected a time such as 2026-11-25T00:00:00+00:00."),
        ({"dataset": "hubble"}, "dataset is 'hubble'; expected a dataset's name."),
        ({"dataset": None}, "dataset is None; expected a dataset's name."),
        ({"flag": 1}, "flag is 1; expected true or false."),
        ({"either": []}, "either is []; expected true or false or a whole number or a number or a text."),
        ({"flag": "x" * 200}, f"flag is {'x' * 200!r:.80}...; expected true or false."),
    ],
)
def test_what_is_not_of_its_type_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        from_plain(Whole, {**PLAIN, **change})
    assert caught.value.message == message


@pytest.mark.parametrize("status", [True, 999, 1.0, "23", None])
def test_a_status_is_a_number_of_the_table(status: object) -> None:
    with pytest.raises(InvalidRecord, match=r"^status is "):
        from_plain(Whole, {**PLAIN, "status": status})


def test_a_number_too_large_for_its_type_is_named() -> None:
    with pytest.raises(InvalidRecord, match=r"^length is 1000.*\.\.\.; expected a number"):
        from_plain(Part, {"name": "a", "length": 10**400})


def test_a_refusal_of_the_class_itself_is_told() -> None:
    @frozen
    class Positive:
        number: int = field()

        @number.validator
        def _check(self, _attribute: object, number: int) -> None:
            if number < 0:
                raise ValueError("number must be 0 or more.")

    with pytest.raises(InvalidRecord, match="it cannot be read: number must be 0 or more"):
        from_plain(Positive, {"number": -1}, "it")


def test_a_dataset_of_another_kind_is_refused() -> None:
    assert from_plain(Ipppssoot, "ldfd01010") == DatasetName.parse("ldfd01010")
    with pytest.raises(InvalidRecord, match=r"It is Svm.*; expected a dataset's name"):
        from_plain(Ipppssoot, "acs_8ph_01")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "It is no JSON: "),
        ("{", "It is no JSON: "),
        ("[1]", r"It is \[1\]; expected an object of JSON\."),
        ("null", r"It is None; expected an object of JSON\."),
        ("[" * 100_000, "It is no JSON"),
        ("9" * 5000, "It is no JSON"),
    ],
)
def test_what_is_no_object_of_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidRecord, match=f"^{message}"):
        parse_json(text)


def test_an_object_of_json_is_returned() -> None:
    assert parse_json('{"a": [1, 2.5, "x", null]}') == {"a": [1, 2.5, "x", None]}
