"""Profiles that can be named."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen


@frozen
class ProfileSource:
    """A profile that can be named.

    Attributes
    ----------
    name
        Name that ``--profile`` takes.
    path
        Its file; None for a profile that we ship.
    description
        Description in its file.
    extends
        The profile it starts from; empty for none.
    problem
        Reason that it cannot be used; empty if it can.
    """

    name: str
    path: Path | None = None
    description: str = ""
    extends: str = ""
    problem: str = ""
