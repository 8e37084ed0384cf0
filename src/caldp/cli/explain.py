"""``caldp explain``: meaning of an exit status, a code's name or a signal."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.completion import complete_code
from caldp.cli.text import examples, say

EXAMPLES = examples("caldp explain 23", "caldp explain STAGE1_ERROR SIGKILL 137 -11")


def explain(
    codes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CODE|NAME|SIGNAL...",
            help="For example 23, STAGE1_ERROR or SIGKILL.",
            autocompletion=complete_code,
        ),
    ] = None,
) -> int:
    """Say what an exit status, a code's name or a signal means.

    A status above 128 is a signal as shells report it (137 = 128 + 9, SIGKILL); a negative one as Python does.
    124 to 127 are those of timeout, containers and shells.
    Without an argument all codes are listed.
    """
    from caldp.domain.exit_codes import ExitCode
    from caldp.views.codes import all_codes_text, codes_text

    for code in codes or ():
        _check(code)
    say(codes_text(codes) if codes else all_codes_text())
    return ExitCode.SUCCESS


def _check(code: str) -> None:
    """Refuse what is neither a status nor a signal."""
    from difflib import get_close_matches
    from signal import Signals

    from caldp.domain.errors import UsageError
    from caldp.domain.exit_codes import ExitCode, is_known

    if not is_known(code):
        names = [*ExitCode.__members__, *Signals.__members__]
        close = get_close_matches(code.upper(), names, n=1)
        raise UsageError(
            f"{code[:80]!r} is no exit status of caldp's and no signal.",
            advice=(f"Did you mean {close[0]}? " if close else "") + "'caldp explain' lists all codes.",
        )
