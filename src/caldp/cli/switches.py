"""``caldp switches``: the calibration switches of a dataset."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.run_options import Context, ProfileOfRun
from caldp.cli.text import examples, say, warn

EXAMPLES = examples("caldp switches ldfd01010", "caldp switches j6gp01mkq inputs --json")


def switches(
    dataset: Annotated[str, typer.Argument(help="Association or exposure, such as j8cb010b0.")],
    input: Annotated[  # noqa: A002  it is what the argument is called
        str | None, typer.Argument(help="A directory or tarball with its raw files; default: the profile's, here.")
    ] = None,
    context: Context = None,
    profile: ProfileOfRun = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List the calibration switches of a dataset: state in its raw headers, meaning, and what turning one on needs.

    "caldp process --set SWITCH=STATE" sets one for a run; with --dry-run it shows what would become of references and
    products.
    """
    from caldp.api import switches as list_switches
    from caldp.views.switches import switches_json, switches_text

    overrides = {"crds_context": context} if context else {}
    found = list_switches(dataset, input, profile=profile, overrides=overrides, listener=warn)
    say(switches_json(found) if as_json else switches_text(found))
    return 0
