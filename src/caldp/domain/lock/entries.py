"""Entries of a lock: files, references, engines, products; and the names and variables that a lock may hold.

A lock comes from elsewhere, as inputs do: its names are joined to paths, and its variables reach engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import attrs
from attrs import field, frozen

from caldp.domain.hst.digests import HduDigest
from caldp.domain.run.engine_variables import BY_NAME, TUNING

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_KEYWORD: Final = re.compile(r"[A-Z0-9_-]{1,8}")
_TYPE: Final = re.compile(r"(?=.{4,8}$)[A-Z0-9]+(?:FILE|TAB)")
"""Keywords of reference files: CRDS has no others for instruments of Hubble that are calibrated here."""
_VERSION: Final = re.compile(r"[\w.+ ,()-]{0,60}", re.ASCII)
_TUNING_VALUE: Final = re.compile(r"[\w ,.:{}()+*-]{0,100}", re.ASCII)
_Check = Callable[[Any, "attrs.Attribute[Any]", str], None]


def _like(pattern: re.Pattern[str], expected: str) -> _Check:
    """Make a validator: a lock may come from anywhere, and its names are joined to paths."""

    def check(_owner: object, attribute: attrs.Attribute[Any], value: str) -> None:
        if pattern.fullmatch(value) is None:
            raise ValueError(f"{attribute.name} is {value[:80]!r}; expected {expected}")

    return check


_is_name = _like(_NAME, "a plain file name")
_is_digest = _like(_DIGEST, "64 hexadecimal digits")
_is_keyword = _like(_KEYWORD, "a header keyword")


def is_plain(name: str) -> bool:
    """Tell whether a text is the plain name of a file."""
    return _NAME.fullmatch(name) is not None


def is_type_of_reference(keyword: str) -> bool:
    """Tell whether a header keyword can be that of a type of reference file, such as ``DARKFILE`` or ``IDCTAB``."""
    return _TYPE.fullmatch(keyword) is not None


def is_version(text: str) -> bool:
    """Tell whether a text can be a version; some are written into headers."""
    return _VERSION.fullmatch(text) is not None


def is_lockable(name: str, value: str) -> bool:
    """Tell whether a lock may set a variable of the engines: it comes from others, as inputs do.

    Parameters
    ----------
    name, value
        The variable: one that inputs may set, with such a value, or one that says how libraries use the machine.
    """
    known = BY_NAME.get(name)
    return known.kind.allows(value) if known else name in TUNING and _TUNING_VALUE.fullmatch(value) is not None


@frozen
class LockedFile:
    """An input.

    Attributes
    ----------
    name
        File name.
    sha256
        SHA-256 of the file as it was fetched; hexadecimal.
    """

    name: str = field(validator=_is_name)
    sha256: str = field(validator=_is_digest)


@frozen
class LockedReference:
    """A reference file.

    Attributes
    ----------
    keyword
        Header keyword, such as ``FLATFILE``.
    name
        File name.
    sha256
        SHA-256 of the file; hexadecimal.
    exposures
        Names of the raw files that use it.
    is_own
        True if it is the user's own file, in the place of what CRDS assigns.
    """

    keyword: str = field(validator=_is_keyword)
    name: str = field(validator=_is_name)
    sha256: str = field(validator=_is_digest)
    exposures: tuple[str, ...]
    is_own: bool = False


@frozen
class LockedEngine:
    """A calibration program.

    Attributes
    ----------
    program
        Its name.
    version, build
        As in the record.
    sha256
        SHA-256 of the executable.
    """

    program: str = field(validator=_is_name)
    version: str = ""
    build: str = ""
    sha256: str = ""


@frozen
class LockedProduct:
    """A FITS file that the run made.

    Attributes
    ----------
    name
        File name.
    hdus
        Digests of its HDUs.
    """

    name: str = field(validator=_is_name)
    hdus: tuple[HduDigest, ...]
