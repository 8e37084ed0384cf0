"""Values as plain data and back, by the types that they are declared with.

Plain data are what JSON knows. Requests and records are read in lambdas that have the standard library and attrs
only; hence no library does this.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from caldp.domain.errors import InvalidRecord
from caldp.domain.hst.dataset import DatasetName

_Value = TypeVar("_Value")
_WORDS: Final[Mapping[Any, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    datetime: "a time such as 2026-11-25T00:00:00+00:00",
    NoneType: "null",
}
_PLAIN: Final = frozenset({str, bool, int})
"""Types of which plain data are values already."""
_LONGEST_SHOWN: Final = 80
_EXPECTED: Final = "Expected what caldp has written."


def to_plain(value: object) -> Any:
    """Turn a value into dictionaries, lists, texts, numbers and booleans.

    Parameters
    ----------
    value
        A value of attrs, an enumeration, a time, a path, a dataset's name, or a collection of these.
    """
    if isinstance(value, DatasetName | PurePath):
        return str(value)
    if isinstance(value, Enum | datetime):
        return value.value if isinstance(value, Enum) else value.isoformat()
    kind: Any = type(value)
    if attrs.has(kind):
        return {attribute.name: to_plain(getattr(value, attribute.name)) for attribute in attrs.fields(kind)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[_Value], data: object, where: str = "") -> _Value:
    """Make a value of a declared type from plain data.

    Keys that the type does not have are passed over, since later versions may add some. Missing keys take the type's
    defaults.

    Parameters
    ----------
    kind
        A class of attrs, an enumeration, or any type that the attributes of one are declared with.
    data
        Plain data, as `to_plain` makes them.
    where
        Path of the data, for messages, such as ``products[3].size``.

    Raises
    ------
    InvalidRecord
        If the data are not of the type.
    """
    made: _Value = _read(kind, data, where)
    return made


def parse_json(text: str) -> dict[str, Any]:
    """Parse the text of a JSON object.

    Raises
    ------
    InvalidRecord
        If the text is no JSON, nested too deeply, or no object.
    """
    try:
        data = json.loads(text)
    except RecursionError:
        raise InvalidRecord("It is no JSON that can be read: it is nested too deeply.", advice=_EXPECTED) from None
    except ValueError as error:
        raise InvalidRecord(f"It is no JSON: {error}.", advice=_EXPECTED) from error
    if not isinstance(data, dict):
        raise InvalidRecord(f"It is {_shown(data)}; expected an object of JSON.", advice=_EXPECTED)
    return data


def _read(kind: Any, data: Any, where: str) -> Any:
    # The latter is most of a record, and a comparison reads thousands of these.
    if kind is Any or (type(data) is kind and kind in _PLAIN):
        return data
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return _read_union(arguments, data, where)
    if origin is tuple:
        items = _expect(data, list, "a list", where)
        return tuple(_read(arguments[0], item, f"{where}[{number}]") for number, item in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        table = _expect(data, Mapping, "an object", where)
        return {str(key): _read(arguments[1], item, f"{where}.{key}") for key, item in table.items()}
    if attrs.has(kind) and not issubclass(kind, DatasetName):
        return _read_attributes(kind, _expect(data, Mapping, "an object", where), where)
    return _read_leaf(kind, data, where)


def _read_union(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and NoneType in kinds:
        return None
    others = [kind for kind in kinds if kind is not NoneType]
    if len(others) == 1:
        return _read(others[0], data, where)
    for kind in others:
        try:
            return _read(kind, data, where)
        except InvalidRecord:
            continue
    raise _wrong(where, " or ".join(dict.fromkeys(map(_words, others))), data)


def _read_attributes(kind: Any, data: Mapping[str, Any], where: str) -> Any:
    hints, values = _hints(kind), {}
    for attribute in attrs.fields(kind):
        if not attribute.init:
            continue
        key = f"{where}.{attribute.name}".lstrip(".")
        if attribute.name in data:
            values[attribute.alias] = _read(hints[attribute.name], data[attribute.name], key)
        elif attribute.default is attrs.NOTHING:
            raise InvalidRecord(f"{key} is missing.")
    try:
        return kind(**values)
    except ValueError as error:
        raise InvalidRecord(f"{where or 'It'} cannot be read: {error}") from error


def _read_leaf(kind: Any, data: Any, where: str) -> Any:
    try:
        if issubclass(kind, DatasetName):
            name = DatasetName.parse(_expect(data, str, _words(kind), where))
            return _expect(name, kind, _words(kind), where)
        if kind is datetime:
            return datetime.fromisoformat(_expect(data, str, _words(kind), where))
        if issubclass(kind, PurePath):
            return kind(_expect(data, str, "a path", where))
        if issubclass(kind, Enum):
            return kind(_expect(data, str | int, _words(kind), where))
        if kind in (int, float) and _is_number(data) and (kind is float or data % 1 == 0):
            return kind(data)
    except InvalidRecord:
        raise
    except (ValueError, OverflowError) as error:
        raise _wrong(where, _words(kind), data) from error
    return _expect(data, kind, _words(kind), where)


def _is_number(data: object) -> bool:
    is_real = isinstance(data, int) or (isinstance(data, float) and math.isfinite(data))
    return is_real and not isinstance(data, bool)


def _expect(data: Any, kind: Any, words: str, where: str) -> Any:
    is_wrong_number = isinstance(data, float) and not math.isfinite(data)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool) or is_wrong_number:
        raise _wrong(where, words, data)
    return data


def _words(kind: Any) -> str:
    """Say in words what a type expects."""
    if isinstance(kind, type) and issubclass(kind, DatasetName):
        return "a dataset's name"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    return _WORDS.get(kind, "an object" if attrs.has(kind) else "a list" if get_origin(kind) is tuple else str(kind))


def _wrong(where: str, words: str, data: object) -> InvalidRecord:
    return InvalidRecord(f"{where or 'It'} is {_shown(data)}; expected {words}.")


def _shown(data: object) -> str:
    text = repr(data)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
