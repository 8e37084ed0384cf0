"""Facts about the rules of a CRDS context."""

from __future__ import annotations

from attrs import frozen


@frozen
class ContextFacts:
    """Facts about a context.

    Attributes
    ----------
    name
        Its name, such as ``hst_0729.pmap``.
    withdrawn
        Names of files that the CRDS team has withdrawn, in lower case, by the server's list or the cache's.
    """

    name: str
    withdrawn: frozenset[str] = frozenset()


@frozen
class InstrumentFacts:
    """Facts about the rules for an instrument.

    Attributes
    ----------
    keys
        Header keywords that the rules look at, in upper case.
    kinds
        Types of reference files, by their header keywords.
    """

    keys: frozenset[str]
    kinds: tuple[str, ...]
