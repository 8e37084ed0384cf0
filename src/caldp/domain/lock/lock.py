"""Lock of a run: inputs and references by name and SHA-256, switches, engines, variables, expected digests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

import attrs
from attrs import field, frozen

from caldp.domain.errors import InvalidLock, InvalidRecord
from caldp.domain.hst.dataset import Ipppssoot
from caldp.domain.lock.entries import (
    LockedEngine,
    LockedFile,
    LockedProduct,
    LockedReference,
    is_lockable,
    is_plain,
    is_type_of_reference,
    is_version,
)
from caldp.domain.run.plain import from_plain, parse_json, to_plain
from caldp.domain.run.schema import json_schema
from caldp.domain.run.setting_values import Value, convert
from caldp.domain.run.settings import Settings, describe

SCHEMA_VERSION: Final = 1
"""Version of the lock's JSON form: raised whenever a key changes its meaning or goes away."""

LOCKED_SETTINGS: Final = (
    "previews", "csys_ver", "awsdpver", "awsysver", "astrometry", "switches", "members", "omitted_reads",
)  # fmt: skip
"""Settings that determine products and are not told by inputs, references and variables. Wishes for tables are: their
private copies are references of the user's own."""

_ADVICE: Final = "Expected a lock that caldp has written: make it again with caldp lock."


@frozen
class Lock:
    """Lock of a run. It holds no path and no credential.

    Attributes
    ----------
    dataset
        The dataset.
    context
        CRDS context that the references were assigned from; a replay does not look it up.
    settings
        Settings that determine products, by name.
    variables
        Variables that steer the engines, thread settings among them, by name.
    inputs
        Files fetched, by name.
    references
        Reference files, by keyword and name.
    switches
        Calibration switches of each raw file, as the engines were asked for them.
    engines
        Engines, by program.
    versions
        Versions of caldp, Python and packages that took part.
    products
        FITS files made, by name.
    not_applicable
        Keywords of the types that a raw file has no reference of, by its name; its header says N/A.
    """

    dataset: Ipppssoot
    context: str
    settings: Mapping[str, Any]
    variables: Mapping[str, str]
    inputs: tuple[LockedFile, ...]
    references: tuple[LockedReference, ...]
    switches: Mapping[str, Mapping[str, str]]
    engines: tuple[LockedEngine, ...]
    versions: Mapping[str, str]
    products: tuple[LockedProduct, ...]
    not_applicable: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for problem in self._problems():
            raise ValueError(problem)

    def _problems(self) -> Iterator[str]:
        for names, what in (
            ([one.name for one in self.inputs], "input"),
            ([one.name for one in self.products], "product"),
            ([one.program for one in self.engines], "engine"),
        ):
            yield from (f"{name} is twice among the {what}s" for name in sorted(set(names)) if names.count(name) > 1)
        digests: dict[str, str] = {}
        for reference in self.references:
            if digests.setdefault(reference.name, reference.sha256) != reference.sha256:
                yield f"{reference.name} has two digests"
            strangers = {*reference.exposures} - {one.name for one in self.inputs}
            yield from (f"{reference.keyword} is of {name[:80]!r}, which is no input" for name in sorted(strangers))
        for raw, keywords in self.not_applicable.items():
            ours = {one.keyword for one in self.references if raw in one.exposures}
            yield from (
                f"{keyword[:80]!r} of {raw[:80]!r} is no type of reference file that it can lack"
                for keyword in keywords
                if keyword in ours or not is_type_of_reference(keyword)
            )
        if not (self.inputs and self.engines):
            yield "it has no inputs or no engines"
        yield from (f"there is no setting {name[:80]!r}" for name in self.settings.keys() - {*LOCKED_SETTINGS})
        if self.context and not is_plain(self.context):
            yield f"the context is {self.context[:80]!r}"
        for name, value in self.versions.items():
            if not is_version(value):
                yield f"the version of {name[:80]!r} is {value[:80]!r}"
        for name, value in self.variables.items():
            if not is_lockable(name, value):
                yield f"{name[:80]}={value[:80]} is not a variable that a lock may set"

    def to_plain(self) -> dict[str, Any]:
        """Return the lock as plain data, with the version of its schema."""
        return {"schema": SCHEMA_VERSION, **to_plain(self)}

    def to_json(self) -> str:
        """Write the lock as JSON: keys in order, a line for each value, so that two locks can be compared by lines."""
        return json.dumps(self.to_plain(), indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a lock.

        Raises
        ------
        InvalidLock
            If the text is no lock, or one that cannot have been made of a record.
        """
        try:
            data = parse_json(text)
            if data.get("schema") != SCHEMA_VERSION or "inputs" not in data or "context" not in data:
                raise InvalidLock(
                    f"It is no lock of schema {SCHEMA_VERSION}.", advice="Expected a file that caldp lock has written."
                )
            return from_plain(cls, data)
        except InvalidRecord as error:
            raise InvalidLock(error.message, advice=_ADVICE) from error

    def apply(self, settings: Settings) -> Settings:
        """Return settings under which a run repeats the locked one.

        Raises
        ------
        InvalidLock
            If a value is of the wrong type.
        """
        types = {setting.name: setting.type for setting in describe()}
        try:
            values = {name: convert(types[name], _value(value)) for name, value in self.settings.items()}
        except ValueError as error:
            raise InvalidLock(f"A setting cannot be read: expected {error}.", advice=_ADVICE) from error
        return attrs.evolve(settings, **values)


def _value(value: object) -> Value:
    if isinstance(value, str | bool | int | float | Mapping):
        return value
    raise ValueError("a text, a number, true or false, or a table of texts")


def lock_schema() -> dict[str, Any]:
    """Make the JSON Schema of what `Lock.to_json` writes."""
    schema = json_schema(Lock, f"Lock of a run of caldp, schema {SCHEMA_VERSION}")
    schema["properties"] = {"schema": {"const": SCHEMA_VERSION}, **schema["properties"]}
    schema["required"] = ["schema", *schema["required"]]
    return schema
