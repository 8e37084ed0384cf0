"""The schema of record.json, from the types that it is written from: as tables, and as JSON Schema."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs
from numpydoc.docscrape import NumpyDocString

from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, Ipppssoot
from caldp.domain.hst.digests import VOLATILE_CARDS, HduDigest
from caldp.domain.lock.entries import LockedEngine, LockedFile, LockedProduct, LockedReference
from caldp.domain.lock.lock import SCHEMA_VERSION as LOCK_VERSION
from caldp.domain.lock.lock import Lock, lock_schema
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import SCHEMA_VERSION, RunRecord, record_schema
from caldp.domain.run.usage import ResourceUsage
from caldp_docs.markdown import code, table

_JSON: Final[dict[Any, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    datetime: "string, ISO 8601",
    AnyDataset: "string",
    Ipppssoot: "string",
    Any: "any",
    ExitCode: "integer",
}
_HEADINGS: Final[dict[type, str]] = {ResourceUsage: "usage", HduDigest: "hdu", EngineIdentity: "program"} | {
    LockedFile: "input", LockedReference: "reference", LockedEngine: "engine",
    LockedProduct: "product",
}  # fmt: skip


def schema() -> str:
    """Write a table for the record, and one for each kind of object in it."""
    return _tables(RunRecord, SCHEMA_VERSION, "##")


def lock() -> str:
    """Write a table for the lock, and one for each kind of object in it."""
    return _tables(Lock, LOCK_VERSION, "###")


def _tables(kind: type, version: int, level: str) -> str:
    row = f"| `schema` | integer | Version of this schema: {version}. |"
    inner = [f"{level} {_heading(each)}\n\n{_table(each)}" for each in dict.fromkeys(_within(kind))]
    return "\n\n".join([f"{_table(kind)}\n{row}", *inner])


def volatile_cards() -> str:
    """Write a table of the header cards that digests leave out."""
    return table(("Card", "Why"), [(code(keyword), why) for keyword, why in VOLATILE_CARDS.items()])


def json_schema() -> str:
    """Write the JSON Schema."""
    return json.dumps(record_schema(), indent=2) + "\n"


def lock_json_schema() -> str:
    """Write the JSON Schema of a lock."""
    return json.dumps(lock_schema(), indent=2) + "\n"


def _table(kind: type) -> str:
    """Write a row for each entry of the docstring; one that is missing there fails the build."""
    hints, rows = get_type_hints(kind), []
    for item in NumpyDocString(inspect.cleandoc(kind.__doc__ or ""))["Attributes"]:
        names = item.name.replace(" ", "").split(",")
        types = dict.fromkeys(_json_type(hints.pop(name)) for name in names)
        meaning = re.sub(r"\bNone\b", "null", " ".join(" ".join(item.desc).split()))
        rows.append((", ".join(map(code, names)), ", ".join(types), meaning))
    left = hints.keys() & {attribute.name for attribute in attrs.fields(kind)}
    if left:
        raise ValueError(f"{kind.__name__} does not say what {', '.join(left)} is")
    return table(("Key", "Type", "Meaning"), rows)


def _json_type(hint: Any) -> str:
    if hint in _JSON:
        return _JSON[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return " or ".join("null" if each is NoneType else _json_type(each) for each in arguments)
    if origin is tuple:
        return f"list of {_json_type(arguments[0])}"
    if origin is Mapping:
        return f"object of {_json_type(arguments[1])}"
    if issubclass(hint, Enum):
        return "one of " + ", ".join(code(str(each.value)) for each in hint)
    return f"[{_heading(hint)}](#{_heading(hint)})"


def _heading(kind: type) -> str:
    """Turn a type's name into a word: FileRecord is a file."""
    return _HEADINGS.get(kind, kind.__name__.removesuffix("Record").lower())


def _within(kind: type) -> Iterator[type]:
    """List the kinds of objects that a kind holds, and those that they hold."""
    for hint in get_type_hints(kind).values():
        yield from _objects(hint)


def _objects(hint: Any) -> Iterator[type]:
    """List the kinds of objects in a type."""
    if hint in _JSON:
        return
    if isinstance(hint, type) and attrs.has(hint):
        yield hint
        yield from _within(hint)
    for each in get_args(hint):
        yield from _objects(each)
