"""Values as plain data and back, by the types that they are declared with.

Plain data are what JSON knows. Requests and records are read in lambdas that have the standard library and attrs
only; hence no library does this.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache, partial
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs

from caldp.domain.errors import InvalidRecord
from caldp.domain.hst.dataset import DatasetName

_Value = TypeVar("_Value")
_Reader = Callable[[Any], Any]
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
_TEXTS: Final = frozenset({str})
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
    try:
        made: _Value = _reader(cast("Any", kind))(data)
    except _Misfit as misfit:
        raise InvalidRecord(misfit.message(where)) from misfit
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


class _Misfit(Exception):
    """Data are not of their type; on its way out it gathers the path to them, from its end."""

    def __init__(self, text: str, *path: str) -> None:
        super().__init__(text)
        self.path = list(path)

    def message(self, where: str) -> str:
        place = "".join((where, *reversed(self.path))).lstrip(".")
        return f"{place or 'It'} {self}"


@cache
def _reader(kind: Any) -> _Reader:
    """Make the reader of a type, once: the records of a batch have millions of values."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda data: data
    if origin in (UnionType, Union):
        return partial(_read_union, arguments)
    if origin is tuple:
        return partial(_read_items, _reader(arguments[0]))
    if origin is not None and issubclass(origin, Mapping):
        return _read_texts if arguments[1] is str else partial(_read_table, _reader(arguments[1]))
    if attrs.has(kind) and not issubclass(kind, DatasetName):
        return partial(_read_attributes, kind)
    return partial(_read_plain if kind in _PLAIN else _read_leaf, kind)


def _read_union(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None and NoneType in kinds:
        return None
    others = [kind for kind in kinds if kind is not NoneType]
    if len(others) == 1:
        return _reader(others[0])(data)
    for kind in others:
        try:
            return _reader(kind)(data)
        except _Misfit:
            continue
    raise _wrong(" or ".join(dict.fromkeys(map(_words, others))), data)


def _read_items(read: _Reader, data: Any) -> Any:
    values: list[Any] = []
    for item in data if type(data) is list else _expect(data, list, "a list"):
        try:
            values.append(read(item))
        except _Misfit as misfit:
            misfit.path.append(f"[{len(values)}]")
            raise
    return tuple(values)


def _read_texts(data: Any) -> Any:
    is_plain = type(data) is dict and _TEXTS.issuperset(map(type, data)) and _TEXTS.issuperset(map(type, data.values()))
    return dict(data) if is_plain else _read_table(_reader(str), data)


def _read_table(read: _Reader, data: Any) -> Any:
    values: dict[str, Any] = {}
    for key, item in _expect(data, Mapping, "an object").items():
        try:
            values[str(key)] = read(item)
        except _Misfit as misfit:
            misfit.path.append(f".{key}")
            raise
    return values


def _read_attributes(kind: Any, data: Any) -> Any:
    values: dict[str, Any] = {}
    if type(data) is not dict:
        _expect(data, Mapping, "an object")
    for name, alias, read, is_needed in _attributes(kind):
        if name in data:
            try:
                values[alias] = read(data[name])
            except _Misfit as misfit:
                misfit.path.append(f".{name}")
                raise
        elif is_needed:
            raise _Misfit("is missing.", f".{name}")
    try:
        return kind(**values)
    except ValueError as error:
        raise _Misfit(f"cannot be read: {error}") from error


@cache
def _attributes(kind: Any) -> tuple[tuple[str, str, _Reader, bool], ...]:
    """List the attributes of a class that its data have: name, name of the argument, reader, and whether it must be."""
    hints = get_type_hints(kind)
    return tuple(
        (attribute.name, attribute.alias, _reader(hints[attribute.name]), attribute.default is attrs.NOTHING)
        for attribute in attrs.fields(kind)
        if attribute.init
    )


def _read_plain(kind: Any, data: Any) -> Any:
    return data if type(data) is kind else _read_leaf(kind, data)


def _read_leaf(kind: Any, data: Any) -> Any:
    try:
        if issubclass(kind, DatasetName):
            name = DatasetName.parse(_expect(data, str, _words(kind)))
            return _expect(name, kind, _words(kind))
        if kind is datetime:
            return datetime.fromisoformat(_expect(data, str, _words(kind)))
        if issubclass(kind, PurePath):
            return kind(_expect(data, str, "a path"))
        if issubclass(kind, Enum):
            return kind(_expect(data, str | int, _words(kind)))
        if kind in (int, float) and _is_number(data) and (kind is float or data % 1 == 0):
            return kind(data)
    except _Misfit:
        raise
    except (ValueError, OverflowError) as error:
        raise _wrong(_words(kind), data) from error
    return _expect(data, kind, _words(kind))


def _is_number(data: object) -> bool:
    is_real = isinstance(data, int) or (isinstance(data, float) and math.isfinite(data))
    return is_real and not isinstance(data, bool)


def _expect(data: Any, kind: Any, words: str) -> Any:
    is_wrong_number = isinstance(data, float) and not math.isfinite(data)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool) or is_wrong_number:
        raise _wrong(words, data)
    return data


def _words(kind: Any) -> str:
    """Say in words what a type expects."""
    if isinstance(kind, type) and issubclass(kind, DatasetName):
        return "a dataset's name"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    return _WORDS.get(kind, "an object" if attrs.has(kind) else "a list" if get_origin(kind) is tuple else str(kind))


def _wrong(words: str, data: object) -> _Misfit:
    return _Misfit(f"is {_shown(data)}; expected {words}.")


def _shown(data: object) -> str:
    text = repr(data)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
