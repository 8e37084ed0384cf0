"""Texts of a BagIt bag (RFC 8493), and what may be wrong with one from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final

from caldp.domain.errors import InvalidCapsule

PAYLOAD: Final = "data/"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
DECLARATION: Final = "bagit.txt"
INFO: Final = "bag-info.txt"
TAGS: Final = (DECLARATION, INFO, MANIFEST)
"""Files that the manifest of tags names."""

DECLARED: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_PART: Final = r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}"
_PATH: Final = re.compile(rf"{_PART}(?:/{_PART}){{0,7}}")
_LINE: Final = re.compile(r"(?P<digest>[0-9a-f]{64})[ \t]+\*?(?P<path>\S+)")
_ADVICE: Final = "Get the capsule again from where it was made, or make another."


def is_plain(path: str) -> bool:
    """Tell whether a path of a capsule is plain: relative, without dots for directories, of usual characters."""
    return _PATH.fullmatch(path) is not None


def refused(problem: str) -> InvalidCapsule:
    """Make the error for a capsule; the problem is a clause about "it" or a file of it."""
    return InvalidCapsule(f"The capsule is refused: {problem}.", advice=_ADVICE)


def manifest_text(digests: Mapping[str, str]) -> str:
    """Write a manifest: SHA-256 and path of each file, by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items()))


def parse_manifest(text: str, name: str) -> dict[str, str]:
    """Read a manifest: SHA-256 by path.

    Raises
    ------
    InvalidCapsule
        If a line is none of a manifest, or a path is not plain or comes twice.
    """
    digests: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            raise refused(f"line {number} of {name} is not a SHA-256 and a path")
        path = match["path"]
        if not is_plain(path):
            raise refused(f"line {number} of {name} has the path {path[:100]!r}, which may lie outside of it")
        if path in digests:
            raise refused(f"{name} has {path} twice")
        digests[path] = match["digest"]
    return digests


def info_text(name: str, made: date, files: int, size: int, software: str) -> str:
    """Write the metadata of a bag.

    Parameters
    ----------
    name
        Name of the bag.
    made
        Day on which it is made.
    files, size
        Number and bytes of the payload's files.
    software
        Program and version that make it.
    """
    return (
        f"Bag-Software-Agent: {software}\n"
        f"Bagging-Date: {made.isoformat()}\n"
        f"External-Identifier: {name}\n"
        f"Payload-Oxum: {size}.{files}\n"
    )


def problems(found: Collection[str], payload: Collection[str], tags: Collection[str]) -> Iterator[str]:
    """Say what is missing in a bag and what is too much; each a clause.

    Parameters
    ----------
    found
        Paths of the files that are there.
    payload, tags
        Paths that the manifests name.
    """
    yield from (
        f"{path} is named by {MANIFEST} and does not lie in {PAYLOAD}"
        for path in sorted(payload)
        if not path.startswith(PAYLOAD)
    )
    yield from (f"{path} is not named by {TAG_MANIFEST}" for path in TAGS if path not in tags)
    expected = {*payload, *tags, TAG_MANIFEST}
    yield from (f"{path} is missing" for path in sorted(expected - {*found}))
    yield from (f"{path} is in no manifest" for path in sorted({*found} - expected))
