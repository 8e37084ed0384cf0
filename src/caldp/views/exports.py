"""Variables of a profile, as lines that a shell evaluates."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from caldp.domain.run.secrets import holds_secret


@frozen
class Exports:
    """Variables that a shell needs for a profile.

    Attributes
    ----------
    variables
        To be set.
    stale
        To be unset: an earlier profile set them.
    path
        A directory to be put at the front of PATH; None for none.
    """

    variables: Mapping[str, str]
    stale: tuple[str, ...] = ()
    path: Path | None = None

    def without_secrets(self) -> Exports:
        """Return them without variables that hold credentials."""
        shown = {name: value for name, value in self.variables.items() if not holds_secret(name, value)}
        return evolve(self, variables=shown)


@frozen
class Dialect:
    """Syntax of a shell."""

    set: Callable[[str, str], str]
    unset: Callable[[str], str]
    prepend: Callable[[str], str]


DIALECTS: Final[Mapping[str, Dialect]] = {
    "sh": Dialect(
        set=lambda name, value: f"export {name}={shlex.quote(value)}",
        unset=lambda name: f"unset {name}",
        prepend=lambda directory: f'export PATH={shlex.quote(directory)}:"$PATH"',
    ),
    "csh": Dialect(
        set=lambda name, value: f"setenv {name} {shlex.quote(value)};",
        unset=lambda name: f"unsetenv {name};",
        prepend=lambda directory: f'setenv PATH {shlex.quote(directory)}:"$PATH";',
    ),
    "fish": Dialect(
        set=lambda name, value: f"set -gx {name} {shlex.quote(value)};",
        unset=lambda name: f"set -e {name};",
        prepend=lambda directory: f"set -gx PATH {shlex.quote(directory)} $PATH;",
    ),
}


def render(exports: Exports, dialect: Dialect) -> str:
    """Write exports as lines of a shell."""
    lines = [dialect.unset(name) for name in exports.stale]
    lines += [dialect.set(name, value) for name, value in exports.variables.items()]
    if exports.path is not None:
        lines.append(dialect.prepend(str(exports.path)))
    return "\n".join(lines)
