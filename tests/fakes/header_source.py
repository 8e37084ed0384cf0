"""Headers that a test makes up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from attrs import evolve, frozen

from caldp.domain.errors import InputNotFound, InvalidInput
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.stale.header_values import FileHeaders


@frozen
class FakeHeaders:
    """Hands out what it was given; implements the port HeaderSource.

    Attributes
    ----------
    known
        Headers, or the damage, of each file by its path.
    """

    known: Mapping[Path, FileHeaders | UnreadableFits]

    def files(self, path: Path) -> Iterator[FileHeaders | UnreadableFits]:
        below = [known for known in sorted(self.known) if path in (known, *known.parents)]
        if not below:
            raise InputNotFound(f"There is no {path}.")
        for known in below:
            found = self.known[known]
            if isinstance(found, UnreadableFits) and known == path:
                raise InvalidInput(f"{path} cannot be read: {found.reason}.")
            yield found

    def parts(self, name: str, place: str, read: Callable[[int, int], bytes]) -> FileHeaders | UnreadableFits:
        for known, found in self.known.items():
            if known.name == name and read(0, 1):
                return evolve(found, place=place) if isinstance(found, FileHeaders) else found
        return UnreadableFits(name, "it is empty")

    def stream(self, name: str, place: str, chunks: Iterable[bytes]) -> Iterator[FileHeaders | UnreadableFits]:
        for known, found in sorted(self.known.items()):
            if known.name == name:
                yield evolve(found, place=place) if isinstance(found, FileHeaders) else found
