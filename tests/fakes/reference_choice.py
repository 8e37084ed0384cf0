"""A context without rules: every exposure gets what it was given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.domain.stale.rules import ContextFacts, InstrumentFacts


@frozen
class FakeChoice:
    """Assigns fixed files; implements the port ReferenceChoice.

    Attributes
    ----------
    facts
        The context.
    rule
        Return the references of an exposure, given its header values.
    keys
        Keywords that the rules look at, beside INSTRUME.
    directory
        Directory of the reference files.
    """

    facts: ContextFacts
    rule: Callable[[Mapping[str, str]], Mapping[str, str]]
    keys: frozenset[str] = frozenset()
    directory: Path = field(default=Path("/nowhere"))

    def context(self) -> ContextFacts:
        return self.facts

    def instrument(self, name: str) -> InstrumentFacts:
        return InstrumentFacts(self.keys | {"INSTRUME"}, tuple(sorted(self.rule({"INSTRUME": name.upper()}))))

    def assign(self, selection: Mapping[str, str]) -> Mapping[str, str]:
        return self.rule(selection)

    def locate(self, names: Iterable[str]) -> Mapping[str, Path | None]:
        paths = {name: self.directory / name for name in names}
        is_inside = {name: bool(name) and path.parent == self.directory for name, path in paths.items()}
        return {name: path if is_inside[name] and path.is_file() else None for name, path in paths.items()}

    def close(self) -> None:
        pass
