"""What a run was and what came of it, complete enough for a machine to go on from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

import attrs
from attrs import field, frozen

from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category
from caldp.domain.run.events import Step
from caldp.domain.run.usage import ResourceUsage

SCHEMA_VERSION: Final = 1
"""Version of the record's JSON form: raised whenever a key changes its meaning or goes away."""


@frozen
class FileRecord:
    """A file that a run read or made.

    Attributes
    ----------
    name
        Its name, without directory.
    size
        Bytes.
    category
        What it is among what is published; None for what calibration reads or makes.
    switches
        Calibration switches and their states, for FITS products.
    """

    name: str
    size: int
    category: Category | None = None
    switches: Mapping[str, str] = field(factory=dict)


@frozen
class ReferenceRecord:
    """A reference file that CRDS assigned.

    Attributes
    ----------
    keyword
        Header keyword, such as ``FLATFILE``.
    name
        File name, such as ``x6f2041ql_flat.fits``.
    exposures
        Names of the raw files that use it.
    """

    keyword: str
    name: str
    exposures: tuple[str, ...]


@frozen
class EngineRecord:
    """One run of an engine.

    Attributes
    ----------
    stage
        The part of calibration that it belongs to.
    argv
        Program and arguments.
    status, signal
        How it ended: one of them is None.
    usage
        As the kernel measured it.
    problems
        What it should have done and did not; empty if it did its job.
    """

    stage: Stage
    argv: tuple[str, ...]
    status: int | None
    signal: int | None
    usage: ResourceUsage
    problems: tuple[str, ...] = ()


@frozen
class StepRecord:
    """One step of a run.

    Attributes
    ----------
    step
        Which.
    started
        When it began, UTC.
    usage
        What it took, the engines and other processes of the step included.
    status
        What it is worth.
    """

    step: Step
    started: datetime
    usage: ResourceUsage
    status: ExitCode


@frozen
class PublishedRecord:
    """An object that a run has published.

    Attributes
    ----------
    key
        Relative to the root of the output.
    size
        Bytes.
    crc32
        CRC-32 of its content, eight hexadecimal digits; empty if it was moved and not read.
    """

    key: str
    size: int
    crc32: str = ""


@frozen
class Failure:
    """Why a run ended badly.

    Attributes
    ----------
    status
        What it makes the run worth, if nothing worse went before.
    step
        Where; None before the first step.
    message, advice
        What went wrong and what to do about it.
    """

    status: ExitCode
    message: str
    advice: str = ""
    step: Step | None = None


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
        What the run is worth, publishing apart.
    started
        When it began, UTC.
    input, output
        Locations as the user gave them.
    profile, layout
        Names of the settings it ran under.
    context
        CRDS context that references were assigned from, empty if it did not come that far.
    versions
        Of caldp, Python, and what else took part.
    inputs, products
        Files read, and files made, previews included.
    references
        Reference files used.
    engines, steps
        What ran, in order.
    environment
        The engines' environment, without anything secret.
    notes
        What is worth knowing and was no failure, such as "nothing to calibrate".
    failures
        What went wrong, the decisive one first.
    objects
        All that was published, but for this record; empty until then. If anything else lies beside them, it is not this
        run's.
    """

    run: str
    dataset: DatasetName
    status: ExitCode
    started: datetime
    input: str
    output: str
    profile: str
    layout: str
    context: str = ""
    versions: Mapping[str, str] = field(factory=dict)
    inputs: tuple[FileRecord, ...] = ()
    products: tuple[FileRecord, ...] = ()
    references: tuple[ReferenceRecord, ...] = ()
    engines: tuple[EngineRecord, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    environment: Mapping[str, str] = field(factory=dict)
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    objects: tuple[PublishedRecord, ...] = ()

    def to_json(self) -> str:
        """Write the record as JSON, with the version of its schema."""
        body = attrs.asdict(self, value_serializer=_plain)
        return json.dumps({"schema": SCHEMA_VERSION, **body}, indent=2, default=_plain_leaf) + "\n"


def _plain(_owner: object, _attribute: object, value: Any) -> Any:
    return _plain_leaf(value) if isinstance(value, Enum | datetime | PurePath | DatasetName) else value


def _plain_leaf(value: object) -> object:
    if isinstance(value, ExitCode):
        return int(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
