"""Lines that end between words, so that no terminal breaks a name in its middle."""

from __future__ import annotations

from textwrap import fill


def wrapped(text: str, width: int | None, indent: str = "") -> str:
    """Break a text between words; what has no blanks, such as a path, stays whole.

    Parameters
    ----------
    text
        The text; its own line ends stay.
    width
        Longest line, characters; None for any.
    indent
        Beginning of every line but the first.
    """
    if width is None:
        return text
    return "\n".join(
        fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
