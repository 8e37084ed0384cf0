"""Where inputs come from and products go: the one place that knows URI schemes."""

from __future__ import annotations

import re
from typing import Final, Literal

from attrs import frozen

from caldp.domain.errors import InvalidLocation


class _Location:
    """Answers that most locations give."""

    is_simulated = False
    """Whether observations are simulated there when they are asked for, with references of their own."""

    @property
    def local_paths(self) -> tuple[str, ...]:
        """Paths of this machine that it names, as they were written."""
        return ()


@frozen
class FileLocation(_Location):
    """A directory of this machine (as input also a tarball); ``file:PATH``."""

    path: str

    def __str__(self) -> str:
        return f"file:{self.path}"

    @property
    def local_paths(self) -> tuple[str, ...]:
        """The path."""
        return (self.path,)


@frozen
class S3Location(_Location):
    """A bucket and a key prefix without slashes at its ends; ``s3://bucket[/prefix]``."""

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")


@frozen
class MastLocation(_Location):
    """The MAST archive; ``astroquery:``, with the place of the HAP poller file for visits and sky cells."""

    poller: FileLocation | S3Location | None = None

    def __str__(self) -> str:
        return "astroquery:" + "".join(self.local_paths or (str(self.poller or ""),))

    @property
    def local_paths(self) -> tuple[str, ...]:
        """The path of the poller file, if that is on this machine."""
        return self.poller.local_paths if self.poller else ()


@frozen
class SimulatedLocation(_Location):
    """A directory for observations that are simulated on the spot, with their CRDS cache; ``simulated:PATH``."""

    is_simulated = True

    path: str

    def __str__(self) -> str:
        return f"simulated:{self.path}"

    @property
    def local_paths(self) -> tuple[str, ...]:
        """The path."""
        return (self.path,)


@frozen
class Nowhere(_Location):
    """Nothing is published; ``none``."""

    def __str__(self) -> str:
        return "none"


InputLocation = FileLocation | S3Location | MastLocation | SimulatedLocation
OutputLocation = FileLocation | S3Location | Nowhere

_Role = Literal["input", "output"]
_EXPECTED: Final[dict[_Role, str]] = {
    "input": "file:PATH, astroquery: or s3://bucket/prefix",
    "output": "file:PATH, s3://bucket/prefix or none",
}
# S3's own rule: 3-63 lower-case letters, digits, dots and hyphens; a letter or digit at both ends.
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def parse_input(text: str) -> InputLocation:
    """Read where inputs come from.

    Parameters
    ----------
    text
        ``file:PATH``, ``astroquery:[PATH | s3://bucket/prefix]``, ``s3://bucket[/prefix]`` or ``simulated:PATH``.

    Raises
    ------
    InvalidLocation
        If the text is none of these.
    """
    if text.startswith("file:"):
        return _parse_file(text, "input")
    if text.startswith("s3:"):
        return _parse_s3(text, "input")
    if text.startswith("astroquery:"):
        return _parse_mast(text.removeprefix("astroquery:"))
    if text.startswith("simulated:"):
        return SimulatedLocation(_parse_file(f"file:{text.removeprefix('simulated:')}", "input").path)
    raise _invalid(text, "input")


def parse_output(text: str) -> OutputLocation:
    """Read where products go.

    Parameters
    ----------
    text
        ``file:PATH``, ``s3://bucket[/prefix]`` or ``none``.

    Raises
    ------
    InvalidLocation
        If the text is none of these.
    """
    if text.startswith("file:"):
        return _parse_file(text, "output")
    if text.startswith("s3:"):
        return _parse_s3(text, "output")
    if text.lower() == "none":
        return Nowhere()
    raise _invalid(text, "output")


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
    guess = f" Did you mean file:{text[:200]} ?" if text and ":" not in text else ""
    return InvalidLocation(
        f"{text[:200]!r} is not an {role} location" + (f": {why}." if why else "."),
        advice=f"Expected {_EXPECTED[role]}.{guess}",
    )
