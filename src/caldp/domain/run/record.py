"""Record of a run: what it was and what came of it, complete enough for a machine to go on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from attrs import field, frozen

from caldp.domain.errors import InvalidRecord
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.run.entries import (
    EngineRecord,
    Failure,
    FileRecord,
    PublishedRecord,
    ReferenceRecord,
    StepRecord,
    WcsRecord,
)
from caldp.domain.run.identity import EngineIdentity, Machine
from caldp.domain.run.plain import from_plain, parse_json, to_plain
from caldp.domain.run.schema import json_schema

__all__ = [
    "READABLE_SCHEMAS", "SCHEMA_VERSION", "EngineRecord", "Failure", "FileRecord", "PublishedRecord", "ReferenceRecord",
    "RunRecord", "StepRecord", "WcsRecord", "record_schema",
]  # fmt: skip

SCHEMA_VERSION: Final = 2
"""Version of the record's JSON form: raised whenever a key changes its meaning or goes away."""
READABLE_SCHEMAS: Final = (1, SCHEMA_VERSION)
"""Versions that `RunRecord.from_json` reads. What schema 1 does not have is empty then."""


@frozen
class RunRecord:
    """All there is to say about one run.

    Attributes
    ----------
    run
        The run's id, which the message *processing* names too.
    dataset
        Its name.
    status
        Status of the run, publishing apart.
    started
        Time of its beginning, UTC.
    input, output
        Locations as the user gave them.
    profile, layout
        Names of the settings it ran under.
    request
        The request of the run, without anything secret.
    request_digest
        SHA-256 of what determines the products in the request; hexadecimal. Runs of equal requests should make equal
        products.
    job
        Id of the AWS Batch job; empty outside of Batch.
    attempt
        Number of the job's attempt, counted from 1; None outside of Batch.
    machine
        Machine that it ran on.
    context
        CRDS context that references were assigned from, empty if it did not come that far.
    crds_server
        CRDS server that the CRDS library was configured with; empty if it did not come that far.
    selection
        Header values that CRDS matched, by name of the raw file and header keyword.
    not_applicable
        Keywords of the types that CRDS has none of for an exposure, by name of the raw file.
    versions
        Of caldp, Python, and what else took part.
    packages
        Versions of all packages of the Python that caldp ran in.
    inputs
        Files read, as they were fetched; of raw files with the switches as they stood there.
    prepared
        Raw files, and other inputs that are delivered, as the run left them: with references, versions and switches
        as the engines were asked for them.
    products
        Files made and delivered, previews included; with the switches as they came out.
    scratch
        Files made by the engines and not delivered; they are not digested. In schema 1 they are among the products.
    references
        Reference files used.
    programs
        Engines that ran, each program once.
    engines, steps
        Engines and steps that ran, in order.
    environment
        The engines' environment, without anything secret.
    notes
        Remarks that are no failures, such as "nothing to calibrate".
    failures
        Failures, the decisive one first.
    objects
        All that was published, but for this record; empty until then. If anything else lies beside them, it is not this
        run's.
    """

    run: str
    dataset: AnyDataset
    status: ExitCode
    started: datetime
    input: str
    output: str
    profile: str
    layout: str
    request: Mapping[str, Any] = field(factory=dict)
    request_digest: str = ""
    job: str = ""
    attempt: int | None = None
    machine: Machine = Machine()
    context: str = ""
    crds_server: str = ""
    selection: Mapping[str, Mapping[str, str]] = field(factory=dict)
    not_applicable: Mapping[str, tuple[str, ...]] = field(factory=dict)
    versions: Mapping[str, str] = field(factory=dict)
    packages: Mapping[str, str] = field(factory=dict)
    inputs: tuple[FileRecord, ...] = ()
    prepared: tuple[FileRecord, ...] = ()
    products: tuple[FileRecord, ...] = ()
    scratch: tuple[FileRecord, ...] = ()
    references: tuple[ReferenceRecord, ...] = ()
    programs: tuple[EngineIdentity, ...] = ()
    engines: tuple[EngineRecord, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    environment: Mapping[str, str] = field(factory=dict)
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    objects: tuple[PublishedRecord, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the record as plain data, with the version of its schema."""
        return {"schema": SCHEMA_VERSION, **to_plain(self)}

    def to_json(self) -> str:
        """Write the record as JSON, with the version of its schema."""
        return json.dumps(self.to_plain(), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a record of any schema in `READABLE_SCHEMAS`.

        Raises
        ------
        InvalidRecord
            If the text is no such record; the message names what is wrong and where.
        """
        return from_plain(cls, record_data(text))


def record_data(text: str) -> dict[str, Any]:
    """Parse the JSON of a record of any schema in `READABLE_SCHEMAS`.

    Raises
    ------
    InvalidRecord
        If the text is no JSON object, or one of another schema.
    """
    data = parse_json(text)
    if "schema" not in data:
        raise InvalidRecord(
            "It is no record of a run: it has no schema.", advice="Expected a record.json that caldp wrote."
        )
    version = from_plain(int, data["schema"], "schema")
    if version not in READABLE_SCHEMAS:
        readable = " or ".join(map(str, READABLE_SCHEMAS))
        raise InvalidRecord(f"schema is {version}; expected {readable}.", advice="Read it with a later caldp.")
    return data


def record_schema() -> dict[str, Any]:
    """Make the JSON Schema of what `RunRecord.to_json` writes; further keys are allowed, later versions have some."""
    schema = json_schema(RunRecord, f"Record of a run of caldp, schema {SCHEMA_VERSION}")
    schema["properties"] = {"schema": {"const": SCHEMA_VERSION}, **schema["properties"]}
    schema["required"] = ["schema", *schema["required"]]
    return schema
