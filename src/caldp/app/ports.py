"""What the use cases need from the outside world.

A port is a Protocol whose docstrings are the contract: every adapter, and every fake, passes the contract suite of
its port in ``tests/contracts``. Failures are raised as the errors of `caldp.domain.errors`, never as a library's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from caldp.domain.association import Association
from caldp.domain.dataset import AnyDataset
from caldp.domain.events import Event
from caldp.domain.files import FitsFacts, HeaderValue, UnreadableFits
from caldp.domain.judgement import Completion
from caldp.domain.previews import PreviewRequest
from caldp.domain.usage import ResourceUsage

Listener = Callable[[Event], None]
"""Is told what a run does while it does it; must not raise."""


class ArchiveSource(Protocol):
    """Where a dataset's inputs come from."""

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Put a dataset's inputs, and nothing else, into a directory.

        Afterwards each file is whole, uncompressed, owned by the caller and writable, and lies directly in the
        directory under its archive name in lower case. The source is unchanged. Inputs are selected by
        `caldp.domain.selection`: by association table or rootname.

        Parameters
        ----------
        dataset
            What to fetch.
        destination
            An existing, empty directory.
        tell
            Hears of progress, and of files that were passed over.

        Returns
        -------
        tuple of Path
            The files, sorted by name; at least one.

        Raises
        ------
        InputNotFound
            If there is nothing for the dataset.
        InputTarError, ArchiveError, DownloadError
            As the kind of source has it. No partial file is left that looks whole.
        """


@frozen
class StoredObject:
    """An object in a store.

    Attributes
    ----------
    key
        Relative to the store's root.
    size
        Bytes.
    crc32
        CRC-32 of what was stored, eight hexadecimal digits; empty where it was not computed.
    version
        Changes with the content, where the technology has such a thing and tells it; else empty.
    """

    key: str
    size: int
    crc32: str = field(default="", eq=False)
    version: str = field(default="", eq=False)


@frozen
class Reading:
    """A small object as it was found.

    Attributes
    ----------
    data
        Its content.
    version
        Changes with its content; for `ObjectStore.put_if`.
    age
        Seconds since it was put, by the store's own clock where it tells that.
    """

    data: bytes
    version: str
    age: float


class ObjectStore(Protocol):
    """Where products, logs and messages go: a directory or a bucket.

    Keys are relative to the store's root, with ``/`` between parts. An object appears whole or not at all, and
    replaces an earlier one of its key; when a ``put`` returns, what is stored has been verified by size (and by
    checksum where the technology has one). Failures raise `PublishError` (`UploadError` for S3).
    """

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object in one request; messages go this way. Afterwards it survives a loss of power."""

    def put_if(self, key: str, data: bytes, version: str | None) -> str:
        """Store a small object if it is still in a version that was read; of several callers one succeeds.

        Parameters
        ----------
        key, data
            Where and what. Data that are there already make the object young again.
        version
            What `read` or `put_if` told; None if there must be no such object.

        Returns
        -------
        str
            The new version.

        Raises
        ------
        KeyTaken
            If the object is another one, or there is none where there should be, or one where there should be none.
        ConditionsUnknown
            If the store has no such requests.
        """

    def read(self, key: str) -> Reading | None:
        """Return a small object with its version and age, or None if there is none."""

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> StoredObject:
        """Store a file.

        Parameters
        ----------
        key
            Where.
        path
            A file, which is unchanged unless it may be consumed.
        consume
            The caller does not need the file any more: it may be moved instead of copied.
        """

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Store what an iterator yields, in memory that does not grow with its length.

        If the iterator raises, nothing is stored and its error passes through.
        """

    def settle(self, prefix: str) -> None:
        """Return when all that is stored below a prefix survives a loss of power."""

    def replace(self, staged: str, prefix: str, unsettle: Callable[[], None]) -> None:
        """Put what lies below one prefix in the place of what lies below another, which then holds nothing else.

        Parameters
        ----------
        staged, prefix
            Both end with a slash; neither holds the other. Afterwards what is below ``staged`` is of no use.
        unsettle
            Called once before the first change if the technology cannot make it in one step: from then on, until
            this returns, files of both may lie together. If it raises, nothing is changed. A call that was broken off
            after it may be repeated, and ends as if it had not been.
        """

    def get_bytes(self, key: str) -> bytes | None:
        """Return a small object, or None if there is none."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose keys begin with a prefix, in order of their keys."""

    def delete(self, key: str) -> None:
        """Remove an object; that there is none is no error."""

    def locate(self, key: str) -> str:
        """Return an object's full address for people and messages, such as ``s3://bucket/prefix/key``."""


