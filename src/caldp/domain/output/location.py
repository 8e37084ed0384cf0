"""Locations of inputs and outputs: the one place that knows URI schemes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import ClassVar, Final, Literal, Self

from attrs import evolve, frozen

from caldp.domain.errors import InvalidLocation
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import is_dataset_name


class _Location:
    """Answers that most locations give."""

    is_simulated: ClassVar[bool] = False
    """True if observations are simulated there on request, with references of their own."""
    is_here: ClassVar[bool] = False
    """True if its files lie on this machine before a run asks for them."""
    bucket: str = ""
    """The bucket of an S3 location; empty for others."""
    prefix: str = ""
    """The prefix of its keys in the bucket."""
    fetch_code: ClassVar[ExitCode] = ExitCode.INPUT_TAR_FILE_ERROR
    """The status of a run whose inputs cannot be fetched from it."""
    publish_code: ClassVar[ExitCode] = ExitCode.GENERIC_ERROR
    """The status of a run whose products cannot be published in it."""

    @property
    def local_paths(self) -> tuple[str, ...]:
        """Paths of this machine that it names, as they were written."""
        return ()


@frozen
class _LocalLocation(_Location):
    """A place of this machine."""

    path: str

    @property
    def local_paths(self) -> tuple[str, ...]:
        """The path."""
        return (self.path,)

    def absolute(self, resolve: Callable[[str], str]) -> Self:
        """Return the location with its path made absolute by a function that does so."""
        return evolve(self, path=resolve(self.path))


@frozen
class FileLocation(_LocalLocation):
    """A directory of this machine (as input also a tarball); ``file:PATH``."""

    is_simulated: ClassVar[Literal[False]] = False
    is_here = True

    def __str__(self) -> str:
        return f"file:{self.path}"


@frozen
class S3Location(_Location):
    """A bucket and a key prefix without slashes at its ends; ``s3://bucket[/prefix]``."""

    is_simulated: ClassVar[Literal[False]] = False
    fetch_code = ExitCode.S3_DOWNLOAD_ERROR
    publish_code = ExitCode.S3_UPLOAD_ERROR
    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")

    def absolute(self, _resolve: Callable[[str], str]) -> S3Location:
        """Return the location itself, which is the same from everywhere."""
        return self


@frozen
class MastLocation(_Location):
    """The MAST archive; ``astroquery:``, with the place of the HAP poller file for visits and sky cells."""

    is_simulated: ClassVar[Literal[False]] = False
    fetch_code = ExitCode.ASTROQUERY_ERROR
    poller: FileLocation | S3Location | None = None

    def __str__(self) -> str:
        return "astroquery:" + "".join(self.local_paths or (str(self.poller or ""),))

    @property
    def local_paths(self) -> tuple[str, ...]:
        """The path of the poller file, if that is on this machine."""
        return self.poller.local_paths if self.poller else ()

    def absolute(self, resolve: Callable[[str], str]) -> MastLocation:
        """Return the location with the path of a poller file made absolute."""
        return MastLocation(self.poller and self.poller.absolute(resolve))


@frozen
class SimulatedLocation(_LocalLocation):
    """A directory for observations that are simulated on the spot, with their CRDS cache; ``simulated:PATH``."""

    is_simulated: ClassVar[Literal[True]] = True

    def __str__(self) -> str:
        return f"simulated:{self.path}"


@frozen
class Nowhere(_Location):
    """Nothing is published; ``none``."""

    def __str__(self) -> str:
        return "none"

    def absolute(self, _resolve: Callable[[str], str]) -> Nowhere:
        """Return the location itself."""
        return self


InputLocation = FileLocation | S3Location | MastLocation | SimulatedLocation
OutputLocation = FileLocation | S3Location | Nowhere

