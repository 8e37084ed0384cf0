"""The part of a run's record that comparisons, locks and staleness go by: read in half the time of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from caldp.domain.hst.digests import HduDigest
from caldp.domain.run.identity import EngineIdentity, Machine
from caldp.domain.run.plain import from_plain
from caldp.domain.run.record import record_data


@frozen
class RecordedFile:
    """A file of a run.

    Attributes
    ----------
    name
        Its name, without directory.
    size
        Bytes.
    sha256
        SHA-256 of the whole file; empty if nobody looked.
    hdus
        Digests of the HDUs of a FITS file.
    switches
        Calibration switches and their states.
    key
        Key relative to the root of the output, or name inside the tarball; empty if it was not delivered.
    """

    name: str
    size: int
    sha256: str = ""
    hdus: tuple[HduDigest, ...] = ()
    switches: Mapping[str, str] = field(factory=dict)
    key: str = ""


@frozen
class RecordedReference:
    """A reference file of a run.

    Attributes
    ----------
    keyword, name
        Header keyword and file name.
    exposures
        Names of the raw files that use it.
    override
        Path of the user's own file; empty for what CRDS assigned.
    sha256
        SHA-256 of the whole file; empty if nobody looked.
    hdus
        Digests of its HDUs.
    size
        Bytes; None if nobody looked.
    """

    keyword: str
    name: str
    exposures: tuple[str, ...]
    override: str = ""
    sha256: str = ""
    hdus: tuple[HduDigest, ...] = ()
    size: int | None = None


@frozen
class RecordedRun:
    """A run, as its record tells it. The attributes are those of `caldp.domain.run.record.RunRecord`.

    Attributes
    ----------
    run, dataset, status
        Id of the run, dataset, and status.
    input
        Location of the inputs.
    request
        The request, without anything secret.
    machine
        Machine and thread settings.
    context
        CRDS context.
    selection
        Header values that CRDS matched, by name of the raw file and header keyword; none in schema 1.
    versions
        Versions of what took part.
    inputs, prepared, products
        Files read, as they were calibrated, and made.
    references
        Reference files.
    not_applicable
        Keywords of the types that an exposure has none of, by name of the raw file.
    programs
        Engines.
    environment
        The engines' environment.
    """

    run: str
    dataset: str
    status: int
    input: str = ""
    request: Mapping[str, Any] = field(factory=dict)
    machine: Machine = Machine()
    context: str = ""
    selection: Mapping[str, Mapping[str, str]] = field(factory=dict)
    versions: Mapping[str, str] = field(factory=dict)
    inputs: tuple[RecordedFile, ...] = ()
    prepared: tuple[RecordedFile, ...] = ()
    products: tuple[RecordedFile, ...] = ()
    references: tuple[RecordedReference, ...] = ()
    not_applicable: Mapping[str, tuple[str, ...]] = field(factory=dict)
    programs: tuple[EngineIdentity, ...] = ()
    environment: Mapping[str, str] = field(factory=dict)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a record of any schema that caldp reads.

        Raises
        ------
        InvalidRecord
            If the text is no such record.
        """
        return from_plain(cls, record_data(text))

    @property
    def delivered(self) -> dict[str, RecordedFile]:
        """Files that were delivered, by name: products, raw files as they were calibrated, previews."""
        return {file.name: file for file in (*self.prepared, *self.products)}
