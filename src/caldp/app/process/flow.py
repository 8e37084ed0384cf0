"""Values that a run hands from step to step, one frozen type an arrow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.app.calibration.signature import Signature
from caldp.app.ports.object_store import ObjectStore
from caldp.app.ports.packer import Packer
from caldp.app.scratch.ownership import Claim
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.plan import Observation
from caldp.domain.output.layout import Category, Layout
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import EngineRecord, Failure, FileRecord


@frozen
class WorkDirectory:
    """A run's own scratch directory; every run has another.

    Attributes
    ----------
    root
        The directory itself.
    claim
        The run's hold on it; None where nobody else could take it for a leftover.
    """

    root: Path
    claim: Claim | None = field(default=None, eq=False, repr=False)

    @property
    def data(self) -> Path:
        """Inputs and products: the engines' working directory."""
        return self.root / "data"

    @property
    def references(self) -> Path:
        """Links to the assigned reference files. The name is short: HSTCAL takes paths of 255 characters at most."""
        return self.root / "ref"

    @property
    def previews(self) -> Path:
        """Preview images."""
        return self.root / "previews"

    @property
    def logs(self) -> Path:
        """Logs, metrics and the record."""
        return self.root / "logs"


@frozen
class FetchedInputs:
    """A dataset's inputs in the work directory.

    Attributes
    ----------
    observation
        Facts from their names and headers.
    files
        The files, by name.
    records
        The files as they were fetched: the run edits some of them, and engines rewrite others.
    """

    observation: Observation
    files: Mapping[str, Path]
    records: tuple[FileRecord, ...] = ()


@frozen
class ReferencedInputs:
    """Inputs whose headers name the best reference files.

    Attributes
    ----------
    inputs
        The inputs; `observation` is as before calibration.
    assignment
        References that CRDS assigned.
    environment
        The engines' whole environment, in which the reference variables point at the links.
    """

    inputs: FetchedInputs
    assignment: Assignment
    environment: Mapping[str, str]


@frozen
class CalibrationResult:
    """Products and engine runs of the calibration.

    Attributes
    ----------
    engines
        Each run of an engine, in order.
    products
        The files that the engines made, by name, with what their headers say where they are FITS files.
    notes
        Remarks that are no failures, such as "nothing to calibrate".
    failure
        The failure, or None. Files made until then are in `products` all the same.
    judged
        Signatures of all files in the work directory when they were judged; None if the job was not done.
    programs
        The engines, each program once.
    """

    engines: tuple[EngineRecord, ...]
    products: tuple[FileRecord, ...]
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
    judged: Mapping[str, Signature] | None = None
    programs: tuple[EngineIdentity, ...] = ()


@frozen
class PreviewSet:
    """The previews that were drawn.

    Attributes
    ----------
    files
        Preview files.
    notes
        Files that cannot have a preview, and why.
    failures
        One for each product whose preview should have been drawn and was not.
    """

    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@frozen
class DeliveredFile:
    """A file that is to be published.

    Attributes
    ----------
    path
        Path of the file; it is published under its name.
    category
        Kind of the file.
    judged
        Its signature when it was judged, which it must still have when it is published; None if nothing was judged.
    """

    path: Path
    category: Category
    judged: Signature | None = None


@frozen
class ProductSet:
    """All that is to be published of a run, logs apart.

    Attributes
    ----------
    files
        Products, raw files, previews and the environment file, sorted by category and name.
    changed
        Names of files that were written, removed or made after they had been judged: then this is no result.
    """

    files: tuple[DeliveredFile, ...] = ()
    changed: tuple[str, ...] = ()


@frozen
class Destination:
    """Store, layout and packer of an output."""

    store: ObjectStore
    layout: Layout
    packer: Packer
