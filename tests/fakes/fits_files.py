"""FITS files without FITS: headers are values beside empty files."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from attrs import evolve

from caldp.domain.calibration.table_values import TableChange
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Association
from caldp.domain.hst.digests import VOLATILE_CARDS, FileDigest, HduDigest
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits


class FakeFits:
    """A FitsFiles that knows what it was told.

    `put` makes a file and says what its headers hold; a file that was never put is no FITS file. Files are told
    apart by name, so that a file may be copied or moved in between.
    """

    def __init__(self) -> None:
        self._facts: dict[str, FitsFacts] = {}
        self._tables: dict[str, Association] = {}
        self.histories: dict[str, list[str]] = {}
        self.edits: dict[str, TableChange] = {}

    def know(self, facts: FitsFacts) -> None:
        """Say what the headers of a file will hold that somebody else is going to make."""
        self._facts[facts.name] = facts

    def put(self, path: Path, facts: FitsFacts, table: Association | None = None) -> None:
        """Make a file with these headers, and perhaps an association table."""
        path.write_bytes(b"SIMPLE")
        self._facts[path.name] = facts
        if table is not None:
            self._tables[path.name] = table

    def facts(self, path: Path, *, science: bool = False) -> FitsFacts | UnreadableFits:
        """Return what was put; the values of its science only to those who ask."""
        if not path.exists() or path.name not in self._facts:
            return UnreadableFits(path.name, "it is not a FITS file")
        facts = self._facts[path.name]
        if science:
            return facts
        return evolve(facts, extensions=tuple(evolve(each, values={}) for each in facts.extensions))

    def association(self, path: Path) -> Association:
        """Return the table that was put."""
        if not path.exists() or path.name not in self._tables:
            raise InvalidInput(f"{path.name} is not an association table.", advice="Fetch it again.")
        return self._tables[path.name]

    def write_association(self, path: Path, table: Association, original: Path) -> None:
        """Put some of the members of a table that was put."""
        if path.exists():
            raise FileExistsError(path)
        wanted = {member.name for member in table.members}
        members = tuple(member for member in self.association(original).members if member.name in wanted)
        self.put(path, FitsFacts(path.name), Association(table.name, members))

    def set_keywords(self, path: Path, keywords: Mapping[str, HeaderValue], history: Iterable[str] = ()) -> None:
        """Change the headers that were put."""
        facts = self.facts(path, science=True)
        if isinstance(facts, UnreadableFits):
            raise InvalidInput(f"The header of {path.name} cannot be edited.", advice="Fetch it again.")
        self._facts[path.name] = evolve(facts, primary={**facts.primary, **keywords})
        self.histories.setdefault(path.name, []).extend(history)
        path.write_bytes(path.read_bytes() + b" ")  # whoever looks sees that it was written

    def flag(self, path: Path, versions: Collection[int], flag: int, history: Iterable[str] = ()) -> None:
        """Set a flag in constant data quality extensions that were put."""
        facts = self.facts(path, science=True)
        known = () if isinstance(facts, UnreadableFits) else facts.extensions
        flagged = {
            each.version: evolve(each, keywords={**each.keywords, "PIXVALUE": int(each.keywords["PIXVALUE"]) | flag})
            for each in known
            if each.name == "DQ" and each.version in versions and "PIXVALUE" in each.keywords
        }
        if isinstance(facts, UnreadableFits) or flagged.keys() != set(versions):
            raise InvalidInput(f"The data quality of {path.name} cannot be flagged.", advice="Fetch it again.")
        changed = (flagged.get(each.version, each) if each.name == "DQ" else each for each in known)
        self._facts[path.name] = evolve(facts, extensions=tuple(changed))
        self.set_keywords(path, {}, history)

    def edit_table(self, original: Path, target: Path, change: TableChange) -> int:
        """Put a copy, and remember what was to be changed in it."""
        if target.exists():
            raise FileExistsError(target)
        facts = self.facts(original, science=True)
        if isinstance(facts, UnreadableFits):
            raise InvalidInput(f"{original.name} cannot be edited: it is no table.", advice="Fetch it again.")
        self.put(target, evolve(facts, name=target.name))
        self.edits[target.name] = change
        return 1

    def digest(self, path: Path) -> FileDigest | None:
        """Digest what was put: the file's bytes as data, and what its headers hold."""
        if not path.is_file():
            return None
        facts, body = self._facts.get(path.name), path.read_bytes()
        whole = hashlib.sha256(body)
        if facts is None:
            return FileDigest(len(body), whole.hexdigest())
        data = hashlib.sha256(body.rstrip(b" ")).hexdigest()
        headers = [("", 1, facts.primary), *((each.name, each.version, each.keywords) for each in facts.extensions)]
        whole.update(repr(headers).encode())
        hdus = tuple(HduDigest(name, version, _digest_of(header), data) for name, version, header in headers)
        return FileDigest(len(body), whole.hexdigest(), hdus)


def _digest_of(header: Mapping[str, HeaderValue]) -> str:
    lasting = {keyword: value for keyword, value in header.items() if keyword not in VOLATILE_CARDS}
    return hashlib.sha256(repr(lasting).encode()).hexdigest()
