"""JSON Schema of values, by the types that they are declared with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

from caldp.domain.hst.dataset import DatasetName

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_LEAVES: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
}


def json_schema(kind: type, title: str) -> dict[str, Any]:
    """Derive the JSON Schema of a class of attrs.

    Every attribute is required, since `caldp.domain.run.plain.to_plain` writes them all; further keys are allowed.

    Parameters
    ----------
    kind
        The class.
    title
        Title of the schema.
    """
    definitions: dict[str, Any] = {}
    body = _object(kind, definitions)
    return {"$schema": DIALECT, "title": title, **body, "$defs": dict(sorted(definitions.items()))}


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = [attribute.name for attribute in attrs.fields(kind)]
    return {
        "type": "object",
        "properties": {name: _of(hints[name], definitions) for name in names},
        "required": names,
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return {}
    if origin in (UnionType, Union):
        choices = [_of(each, definitions) for each in arguments]
        unique = [choice for number, choice in enumerate(choices) if choice not in choices[:number]]
        return unique[0] if len(unique) == 1 else {"anyOf": unique}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(arguments[1], definitions)}
    return _leaf(kind) or _reference(kind, definitions)


def _leaf(kind: Any) -> dict[str, Any]:
    """Describe a type that is no object; nothing for a class of attrs."""
    if kind in _LEAVES:
        return _LEAVES[kind]
    if issubclass(kind, DatasetName | PurePath):
        return {"type": "string"}
    return {"enum": [member.value for member in kind]} if issubclass(kind, Enum) else {}


def _reference(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # a place for a type that holds itself
        definitions[name] = _object(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}
