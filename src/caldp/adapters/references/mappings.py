"""The mappings of a context in a CRDS cache: all there, and none of them damaged."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.references.catalogue import Catalogue
from caldp.adapters.references.fetching import CacheFiller
from caldp.adapters.support.verified import Entry, Stamp, VerifiedFiles
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Level, Note

_ENDINGS: Final = (".imap", ".rmap")


@frozen
class Mappings:
    """The rules of one cache.

    Attributes
    ----------
    directory
        The cache's ``mappings/hst``.
    catalogue
        Catalogue that tells their source.
    filler
        Downloads what is missing or damaged; None if nothing may be written.
    memory
        Remembers which are whole.
    """

    directory: Path
    catalogue: Catalogue
    filler: CacheFiller | None
    memory: VerifiedFiles

    def complete(self, context: str, instruments: frozenset[str]) -> None:
        """See to it that a context can be used.

        Parameters
        ----------
        context
            Name of a ``.pmap``.
        instruments
            Those that are needed, in lower case, where nothing can be downloaded; otherwise the cache gets all, so that
            it serves other datasets without a server.

        Raises
        ------
        BestrefsError
            If a mapping is missing or damaged and cannot be had.
        """
        wanted = [context]
        while wanted:
            texts = self._texts(wanted)
            wanted = [name for text in texts.values() for name in _children(text, self._only(instruments))]

    def _only(self, instruments: frozenset[str]) -> frozenset[str]:
        return frozenset() if self.filler else instruments

    def _texts(self, names: Iterable[str]) -> dict[str, str]:
        """Return the texts of mappings that name others; whole all, downloaded where need be."""
        texts, missing = dict[str, str](), dict[str, str]()
        for name in names:
            try:
                texts[name] = self._whole(name)
            except FileNotFoundError:
                missing[name] = "missing"
            except ValueError as error:
                missing[name] = str(error)
        if missing:
            self._fetch(missing)
            texts |= {name: self._whole(name) for name in missing}
        return texts

    def _fetch(self, missing: Mapping[str, str]) -> None:
        damaged = {name: state for name, state in missing.items() if state != "missing"}
        if self.filler is None:
            name = min(damaged or missing)
            raise BestrefsError(
                f"The mapping {self.directory / name} is {'damaged: ' + damaged[name] if damaged else 'missing'}.",
                advice="Sync the CRDS cache (crds sync), or use a profile that may download (offsite).",
            )
        for name, state in sorted(damaged.items()):
            self.filler.tell(Note(f"{self.directory / name} is damaged ({state}) and is fetched anew", Level.WARNING))
        self.filler.fill({name: self.directory / name for name in missing})

    def _whole(self, name: str) -> str:
        """Check a mapping by the checksum in its own header, and return its text if it names others.

        Raises
        ------
        ValueError
            If it is damaged.
        """
        path = self.directory / name
        entry = self.memory.lookup(path)
        if name.endswith(".rmap") and entry is not None and entry.verified:
            return ""
        before, content = Stamp.of(path), path.read_bytes()
        text = _checked(content)
        if entry is None or not entry.verified:
            known = self.catalogue.identity(name) if self.filler else None
            sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            if known is not None and (difference := known.differs(Entry(before, sha1, known).found)):
                raise ValueError(difference)
            self.memory.remember(path, Entry(before, sha1, known or Entry(before, sha1, None).found))
        return "" if name.endswith(".rmap") else text


def _checked(content: bytes) -> str:
    """Decode a mapping whose header has the checksum of its text, taken without that line."""
    from crds.core import config

    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError("it is no text") from None
    lines = text.splitlines(keepends=True)
    if config.get_ignore_checksum():  # what an author of rules says while editing them
        return text
    rest = "".join(line for line in lines if "sha1sum" not in line)
    digest = hashlib.sha1(rest.encode(), usedforsecurity=False).hexdigest()
    if not any("sha1sum" in line and digest in line for line in lines):
        raise ValueError("its text does not have the checksum that its header says")
    return text


def _children(text: str, only: frozenset[str]) -> Iterator[str]:
    """Name the mappings that a mapping's selector names; of an empty text none.

    Parameters
    ----------
    only
        Instruments, in lower case, to follow in a ``.pmap``; all if there are none.
    """
    if not text:
        return
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # its checksum is right: CRDS itself says what is wrong with it
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Dict) and _assigns(statement):
            for key, value in zip(statement.value.keys, statement.value.values, strict=True):
                if not (isinstance(value, ast.Constant) and isinstance(key, ast.Constant)):
                    continue
                name = str(value.value)
                if name.endswith(_ENDINGS) and (not only or name.endswith(".rmap") or str(key.value).lower() in only):
                    yield name


def _assigns(statement: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "selector" for target in statement.targets)