_Role = Literal["input", "output"]
_EXPECTED: Final[dict[_Role, str]] = {
    "input": "a directory, file:PATH, astroquery: or s3://bucket/prefix",
    "output": "a directory, file:PATH, s3://bucket/prefix or none",
}
_SCHEMES: Final[dict[str, str]] = {
    "file": "file:PATH",
    "s3": "s3://bucket/prefix",
    "astroquery": "astroquery:",
    "mast": "astroquery:",
    "simulated": "simulated:PATH",
}
"""Schemes. A text that begins as one of them, without its colon, is more likely a slip than a directory."""
_EXPLICIT_PATH: Final = ("/", "./", "../", "~")
# S3's own rule: 3-63 lower-case letters, digits, dots and hyphens; a letter or digit at both ends.
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def parse_input(place: str | PurePath) -> InputLocation:
    """Read the location of inputs.

    Parameters
    ----------
    place
        ``file:PATH``, ``astroquery:[PATH | s3://bucket/prefix]``, ``s3://bucket[/prefix]``, ``simulated:PATH``, or the
        bare path of a directory or tarball.

    Raises
    ------
    InvalidLocation
        If it is none of these.
    """
    if isinstance(place, str) and place.startswith("astroquery:"):
        return _parse_mast(place.removeprefix("astroquery:"))
    if isinstance(place, str) and place.startswith("simulated:"):
        return SimulatedLocation(_parse_file(f"file:{place.removeprefix('simulated:')}", "input").path)
    return _parse_place(place, "input")


def parse_output(place: str | PurePath) -> OutputLocation:
    """Read the location of products.

    Parameters
    ----------
    place
        ``file:PATH``, ``s3://bucket[/prefix]``, ``none``, or the bare path of a directory.

    Raises
    ------
    InvalidLocation
        If it is none of these.
    """
    if isinstance(place, str) and place.lower() == "none":
        return Nowhere()
    return _parse_place(place, "output")


def _parse_place(place: str | PurePath, role: _Role) -> FileLocation | S3Location:
    """Read a location of the kinds that hold inputs as well as products."""
    if isinstance(place, PurePath):
        return _parse_file(f"file:{place}", role)
    if place.startswith("file:"):
        return _parse_file(place, role)
    if place.startswith("s3:"):
        return _parse_s3(place, role)
    return _parse_bare(place, role)


def _parse_bare(text: str, role: _Role) -> FileLocation:
    """Take a bare path for a directory, unless it may be a dataset's name or a slip in one of the schemes."""
    if text.startswith(_EXPLICIT_PATH) or text in (".", ".."):
        return _parse_file(f"file:{text}", role)
    if is_dataset_name(text):
        raise InvalidLocation(
            f"{text} is a dataset where an {role} location was expected.",
            advice="caldp process takes one dataset, caldp batch run takes several. "
            f"A directory of this name is ./{text}.",
        )
    scheme = re.split(r"[:/]", text, maxsplit=1)[0].lower()
    if not text or ":" in text or scheme in _SCHEMES or text.lower() == "none":
        raise _invalid(text, role)
    return _parse_file(f"file:{text}", role)


def _parse_file(text: str, role: _Role) -> FileLocation:
    path = text.removeprefix("file:")
    if path.startswith("//"):  # file:///absolute/path, as RFC 8089 writes it
        if not path.startswith("///"):
            raise _invalid(text, role, "after file:// there must be an absolute path")
        path = "/" + path.lstrip("/")
    if "\0" in path:
        raise _invalid(text, role, "a path cannot hold a NUL character")
    return FileLocation(path or ".")


def _parse_s3(text: str, role: _Role) -> S3Location:
    bucket, _, key = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or not _BUCKET.fullmatch(bucket) or ".." in bucket:
        raise _invalid(text, role, "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens")
    prefix = key.strip("/")
    if "\0" in prefix or any(part in ("", ".", "..") for part in prefix.split("/") if prefix):
        raise _invalid(text, role, "a prefix cannot hold a part that is empty, '.' or '..', or a NUL character")
    return S3Location(bucket, prefix)


def _parse_mast(poller: str) -> MastLocation:
    if poller in ("", "//"):
        return MastLocation()
    if poller.startswith("s3:"):
        return MastLocation(_parse_s3(poller, "input"))
    return MastLocation(_parse_file(f"file:{poller}", "input"))


def _invalid(text: str, role: _Role, why: str = "") -> InvalidLocation:
    meant = _SCHEMES.get(re.split(r"[:/]", text, maxsplit=1)[0].lower(), "") if not why else ""
    guess = f" Did you mean {meant} ?" if meant else ""
    return InvalidLocation(
        f"{text[:200]!r} is not an {role} location" + (f": {why}." if why else "."),
        advice=f"Expected {_EXPECTED[role]}.{guess}",
    )
