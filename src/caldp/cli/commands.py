"""The commands of ``caldp``, each imported when it is called: all of them take longer than most of them run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

import typer
from attrs import field, frozen

from caldp.cli.plain_values import PlainGroup

SETTINGS: Final[Mapping[str, Any]] = {
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,  # plain help: importing rich takes longer than all the rest of it
}
"""Settings of everything that typer makes."""


@frozen
class Late:
    """A command that is not imported yet: the function ``NAME`` of ``caldp.cli.NAME``, or the typer ``app`` there.

    Attributes
    ----------
    short_help
        Its line in the help of ``caldp``.
    settings
        Settings of its context.
    """

    short_help: str
    settings: Mapping[str, Any] = field(factory=dict)

    def make(self, name: str) -> Any:
        """Import the command and let typer make it."""
        function = name.replace("-", "_")
        module = import_module(f"caldp.cli.{function}")
        app = typer.Typer(**SETTINGS)
        app.callback()(lambda: None)  # with it typer makes a group, however many commands there are
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name, short_help=self.short_help)
        else:
            app.command(name, epilog=module.EXAMPLES, short_help=self.short_help, context_settings=dict(self.settings))(
                getattr(module, function)
            )
        return typer.main.get_group(app).commands[name]


COMMANDS: Final[Mapping[str, Late]] = {
    "process": Late("Process a dataset, from its name to its products."),
    "demo": Late("Process a simulated observation, as a demonstration."),
    "switches": Late("List the calibration switches of a dataset."),
    "preview": Late("Draw previews of products."),
    "status": Late("Show the state of the datasets of an output."),
    "show": Late("Show the record of a dataset."),
    "open": Late("Open the report or the main picture of a dataset."),
    "report": Late("Write pages for a browser about an output."),
    "watch": Late("Show an output in a browser, live."),
    "stale": Late("Show which products a newer context would change."),
    "sync": Late("Fetch finished datasets into a directory."),
    "lock": Late("Write down what a replay of a run needs."),
    "replay": Late("Repeat a locked run, and compare its products."),
    "capsule": Late("Carry one dataset anywhere, in one file."),
    "diff": Late("Compare two outputs, causes first."),
    "clean": Late("Remove leftovers of runs that are gone."),
    "doctor": Late("Examine whether a run could work here."),
    "constraints": Late("Print the versions that this one was tested with."),
    "explain": Late("Explain an exit status or a signal.", {"ignore_unknown_options": True}),
    "batch-definition": Late("Print AWS Batch job definitions."),
    "batch": Late("Process many datasets."),
    "profile": Late("List and show profiles; print their variables."),
    "docker": Late("Build, push and run the Docker image."),
}


@frozen
class Made(Mapping[str, Any]):
    """Commands by name, made when they are asked for."""

    _made: dict[str, Any] = field(factory=dict, init=False)

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = COMMANDS[name].make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Caldp(PlainGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": {}})
        self.commands = Made()  # type: ignore[assignment]  # nothing adds to it

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  typer's signature
        """Write the names and short helps, which are known without the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, late.short_help) for name, late in COMMANDS.items()])
