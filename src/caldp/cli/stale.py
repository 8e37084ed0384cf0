"""``caldp stale``: products that a newer context would change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.formats import Format, Json, chosen_format, say_table
from caldp.cli.run_options import ProfileOfRun
from caldp.cli.text import examples, say, warn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from caldp.domain.stale.findings import DatasetFinding
    from caldp.domain.stale.rungs import Verdict

EXAMPLES = examples(
    "caldp stale outputs --context hst_9729.pmap",
    "caldp stale s3://my-bucket/batch-22 j8cb010b0 --explain",
    "caldp stale *_flt.fits *_x1d.fits --exit-code",
)


def stale(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="OUTPUT|FILES... [DATASET]...",
            help="An output, or FITS files, tarballs and directories of them; names of datasets, by default all.",
        ),
    ],
    context: Annotated[
        str | None,
        typer.Option(help="Context to compare with; by default the newest in the cache, or the server's."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show each type with its rung and the reason.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 unless every dataset is current.")] = False,
    profile: ProfileOfRun = "",
    form: Format = "",
    as_json: Json = False,
) -> int:
    """Show which datasets a newer context would change, by how much, and why. Nothing is calibrated or downloaded.

    For each dataset and type of reference file the lowest of these is given that can be proven: UNCHANGED, the same
    file is assigned; UNUSED, the step that reads it does not run; SAME-CONTENT, another name with the same data;
    SAME-ROWS, the same data in the rows or pixels that the exposure uses; CHANGED; UNKNOWN, a file is not at hand. A
    dataset with a type that is CHANGED is stale; one that cannot be told is unknown; any other is current.
    """
    from caldp.api import stale as find
    from caldp.domain.stale.rungs import Verdict
    from caldp.domain.tables.results import FINDINGS
    from caldp.views.stale import finding_json, finding_text, total_text

    chosen = chosen_format(form, as_json=as_json)
    places, datasets = parted(words)
    counts: Counter[Verdict] = Counter()
    findings = find(places, datasets, context=context, profile=profile, listener=warn)
    if chosen in ("csv", "ecsv"):
        say_table(FINDINGS.table(_counted(findings, counts)), chosen)
    elif chosen == "json":
        _say_json(finding_json(finding) for finding in _counted(findings, counts))
    else:
        for finding in _counted(findings, counts):
            say(finding_text(finding, explain=explain))
        say(total_text(counts))
    return int(exit_code and counts.total() != counts[Verdict.CURRENT])


def parted(words: list[str]) -> tuple[list[str], list[str]]:
    """Part words into places and names of datasets. A path that exists is a place, whatever it is called."""
    from caldp.domain.hst.dataset import is_dataset_name

    names = [word for word in words if is_dataset_name(word.strip()) and not Path(word).exists()]
    return [word for word in words if word not in names], names


def _counted(findings: Iterable[DatasetFinding], counts: Counter[Verdict]) -> Iterable[DatasetFinding]:
    for finding in findings:
        counts[finding.verdict] += 1
        yield finding


def _say_json(objects: Iterable[str]) -> None:
    """Write a list as it comes, object by object: there may be thousands."""
    waiting = None
    say("[")
    for text in objects:
        if waiting is not None:
            say(f"{waiting},")
        waiting = text
    if waiting is not None:
        say(waiting)
    say("]")
