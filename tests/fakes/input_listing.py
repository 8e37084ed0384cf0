"""Names of files that a test makes up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from caldp.domain.errors import InvalidInput


@frozen
class FakeListing:
    """Lists its attributes; implements the port InputListing.

    Attributes
    ----------
    sizes
        Sizes of files, bytes, by name.
    tables
        Rootnames in an association table, by its name.
    headers
        Values in the primary header of a raw exposure, by its name.
    """

    sizes: Mapping[str, int] = field(factory=dict)
    tables: Mapping[str, Iterable[str]] = field(factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(factory=dict)

    def files(self) -> Mapping[str, int]:
        return self.sizes

    def members(self, table: str) -> Iterable[str]:
        if table not in self.tables:
            raise InvalidInput(f"{table} is no association table.")
        return self.tables[table]

    def header(self, name: str) -> Mapping[str, str]:
        return self.headers.get(name, {})
