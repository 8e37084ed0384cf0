"""Files of a batch in an output: their keys, and what is in them.

Everything lies below ``batches/<batch>/``. ``batch.json`` and ``manifest/`` never change; each driver writes a journal
of its own; ``driver`` is the claim of the one that is at work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Self

import attrs
from attrs import evolve, frozen

from caldp.domain.batch.manifest import Entry
from caldp.domain.errors import InvalidRecord, InvalidSetting
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.location import parse_input
from caldp.domain.run.plain import from_plain, parse_json
from caldp.domain.run.request import RunRequest
from caldp.domain.run.setting_values import convert
from caldp.domain.run.settings import Settings, describe

BATCHES: Final = "batches/"
"""Prefix of the files of batches in every layout."""
SCHEMA_VERSION: Final = 1
PART: Final = 10_000
"""Datasets in a part of the manifest: as many as an AWS Batch array holds."""
_ID: Final = 12  # hexadecimal digits
NEED_DRIVER: Final = ("local", "parsl")
"""Engines whose jobs end with their driver."""


@frozen
class BatchPlace:
    """Keys of a batch's files.

    Attributes
    ----------
    batch
        The batch's id.
    """

    batch: str

    @property
    def prefix(self) -> str:
        """Prefix of all files of the batch."""
        return f"{BATCHES}{self.batch}/"

    @property
    def head(self) -> str:
        """Key of the batch's description."""
        return f"{self.prefix}batch.json"

    def part(self, number: int) -> str:
        """Return the key of a part of the manifest, counted from 0."""
        return f"{self.prefix}manifest/{number:04d}.jsonl"

    @property
    def driver(self) -> str:
        """Key of the claim of the driver that is at work."""
        return f"{self.prefix}driver"

    @property
    def cancelled(self) -> str:
        """Key of the request to cancel the batch."""
        return f"{self.prefix}cancelled"

    def word(self, driver: str) -> str:
        """Return the key of a driver's word to its jobs."""
        return f"{self.prefix}words/{driver}"

    @property
    def drivers(self) -> str:
        """Key of the list of drivers that have written journals, by which these are found without a listing."""
        return f"{self.prefix}drivers"

    def journal(self, driver: str, number: int) -> str:
        """Return the key of a part of a driver's journal, counted from 0."""
        return f"{self.prefix}journal/{driver}.{number:05d}.jsonl"

    @property
    def launches(self) -> str:
        """Prefix of the arrays that were to be submitted."""
        return f"{self.prefix}launches/"


@frozen
class BatchHead:
    """Description of a batch.

    Attributes
    ----------
    batch
        Id: equal batches have equal ids.
    created
        Time at which it was made; ISO 8601, UTC.
    common
        Request of its first dataset, with the settings that all have; plain data, without credentials.
    total
        Number of datasets.
    caldp
        Version of caldp that made it.
    engine
        Engine that it was made for.
    """

    batch: str
    created: str
    common: Mapping[str, Any]
    total: int
    caldp: str = ""
    engine: str = "local"

    @property
    def needs_driver(self) -> bool:
        """True if its jobs end with their driver."""
        return self.engine in NEED_DRIVER

    def to_json(self) -> str:
        """Write the description as JSON."""
        return json.dumps({"schema": SCHEMA_VERSION, **attrs.asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a description.

        Raises
        ------
        InvalidRecord
            If the text is none.
        """
        data = parse_json(text)
        if data.get("schema") != SCHEMA_VERSION:
            raise InvalidRecord(
                f"Its schema is {str(data.get('schema'))[:80]!r}; expected {SCHEMA_VERSION}.",
                advice="Read it with a later caldp.",
            )
        return from_plain(cls, data)

    @property
    def request(self) -> RunRequest:
        """Request of the first dataset.

        Raises
        ------
        InvalidRecord
            If it cannot be read.
        """
        return RunRequest.from_plain(self.common)


def batch_id(common: RunRequest, entries: Sequence[Entry]) -> str:
    """Return the id of a batch: the same for the same datasets, settings, input and output."""
    plain = {**common.determinants, "dataset": "", "target": str(common.target), "layout": common.settings.layout.value}
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for line in sorted(map(entry_line, entries)):
        digest.update(line.encode())
    return digest.hexdigest()[:_ID]


def entry_line(entry: Entry) -> str:
    """Write an entry as a line of the manifest's file."""
    own: dict[str, Any] = {"dataset": entry.dataset}
    if entry.input:
        own["input"] = entry.input
    if entry.settings:
        own["settings"] = dict(entry.settings)
    return json.dumps(own, separators=(",", ":"))


def read_entry(line: str) -> Entry:
    """Read a line of the manifest's file.

    Raises
    ------
    InvalidRecord
        If it is none.
    """
    data = parse_json(line)
    own = from_plain(dict[str, str], data.get("settings", {}), "settings") if "settings" in data else {}
    return Entry(from_plain(str, data.get("dataset"), "dataset"), input=str(data.get("input", "")), settings=own)


def parts(entries: Sequence[Entry]) -> Iterator[str]:
    """Write the manifest's files, part by part."""
    for start in range(0, len(entries), PART):
        yield "".join(f"{entry_line(entry)}\n" for entry in entries[start : start + PART])


def read_entries(texts: Iterable[str]) -> Iterator[Entry]:
    """Read the manifest's files, given part by part."""
    for text in texts:
        yield from map(read_entry, text.splitlines())


def request_of(common: RunRequest, entry: Entry) -> RunRequest:
    """Make the request of one dataset of a batch.

    Parameters
    ----------
    common
        Request of any dataset of the batch, with the settings that all have.
    entry
        The dataset, with the input and settings that are its own.

    Raises
    ------
    InvalidSetting
        If a setting has a wrong value.
    """
    source = parse_input(entry.input) if entry.input else common.source
    settings = own_settings(common.settings, entry.settings) if entry.settings else common.settings
    return evolve(common, dataset=DatasetName.parse(entry.dataset), source=source, settings=settings)


def own_settings(common: Settings, own: Mapping[str, str]) -> Settings:
    """Return settings with some of them replaced by what a manifest says.

    Raises
    ------
    InvalidSetting
        If a value is of the wrong type.
    """
    types = {setting.name: setting.type for setting in describe()}
    values: dict[str, Any] = {}
    for name, value in own.items():
        try:
            values[name] = convert(types[name], value)
        except ValueError as error:
            raise InvalidSetting(f"{name} is {value[:80]!r}.", advice=f"Expected {error}.") from error
    return evolve(common, **values)
