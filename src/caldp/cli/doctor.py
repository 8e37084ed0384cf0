"""``caldp doctor``: fitness of this machine for runs."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp doctor",
    "caldp doctor --profile aws --json",
    "caldp doctor j8cb010b0 inputs --profile offsite",
)


def doctor(
    dataset: Annotated[str, typer.Argument(help="Dataset whose run is examined too; default: none.")] = "",
    input: Annotated[str, typer.Argument(help="As for caldp process; default: the profile's.")] = "",  # noqa: A002
    profile: Annotated[str, typer.Option(help="The profile to examine.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Examine this machine only, and no server.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Examine whether a run could do its work here under a profile.

    Looks at Python, packages and calibration programs, the CRDS cache, scratch space and memory, whether MAST, CRDS,
    S3 and the servers of astrometry can be reached, and whether there are credentials (which are never shown). Of a
    dataset it tells which references are not in the cache, their size by CRDS's catalogue, and whatever else would
    fail its run; nothing is downloaded. Each line says ok, warning (in the way of some runs) or problem (in the way
    of every run), and what to do. The status is 1 if there is a problem.
    """
    from caldp.api import examine
    from caldp.domain.run.health import status_of
    from caldp.views.health import findings_json, findings_text

    findings = examine(profile, dataset=dataset, input=input or None, offline=offline)
    say(findings_json(findings) if as_json else findings_text(findings))
    return status_of(findings)
