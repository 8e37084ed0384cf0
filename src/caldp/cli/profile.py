"""``caldp profile``: profiles, their settings, and their variables for a shell."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caldp.cli.text import examples, say

if TYPE_CHECKING:
    from caldp.domain.run.settings import Resolved

app = typer.Typer(name="profile", help="List and show profiles, and print their environment variables.")

_Name = Annotated[str, typer.Argument(metavar="NAME", help="A profile's name, or the path of a TOML file.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", short_help="List the profiles that can be named.", epilog=examples("caldp profile list"))
def list_(as_json: _Json = False) -> int:
    """List the profiles that can be named: those that caldp ships, and your own.

    Your own are TOML files in the directory .caldp of your project (here or in a parent) or in caldp's directory of
    your user configuration.
    """
    from caldp.profiles import make_profiles
    from caldp.views.columns import columns

    sources = make_profiles().sources()
    if as_json:
        entries = [
            {
                "name": source.name,
                "path": str(source.path) if source.path else None,
                "extends": source.extends,
                "description": source.description,
                "problem": source.problem,
            }
            for source in sources
        ]
        say(json.dumps(entries, indent=2))
    else:
        rows = [
            (source.name, str(source.path or "(part of caldp)"), source.problem or source.description)
            for source in sources
        ]
        say(columns(rows, ("PROFILE", "FILE", "DESCRIPTION")))
    return 0


@app.command(epilog=examples("caldp profile show onsite", "caldp profile show onsite --resolved"))
def show(
    name: _Name,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Every setting as a run would have it, and where it came from.")
    ] = False,
    as_json: _Json = False,
) -> int:
    """Show what a profile sets.

    With --resolved every setting is shown as a run would have it: the environment counts too.
    """
    from caldp.domain.run.settings import describe
    from caldp.profiles import resolve_settings

    found = resolve_settings(name, {}, os.environ if resolved else {})
    names = [setting.name for setting in describe() if resolved or found.origins[setting.name] != "default"]
    say(_json_text(found, names) if as_json else _toml_text(found, names, with_origins=resolved))
    return 0


@app.command(epilog=examples('eval "$(caldp profile env offsite)"', "eval `caldp profile env onsite --shell csh`"))
def env(
    name: _Name,
    shell: Annotated[str, typer.Option(help="The shell that is to read it: sh, csh or fish.")] = "sh",
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Print variables that hold credentials too.")
    ] = False,
) -> int:
    """Print a profile's variables for a shell to evaluate.

    They are what CRDS and the calibration programs read, such as CRDS_PATH and jref. Variables that are set already
    win, except those that this command has set before. CRDS_READONLY_CACHE=1 makes the reference directories those of
    a flat cache.

    A variable that holds a credential, such as an address with a user, is left out, and named on standard error.
    """
    from caldp.cli.exports import DIALECTS, exports_of, render
    from caldp.domain.errors import UsageError

    if shell not in DIALECTS:
        raise UsageError(f"There is no way of writing for the shell {shell!r}.", advice=f"It is {', '.join(DIALECTS)}.")
    exports = exports_of(name, os.environ)
    kept = exports if with_secrets else exports.without_secrets()
    typer.echo(render(kept, DIALECTS[shell]))  # noqa: TID251  a shell is to have it as it is
    for hidden in sorted(exports.variables.keys() - kept.variables.keys()):
        if os.environ.get(hidden) != exports.variables[hidden]:
            say(f"caldp: {hidden} holds a credential and is left out: export it, or use --with-secrets.", err=True)
    return 0


def _values(found: Resolved, names: Sequence[str]) -> dict[str, Any]:
    """Return settings as plain values; what is secret by its name is blotted out."""
    from enum import Enum

    from caldp.domain.run.secrets import without_secrets

    values = {name: getattr(found.settings, name) for name in names}
    for name, value in values.items():
        if isinstance(value, Enum):
            values[name] = value.value
        elif not isinstance(value, str | int | float):
            values[name] = without_secrets(value)
    return values


def _json_text(found: Resolved, names: Sequence[str]) -> str:
    values = _values(found, names)
    return json.dumps({name: {"value": values[name], "origin": found.origins[name]} for name in names}, indent=2)


def _toml_text(found: Resolved, names: Sequence[str], *, with_origins: bool) -> str:
    """Write settings as a profile's file has them, the tables last."""
    values = _values(found, names)
    lines, tables = [f"# profile {found.settings.profile}"], []
    for name, value in values.items():
        origin = f"  # {found.origins[name]}" if with_origins else ""
        if isinstance(value, dict):
            tables += [f"\n[{name}]{origin}", *(f"{key} = {json.dumps(item)}" for key, item in value.items())]
        else:
            lines.append(f"{name} = {json.dumps(value)}{origin}")  # JSON's scalars are TOML's
    return "\n".join(lines + tables)
