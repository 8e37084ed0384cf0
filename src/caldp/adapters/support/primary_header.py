"""Keywords of a raw exposure's primary header, read from its first blocks without any library of FITS."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from caldp.domain.errors import UsageError
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.instrument import instrument_of
from caldp.domain.hst.selection import plain_name

_CARD: Final = 80
_BLOCK: Final = 2880
_MOST_BLOCKS: Final = 40
_MOST_BYTES: Final = 64 << 20
"""Bytes of a tarball, unpacked, in which a raw exposure is looked for."""
_DAMAGED: Final = (OSError, EOFError, zlib.error, tarfile.TarError, TypeError, ValueError)
"""Errors that tarfile and gzip raise of damaged files."""
_TARBALLS: Final = (".tar", ".tar.gz", ".tgz")


def primary_header(path: Path) -> Mapping[str, str]:
    """Return values by keyword; none if the file cannot be read, or holds no raw exposure.

    Parameters
    ----------
    path
        A raw exposure, which may be compressed, or a tarball that has one.
    """
    try:
        if path.name.lower().endswith(_TARBALLS):
            return _first_in_tarball(path)
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return _read(file.read)
    except _DAMAGED:
        return {}


def _first_in_tarball(path: Path) -> Mapping[str, str]:
    with tarfile.open(path, "r|*") as tarball:
        passed = 0
        for member in tarball:
            if _is_raw(member.name) and member.isfile():
                file = tarball.extractfile(member)
                return {} if file is None else _read(file.read)
            passed += member.size
            if passed > _MOST_BYTES:
                break
    return {}


def _is_raw(name: str) -> bool:
    parsed = HstFileName.parse(plain_name(name.rpartition("/")[2]))
    try:
        return parsed is not None and parsed.suffix in instrument_of(parsed.root).recipe.raw_suffixes
    except UsageError:
        return False


def _read(read: Callable[[int], bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(_MOST_BLOCKS):
        block = read(_BLOCK)
        for start in range(0, len(block) - len(block) % _CARD, _CARD):
            card = block[start : start + _CARD].decode("ascii", "replace")
            keyword, value = card[:8].rstrip(), card[10:]
            if keyword == "END":
                return found
            if card[8:10] == "= ":
                found.setdefault(keyword, _value(value))
        if len(block) < _BLOCK:
            break
    return {}


def _value(text: str) -> str:
    """Return the value of a card without quotes and comment."""
    text = text.strip()
    if text.startswith("'"):
        return text[1:].partition("'")[0].strip()
    return text.partition("/")[0].strip()
