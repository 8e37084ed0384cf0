"""Calibrations as records tell of them: what of a record decides staleness, read without the rest.

A record has some hundred kilobytes, most of them digests; reading all of it takes several times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import define, field, frozen

from caldp.domain.errors import InvalidRecord
from caldp.domain.hst.digests import HduDigest
from caldp.domain.hst.files import HstFileName
from caldp.domain.run.plain import from_plain, parse_json
from caldp.domain.run.record import READABLE_SCHEMAS
from caldp.domain.stale.findings import Exposure
from caldp.domain.stale.selecting import EXTENSION_KEYWORDS, ROW_KEYWORDS

_UNKNOWN: Final = "UNDEFINED"
"""Value of a keyword that a header does not have, as CRDS tells it."""


@frozen
class UsedReference:
    """Reference file of a record.

    Attributes
    ----------
    keyword, name, exposures, override, size, sha256
        As in `caldp.domain.run.entries.ReferenceRecord`.
    hdus
        Digests of its HDUs, as plain data; see `digests`.
    """

    keyword: str
    name: str
    exposures: tuple[str, ...]
    override: str = ""
    size: int | None = None
    sha256: str = ""
    hdus: Any = ()

    @property
    def digests(self) -> tuple[HduDigest, ...]:
        """Digests of its HDUs; none if they are not known."""
        return from_plain(tuple[HduDigest, ...], list(self.hdus), "hdus")


@frozen
class _File:
    name: str
    switches: Mapping[str, str] = field(factory=dict)
    key: str = ""


@frozen
class _Program:
    program: str
    version: str = ""


@frozen
class _Parts:
    """Parts of a record that are read."""

    dataset: str
    status: int
    context: str = ""
    selection: Mapping[str, Mapping[str, str]] = field(factory=dict)
    inputs: tuple[_File, ...] = ()
    prepared: tuple[_File, ...] = ()
    products: tuple[_File, ...] = ()
    references: tuple[UsedReference, ...] = ()
    programs: tuple[_Program, ...] = ()
    request: Mapping[str, Any] = field(factory=dict)
    request_digest: str = ""


@define
class RecordedRun:
    """Facts that a record tells.

    Attributes
    ----------
    dataset, status, context, request, request_digest
        As in `caldp.domain.run.record.RunRecord`.
    exposures
        The raw files that references were assigned to.
    references
        The references that they used.
    programs
        Version of each engine that ran.
    raw_keys
        Keys under which raw files lie, or their names in the tarball, by file name.
    is_selected
        True if the record has the header values that CRDS matched; it has none in schema 1.
    """

    dataset: str
    status: int
    context: str
    request: Mapping[str, Any]
    request_digest: str
    exposures: tuple[Exposure, ...]
    references: tuple[UsedReference, ...]
    programs: Mapping[str, str]
    raw_keys: Mapping[str, str]
    is_selected: bool


def read_recorded(body: bytes) -> RecordedRun:
    """Read a record.

    Raises
    ------
    InvalidRecord
        If it is no record, or one of a later caldp.
    """
    data = parse_json(body.decode("utf-8", "replace"))
    if data.get("schema") not in READABLE_SCHEMAS:
        raise InvalidRecord(f"Its schema is {str(data.get('schema'))[:40]}.", advice="Read it with a later caldp.")
    parts = from_plain(_Parts, data)
    raws = sorted({name for reference in parts.references for name in reference.exposures} | parts.selection.keys())
    return RecordedRun(
        parts.dataset,
        parts.status,
        parts.context,
        parts.request,
        parts.request_digest,
        tuple(_exposure(name, parts) for name in raws),
        parts.references,
        {one.program: one.version for one in parts.programs},
        {file.name: file.key for file in parts.prepared if file.key},
        bool(parts.selection),
    )


def _exposure(name: str, parts: _Parts) -> Exposure:
    selection = parts.selection.get(name, {})
    used = {one.keyword: one.name.lower() for one in parts.references if name in one.exposures}
    switches = next((file.switches for file in parts.inputs if file.name == name), {})
    return Exposure(
        name,
        selection.get("INSTRUME", "").lower(),
        used,
        selection,
        {
            keyword: (value,)
            for keyword, value in selection.items()
            if value != _UNKNOWN and keyword in ROW_KEYWORDS and keyword not in EXTENSION_KEYWORDS
        },
        switches,
        _skipped(name, parts.products),
        is_partial=True,
    )


def _skipped(name: str, products: tuple[_File, ...]) -> frozenset[str]:
    """List the switches that came out as SKIPPED in the products of an exposure."""
    parsed = HstFileName.parse(name)
    root = parsed.root if parsed is not None else name
    own = (file for file in products if file.name.startswith(root))
    return frozenset(switch for file in own for switch, state in file.switches.items() if state == "SKIPPED")
