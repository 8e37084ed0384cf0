"""Values of a command line are those that typer makes of it, whoever makes them."""

from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from caldp.cli.plain_values import take_plainly


class Instrument(Enum):
    COS = "cos"
    ACS = "acs"


def made_of(words: str, *, plainly: bool) -> Any:
    """Run a command of options of all kinds; return its values, or the message of its error."""
    app, seen = typer.Typer(), list[Any]()

    @app.command()
    def one(
        files: Annotated[list[Path], typer.Argument()],
        names: Annotated[list[str] | None, typer.Option()] = None,
        text: Annotated[str, typer.Option(envvar="CALDP_TEST_TEXT")] = "default",
        path: Annotated[Path | None, typer.Option(dir_okay=False)] = None,
        place: Annotated[Path, typer.Option()] = Path("default"),
        there: Annotated[Path, typer.Option(exists=True)] = Path(),
        absolute: Annotated[Path, typer.Option(resolve_path=True)] = Path(),
        number: Annotated[int | None, typer.Option(min=1)] = None,
        fraction: Annotated[float, typer.Option()] = 0.5,
        instrument: Annotated[Instrument, typer.Option()] = Instrument.COS,
        parsed: Annotated[Any, typer.Option(parser=str.upper)] = "x",
        flag: Annotated[bool, typer.Option()] = False,
    ) -> None:
        seen.extend([files, names, text, path, place, there, absolute, number, fraction, instrument, parsed, flag])

    command: Any = get_command(app)
    try:
        (take_plainly(command) if plainly else command).main(args=words.split(), standalone_mode=False)
    except typer.TyperException as error:
        return type(error), error.format_message()
    return seen


@pytest.mark.parametrize(
    "words",
    [
        "a b/../c",
        "",
        "a --names x --names y --text t --flag",
        "a --path no --place . --there / --absolute x/../y",
        "a --path .",
        "a --there /nowhere",
        "a --number 3 --fraction 2.5 --instrument acs --parsed abc",
        "a --number 0",
        "a --number x",
        "a --instrument stis",
        "a --text",
        "a --unknown",
    ],
)
def test_values_and_errors_are_typers_own(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", "of the environment"):
        monkeypatch.setenv("CALDP_TEST_TEXT", text)
        assert made_of(words, plainly=True) == made_of(words, plainly=False)
