"""``caldp doctor``: fitness of this machine for runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.text import examples, say
from caldp.views.columns import columns

if TYPE_CHECKING:
    from caldp.domain.run.health import Finding

EXAMPLES = examples("caldp doctor", "caldp doctor --profile offsite", "caldp doctor --profile aws --json")


def doctor(
    profile: Annotated[str, typer.Option(help="The profile to examine.")] = "onsite",
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody on the network.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Examine whether a run could do its work here under a profile.

    Looks at Python, packages and calibration programs, the CRDS cache, scratch space and memory, whether MAST, CRDS
    and S3 can be reached, and whether there are credentials (which are never shown). Each line says ok, warning (in
    the way of some runs) or problem (in the way of every run), and what to do. The status is 1 if there is a problem.
    """
    from caldp.api import examine
    from caldp.domain.run.health import status_of

    findings = examine(profile, offline=offline)
    say(_json_text(findings) if as_json else _text(findings))
    return status_of(findings)


def _text(findings: Sequence[Finding]) -> str:
    rows = []
    for finding in findings:
        rows.append((finding.verdict.value, finding.subject, finding.text))
        if finding.remedy:
            rows.append(("", "", f"-> {finding.remedy}"))
    return columns(rows)


def _json_text(findings: Sequence[Finding]) -> str:
    entries = [
        {"subject": one.subject, "verdict": one.verdict.value, "text": one.text, "remedy": one.remedy}
        for one in findings
    ]
    return json.dumps(entries, indent=2)
