"""Names of places in sentences."""

from __future__ import annotations


def quoted(place: object) -> str:
    """Put a path or address in quotes, so that no dot, blank or odd character of it reads as part of the sentence.

    Examples
    --------
    >>> print(quoted("."), quoted("/data/a dir"))
    '.' '/data/a dir'
    """
    return repr(str(place))
