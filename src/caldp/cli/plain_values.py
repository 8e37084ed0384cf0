"""Values of a command line that are texts and paths, taken as they are.

typer leaves every value to pydantic, whose import takes longer than most commands. What is neither a text nor a path
nor left out is still left to it. The place where typer keeps what converts a value is its own affair: where another
release has it elsewhere, nothing is changed and commands only begin more slowly.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, get_args

from attrs import frozen
from typer.core import TyperGroup

_KEPT: Final = "_runtime_param"


def take_plainly(command: Any, parent: Any = None) -> Any:
    """Let a command take texts and paths as they are; return the command.

    Parameters
    ----------
    command
        Command or group that typer made.
    parent
        Context of the group that it belongs to: the names of ``--help`` are inherited.
    """
    context = command.context_class(command, parent=parent, info_name=command.name, **command.context_settings)
    for parameter in command.get_params(context):  # with --help, which is no parameter of the command's own
        if getattr(parameter, _KEPT, False) is None:
            setattr(parameter, _KEPT, _Plain(parameter.type_descriptor))
    return command


class PlainGroup(TyperGroup):
    """A group whose commands take texts and paths as they are."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; None if there is none of that name."""
        command = super().get_command(ctx, cmd_name)
        return None if command is None else take_plainly(command, ctx)


@frozen
class _Plain:
    """Conversion of the values of one option or argument, in the place of typer's."""

    descriptor: Any

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Convert a value.

        Parameters
        ----------
        value
            Text, texts, default, or None for what was left out.
        param, ctx
            Option or argument, and the context of its command.

        Raises
        ------
        BadParameter
            If the value is none of the option's kind.
        """
        takes_several = param.multiple or param.nargs == -1
        if value is None:
            return () if takes_several else None
        annotation = self.descriptor.annotation
        kind = get_args(annotation)[0] if takes_several and get_args(annotation) else annotation
        values = value if takes_several else (value,)
        if isinstance(values, list | tuple) and kind in {str, Path} and self.descriptor.parameter_info.parser is None:
            taken = [item if kind is str else self._path(item, param, ctx) for item in values]
            if all(isinstance(item, kind) for item in taken):
                return taken if takes_several else taken[0]
        elif isinstance(kind, type) and type(value) is kind and not takes_several:  # a default
            return value
        return self._by_typer(value, param, ctx)

    def _path(self, value: Any, param: Any, ctx: Any) -> Any:
        from typer._param_types import coerce_cli_path

        return coerce_cli_path(Path(value), self.descriptor.parameter_info, path_type=Path, param=param, ctx=ctx)

    def _by_typer(self, value: Any, param: Any, ctx: Any) -> Any:
        from typer._coercion import build_runtime_param

        return build_runtime_param(self.descriptor).coerce(value, param=param, ctx=ctx)
