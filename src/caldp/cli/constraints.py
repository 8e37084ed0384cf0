"""``caldp constraints``: the versions that this version was tested with."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.streams import write
from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp constraints",
    'pip install --constraint "$(caldp constraints --path)" "caldp[engines]"',
)


def constraints(
    path: Annotated[bool, typer.Option("--path", help="Print the path of the file instead of its lines.")] = False,
) -> int:
    """Print the versions of all packages that this version of caldp was tested with.

    They are constraints for pip and uv: a package that is installed takes its version, and none is installed by them.
    """
    from caldp.factories import constraints_file

    file = constraints_file()
    if path:
        say(str(file))
    else:
        write(file.read_text(encoding="utf-8").rstrip("\n"))  # as it is: `say` blots out what follows secretstorage=
    return 0
