"""Views of what a batch would do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import attrs
from attrs import frozen

from caldp.domain.batch.estimate import Basis, Estimate
from caldp.domain.batch.job import Job
from caldp.domain.output.survey import duration_text
from caldp.views.batch import datasets_text
from caldp.views.units import size_text


@frozen
class ReferenceCount:
    """Reference files that a batch needs.

    Attributes
    ----------
    present, present_bytes
        Number and size of those in the cache.
    missing, missing_bytes
        Number and size of those that are not.
    unsized
        Number of those that are not and whose size CRDS does not tell.
    unassigned
        Number of datasets to which none could be assigned.
    """

    present: int
    present_bytes: int
    missing: int
    missing_bytes: int
    unsized: int
    unassigned: int

    def __str__(self) -> str:
        text = f"{self.present} reference files in the cache, {size_text(self.present_bytes)}; {self.missing} missing"
        text += f", {size_text(self.missing_bytes)} to fetch" if self.missing_bytes else ""
        text += f" and {self.unsized} of unknown size" if self.unsized else ""
        return text + (f"; none could be assigned to {datasets_text(self.unassigned)}" if self.unassigned else "")


def plan_text(
    batch: str,
    jobs: Sequence[Job],
    reasons: Mapping[int, str],
    estimates: Mapping[int, Estimate],
    references: ReferenceCount | None = None,
) -> str:
    """Write what a batch would run: how many datasets, why, and what they need as far as it is known."""
    counted = Counter(reasons.values())
    lines = [
        f"batch {batch}: {datasets_text(len(jobs))}, {len(jobs) - len(reasons)} done already, {len(reasons)} to run"
    ]
    lines += [f"    {count} {reason}" for reason, count in counted.most_common()]
    if estimates:
        lines += _needs(estimates.values())
    if references is not None:
        lines.append(str(references))
    return "\n".join(lines)


def _needs(needs: Collection[Estimate]) -> Iterator[str]:
    """Write what jobs need, and the knowledge that this rests on."""
    files, size = sum(need.files for need in needs), sum(need.input_bytes for need in needs)
    unknown = sum(not need.input_bytes for need in needs)
    yield f"{files} raw files or tarballs, {size_text(size)}" + (
        f"; {datasets_text(unknown)} of unknown size" if unknown else ""
    )
    seconds, largest = sum(need.seconds for need in needs), max(need.memory_mib for need in needs)
    yield f"about {duration_text(seconds)} of work on one core, at most {size_text(largest * (1 << 20))} a dataset"
    bases = Counter(need.basis for need in needs)
    yield from (f"    {bases[basis]} estimated by {basis.value}" for basis in Basis if bases[basis])


def plan_json(
    batch: str,
    jobs: Sequence[Job],
    reasons: Mapping[int, str],
    estimates: Mapping[int, Estimate],
    references: ReferenceCount | None = None,
) -> str:
    """Write what a batch would run for machines."""
    runs = [
        {
            "dataset": jobs[number].dataset,
            "reason": reason,
            "memory_mib": round(estimates[number].memory_mib),
            "seconds": round(estimates[number].seconds),
            "input_files": estimates[number].files,
            "input_bytes": estimates[number].input_bytes,
            "basis": estimates[number].basis.name.lower(),
        }
        for number, reason in reasons.items()
    ]
    counted = None if references is None else attrs.asdict(references)
    return json.dumps({"batch": batch, "total": len(jobs), "runs": runs, "references": counted}, indent=2)
