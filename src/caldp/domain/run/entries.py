"""The entries of a run's record: files, references, engines, steps, objects, failures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.digests import HduDigest
from caldp.domain.output.layout import Category
from caldp.domain.run.events import Step
from caldp.domain.run.usage import ResourceUsage


@frozen
class WcsRecord:
    """Astrometric solution of one extension of a FITS file.

    Attributes
    ----------
    extension
        EXTNAME and EXTVER, such as ``SCI,1``.
    name
        WCSNAME, such as ``IDC_0461802ej-FIT_IMG_GAIAeDR3``.
    type
        WCSTYPE, the solution in words; empty where the header has none.
    """

    extension: str
    name: str
    type: str = ""


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
        Category under which it is delivered; None if it is not delivered.
    switches
        Calibration switches of a FITS file and their states.
    sha256
        SHA-256 of the whole file; hexadecimal. Empty if nobody looked: for scratch, and after a stop.
    hdus
        Digests of the HDUs of a FITS file; none if nobody looked, or the file is damaged.
    wcs
        Astrometric solutions of a FITS file, of each extension that has one.
    key
        Key that it was delivered under, relative to the root of the output; where products are packed into one
        object, its name inside of that. Empty if it was not delivered.
    """

    name: str
    size: int
    category: Category | None = None
    switches: Mapping[str, str] = field(factory=dict)
    sha256: str = ""
    hdus: tuple[HduDigest, ...] = ()
    wcs: tuple[WcsRecord, ...] = ()
    key: str = ""


@frozen
class ReferenceRecord:
    """A reference file that a run used.

    Attributes
    ----------
    keyword
        Header keyword, such as ``FLATFILE``.
    name
        File name, such as ``x6f2041ql_flat.fits``.
    exposures
        Names of the raw files that use it.
    override
        Path of the user's own file that stood in the place of what CRDS assigns; empty for what CRDS assigned.
    size
        Bytes; None if nobody looked.
    sha256
        SHA-256 of the whole file; hexadecimal, empty if nobody looked.
    hdus
        Digests of the HDUs of a FITS file.
    """

    keyword: str
    name: str
    exposures: tuple[str, ...]
    override: str = ""
    size: int | None = None
    sha256: str = ""
    hdus: tuple[HduDigest, ...] = ()


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
        Exit status, or number of the signal that ended it; one of them is None.
    usage
        As the kernel measured it.
    problems
        Work that it should have done and did not; empty if it did its job.
    is_warm
        True if its libraries had been imported before it started (`warm_engines`); `usage` leaves their import out.
    """

    stage: Stage
    argv: tuple[str, ...]
    status: int | None
    signal: int | None
    usage: ResourceUsage
    problems: tuple[str, ...] = ()
    is_warm: bool = False


@frozen
class StepRecord:
    """One step of a run.

    Attributes
    ----------
    step
        Name of the step.
    started
        Time of its beginning, UTC.
    usage
        Time and memory that it took, those of its engines and other processes included.
    status
        Status of the step.
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
    """Failure of a run.

    Attributes
    ----------
    status
        Status that it gives the run, if no worse failure went before.
    step
        Step that failed; None before the first step.
    message, advice
        Cause of the failure, and the user's next step.
    """

    status: ExitCode
    message: str
    advice: str = ""
    step: Step | None = None
