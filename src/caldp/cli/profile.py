"""``caldp profile``: profiles, their settings, and their variables for a shell."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from caldp.cli.completion import complete_profile
from caldp.cli.plain_values import PlainGroup
from caldp.cli.text import examples, say

app = typer.Typer(name="profile", cls=PlainGroup, help="List and show profiles, and print their environment variables.")

_Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A profile's name, or the path of a TOML file.", autocompletion=complete_profile
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", short_help="List the profiles that can be named.", epilog=examples("caldp profile list"))
def list_(as_json: _Json = False) -> int:
    """List the profiles that can be named: those that caldp ships, and your own.

    Your own are TOML files in the directory .caldp of your project (here or in a parent) or in caldp's directory of
    your user configuration.
    """
    from caldp.profiles import make_profiles
    from caldp.views.profiles import profiles_json, profiles_text

    sources = make_profiles().sources()
    say(profiles_json(sources) if as_json else profiles_text(sources))
    return 0


@app.command(epilog=examples("caldp profile show onsite", "caldp profile show onsite --resolved"))
def show(
    name: _Name,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Show every setting with its value in a run, and its source.")
    ] = False,
    as_json: _Json = False,
) -> int:
    """Show what a profile sets.

    With --resolved every setting is shown as a run would have it: the environment counts too.
    """
    from caldp.domain.run.settings import describe
    from caldp.profiles import resolve_settings
    from caldp.views.profiles import settings_json, settings_toml

    found = resolve_settings(name, {}, os.environ if resolved else {})
    names = [setting.name for setting in describe() if resolved or found.origins[setting.name] != "default"]
    say(settings_json(found, names) if as_json else settings_toml(found, names, with_origins=resolved))
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
    from caldp.cli.exports import exports_of
    from caldp.domain.errors import UsageError
    from caldp.views.exports import DIALECTS, render

    if shell not in DIALECTS:
        raise UsageError(f"There is no way of writing for the shell {shell!r}.", advice=f"It is {', '.join(DIALECTS)}.")
    exports = exports_of(name, os.environ)
    kept = exports if with_secrets else exports.without_secrets()
    typer.echo(render(kept, DIALECTS[shell]))  # noqa: TID251  a shell is to have it as it is
    for hidden in sorted(exports.variables.keys() - kept.variables.keys()):
        if os.environ.get(hidden) != exports.variables[hidden]:
            say(f"caldp: {hidden} holds a credential and is left out: export it, or use --with-secrets.", err=True)
    return 0
