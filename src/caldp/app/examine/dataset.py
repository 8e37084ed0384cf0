"""Examination of the run of one dataset, by its plan: nothing is run and nothing downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from caldp.domain.errors import CaldpError
from caldp.domain.run.health import Finding, ok, problem, warning
from caldp.domain.run.plan import PlannedInputs, RunPlan

_SUBJECT: Final = "references"
_GB: Final = 1e9


def examine_dataset(dataset: str, make_plan: Callable[[], RunPlan]) -> tuple[Finding, ...]:
    """Examine whether a run of a dataset would do its work, and which references it would have to fetch.

    Parameters
    ----------
    dataset
        Name of the dataset.
    make_plan
        Plans its run.

    Returns
    -------
    tuple of Finding
        Those of the references have the subject ``references``; obstacles have the dataset's name.
    """
    try:
        plan = make_plan()
    except CaldpError as error:
        return (problem(dataset, error.message, error.advice),)
    obstacles = [problem(plan.dataset.name, one.message, one.advice) for one in plan.obstacles]
    return (*_inputs(plan), *obstacles)


def _inputs(plan: RunPlan) -> Iterator[Finding]:
    inputs = plan.inputs
    if inputs is None:
        yield warning(
            _SUBJECT,
            "cannot be told before the inputs are here: they decide on them",
            f"Give a directory that has the inputs: caldp doctor {plan.dataset.name} DIRECTORY",
        )
        return
    size = sum(file.size for file in inputs.files) / _GB
    yield ok("inputs", f"{len(inputs.files)} files, {size:.3f} GB")
    if inputs.assignment is None:
        why = inputs.obstacle
        yield warning(_SUBJECT, f"cannot be told: {why.message if why else ''}", why.advice if why else "")
    else:
        yield _references(inputs, len({one.name for one in inputs.assignment.references}), inputs.assignment.context)


def _references(inputs: PlannedInputs, number: int, context: str) -> Finding:
    sizes = inputs.absent_sizes
    if not sizes:
        return ok(_SUBJECT, f"all {number} by {context} are in the cache" if number else "none are needed")
    known = [size for size in sizes.values() if size is not None]
    total = f"{sum(known) / _GB:.3f} GB" if known else "of unknown size"
    if known and len(known) < len(sizes):
        total += f" and {len(sizes) - len(known)} of unknown size"
    listed = ", ".join(f"{name} ({_size(size)})" for name, size in sorted(sizes.items()))
    text = f"{len(sizes)} of {number} by {context} are not in the cache, {total}: {listed}"
    if inputs.downloads:
        return ok(_SUBJECT, f"{text}. A run downloads them")
    return problem(
        _SUBJECT, text, "Sync the cache (crds sync), or use a profile that may download references (offsite)."
    )


def _size(size: int | None) -> str:
    return "?" if size is None else f"{size / _GB:.3f} GB"