class Packer(Protocol):
    """Packs files into one stream, a ``.tar.gz`` that every tar and gzip can read."""

    def pack(self, members: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
        """Yield the tarball piece by piece, in memory that does not grow with its length.

        Parameters
        ----------
        members
            Name inside the tarball and path of each file, in order.

        Raises
        ------
        PublishError
            If a file cannot be read, or changes while it is.
        """


@frozen
class ReferenceFile:
    """A reference file that CRDS assigned to an exposure.

    Attributes
    ----------
    keyword
        Header keyword in upper case.
    name
        File name.
    path
        Where it lies.
    exposures
        Names of the raw files whose headers name it.
    """

    keyword: str
    name: str
    path: Path
    exposures: tuple[str, ...]


@frozen
class Assignment:
    """What CRDS assigned: the context it went by, and every reference file."""

    context: str
    references: tuple[ReferenceFile, ...]


class ReferenceFileService(Protocol):
    """The Calibration Reference Data System."""

    def prepare(self) -> None:
        """Begin whatever takes time and needs no exposures; returns at once. May be left out."""

    def close(self) -> None:
        """Let go of whatever `prepare` began; may be called at any time, more than once."""

    def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
        """Write the best reference files into the headers of raw exposures.

        Afterwards each header names a reference, or N/A, for each type that CRDS knows for it, as ``jref$name``,
        and every named file exists at the path that is returned.

        Parameters
        ----------
        raws
            Raw exposures; their headers are changed.
        tell
            Hears what CRDS logs, and of downloads.

        Raises
        ------
        BestrefsError
            If the cache or context is missing, an exposure cannot be matched, or a reference is not to be had.
        """


@frozen
class EngineCall:
    """A program to be run.

    Attributes
    ----------
    argv
        Program and arguments.
    directory
        Its working directory.
    environment
        Its whole environment.
    timeout
        Seconds after which it is ended, or None.
    """

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    timeout: float | None = None


@frozen
class EngineResult:
    """How a program ended.

    Attributes
    ----------
    completion
        Its status or signal.
    usage
        What it used as the kernel measured it.
    tail
        The last lines it wrote.
    oom_kills
        How many processes the kernel killed meanwhile for lack of memory, None if that cannot be known.
    memory_limit
        How much memory it might use; bytes, None if there is no limit or it cannot be known.
    """

    completion: Completion
    usage: ResourceUsage
    tail: tuple[str, ...] = field(default=())
    oom_kills: int | None = None
    memory_limit: int | None = None


class MemoryWatch(Protocol):
    """What the kernel says of the memory of this process and its children together."""

    def oom_kills(self) -> int | None:
        """Count the processes that it has killed so far for lack of memory; None if that cannot be known."""

    def limit(self) -> int | None:
        """Return how much memory they may use together; bytes, None if there is no limit or it cannot be known."""


class CalibrationRunner(Protocol):
    """Runs calibration programs."""

    def locate(self, program: str, environment: Mapping[str, str]) -> Path:
        """Find a program on the PATH of an environment.

        Raises
        ------
        EngineNotFound
            If it is not installed.
        """

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        """Run a program to its end.

        Its output, standard error included, is told line by line as `EngineLine`. If the caller is interrupted
        or the time is up, the program and all its children are ended before this returns or raises.

        Raises
        ------
        EngineNotFound
            If it is not installed.
        """


class FitsFiles(Protocol):
    """Reads and edits the headers of FITS files."""

    def facts(self, path: Path, *, science: bool = False) -> FitsFacts | UnreadableFits:
        """Read all headers of a file and check that it is whole: no header or data is cut off.

        Parameters
        ----------
        path
            The file.
        science
            Whether to look at the pixels of SCI images, and at the columns WAVELENGTH, FLUX and NET of tables, too:
            whether they differ. Reading stops at the first two finite values that do.
        """

    def association(self, path: Path) -> Association:
        """Read an association table.

        Raises
        ------
        InvalidInput
            If the file is not a readable association table.
        """

    def set_keywords(self, path: Path, keywords: Mapping[str, HeaderValue]) -> None:
        """Set keywords of the primary header.

        Raises
        ------
        InvalidInput
            If the file is not a readable FITS file.
        """


@frozen
class Drawing:
    """What came of drawing a product.

    Attributes
    ----------
    files
        The pictures, full size first; none if the product cannot be drawn.
    reason
        Why it cannot be drawn: one sentence, empty if it was.
    """

    files: tuple[Path, ...] = ()
    reason: str = ""


class PreviewRenderer(Protocol):
    """Draws the previews of products."""

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw a product at full size and as a thumbnail.

        May be called from several threads at once. Each picture appears whole or not at all, and replaces an
        earlier one of its name; the product is unchanged. That a file holds nothing to draw (an empty or constant
        image of zeros, a table where an image is expected) is no failure: the drawing says so.

        Parameters
        ----------
        request
            What to draw.
        directory
            An existing directory for the pictures.

        Raises
        ------
        PreviewError
            If the product cannot be read or the pictures cannot be written.
        MemoryError, OSError
            If memory runs out (of the latter only ENOMEM).
        """
