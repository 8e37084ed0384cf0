"""Answers that a command line asks for, told from its words: errors come before these are understood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_OF_CONTAINERS = "docker"
"""Group of commands whose words may be those of another program."""


def wants_json(words: Sequence[str]) -> bool:
    """Tell whether a command line asks for its result as JSON."""
    ours = _ours(words)
    return "--json" in ours or _value("--format", ours) == "json"


def logs_json(words: Sequence[str]) -> bool:
    """Tell whether a command line asks for messages as lines of JSON."""
    return _value("--log-format", _ours(words)) == "json"


def _ours(words: Sequence[str]) -> Sequence[str]:
    if words and words[0] == _OF_CONTAINERS:
        return ()
    return words[: words.index("--")] if "--" in words else words


def _value(option: str, words: Sequence[str]) -> str:
    """Return the last value of an option, given as the next word or behind a sign of equality."""
    found = ""
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name == option:
            found = value if equals else following
    return found.lower()
