"""Values of settings, read strictly from what files, the environment and command lines hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.output.layout import LayoutKind

_Choice = TypeVar("_Choice", bound=Enum)
Scalar = str | int | float | bool
Value = Scalar | Mapping[str, str] | None


def convert(kind: Any, value: Value) -> Any:
    """Turn a value into the type of a setting.

    Raises
    ------
    ValueError
        If that is not possible; its text says what was expected.
    """
    return _CONVERTERS.get(kind, _mapping)(value)


def _bool(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    flags = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if isinstance(value, str | int) and str(value).lower() in flags:
        return flags[str(value).lower()]
    raise ValueError("true or false")


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    if "\0" in value:
        raise ValueError("a text without NUL characters")
    return value


def _number(value: Value) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        number = -1.0
    if 0 <= number < float("inf"):
        return number
    raise ValueError("a number of 0 or more")


def _integer(value: Value) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError("a whole number")
    return int(number)


def _one_of(kind: type[_Choice]) -> Callable[[Value], _Choice]:
    """Make the reader of a word that is the value of an enumeration, in any case."""

    def read(value: Value) -> _Choice:
        try:
            return kind(str(value).lower())
        except ValueError:
            raise ValueError(" or ".join(str(choice.value) for choice in kind)) from None

    return read


def _mapping(value: Value) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError("a table of texts")
    for name, item in value.items():
        # The tables become environments of programs: the system has no way to pass on any other name or value.
        if not name or "=" in name or "\0" in name:
            raise ValueError(f"a table without the name {name!r}: names have no '=' or NUL and are not empty")
        if "\0" in item:
            raise ValueError(f"a table whose {name} is a text without NUL characters")
    return dict(value)


def _switches(value: Value) -> dict[str, Wish]:
    """Read states of switches: a table, or ``FLATCORR=OMIT,PCTECORR=PERFORM``."""
    if isinstance(value, str):
        value = dict(_pair(text) for text in value.replace(",", " ").split())
    wishes = ((name.strip().upper(), str(state).strip().upper()) for name, state in _mapping(value).items())
    try:
        return {name: Wish(state) for name, state in wishes}
    except ValueError:
        raise ValueError("switches with PERFORM or OMIT, such as FLATCORR=OMIT") from None


def _pair(text: str) -> tuple[str, str]:
    name, _, item = text.partition("=")
    return name, item


_CONVERTERS: Final[dict[Any, Any]] = {
    Mapping[str, Wish]: _switches,
    bool: _bool,
    str: _text,
    float: _number,
    int: _integer,
    **{kind: _one_of(kind) for kind in (LayoutKind, ReferenceCheck, Astrometry)},
}
