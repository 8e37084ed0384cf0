"""View of a plan, as text or as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from caldp.domain.calibration.assignment import ReferenceFile
from caldp.domain.run.plan import PlannedInputs, RunPlan
from caldp.views.columns import columns
from caldp.views.units import size_text


def plan_text(plan: RunPlan, changes: Sequence[str] = ()) -> str:
    """Write a plan for people.

    Parameters
    ----------
    plan
        The plan.
    changes
        Changes by the user's wishes, one sentence each.
    """
    parts = [f"{plan.dataset}: what a run would do; nothing was done."]
    if changes:
        parts.append("Other than usually\n" + "\n".join(f"  {change}" for change in changes))
    parts += _not_looked_at(plan) if plan.inputs is None else _looked_at(plan.inputs)
    if plan.products:
        untried = "" if plan.is_output_tried else "\nWhether these can be written was not tried."
        parts.append(f"Products would go to\n  {plan.products}\nand the final message to\n  {plan.message}{untried}")
    else:
        parts.append("Nothing would be published.")
    return "\n\n".join(parts)


def plan_json(plan: RunPlan, changes: Sequence[str] = ()) -> str:
    """Write a plan for machines; takes the parameters of `plan_text`."""
    document: dict[str, Any] = {"dataset": plan.dataset.name, "inputs": None}
    if plan.inputs is not None:
        document |= _inputs_document(plan.inputs)
    document |= {"products": plan.products or None, "message": plan.message or None, "status": int(plan.status)}
    document["changes"] = list(changes)
    document["obstacles"] = [
        {"status": int(one.exit_code), "message": one.message, "advice": one.advice} for one in plan.obstacles
    ]
    return json.dumps(document, indent=2)


def _not_looked_at(plan: RunPlan) -> list[str]:
    parts = ["Inputs would be downloaded first, and were not looked for: they decide on references and products."]
    if not plan.dataset.is_mosaic:
        recipe = plan.dataset.instrument.recipe
        programs = [shlex.join(words) for words in (recipe.stage1, recipe.stage2) if words]
        parts.append(f"Product types: {' '.join(recipe.download_suffixes)}; engines: {' and '.join(programs)}.")
    return parts


def _looked_at(inputs: PlannedInputs) -> list[str]:
    total = size_text(sum(file.size for file in inputs.files))
    parts = [
        f"Inputs: {len(inputs.files)} files, {total}\n"
        + columns([("  " + file.name, size_text(file.size)) for file in inputs.files])
    ]
    if inputs.assignment is None:
        parts.append(f"References cannot be told without a run: {inputs.obstacle}")
    elif inputs.assignment.references:
        rows = [_reference_row(inputs, reference) for reference in inputs.assignment.references]
        load = f", of which {inputs.downloads} would be downloaded" if inputs.downloads else ""
        parts.append(f"References by {inputs.assignment.context}: {len(rows)}{load}\n" + columns(rows))
    parts.append("Commands\n" + "\n".join(f"  {shlex.join(command.argv)}" for command in inputs.commands))
    if inputs.expected:
        parts.append("Products that must be there afterwards\n" + columns(_product_rows(inputs)))
    return parts


def _reference_row(inputs: PlannedInputs, reference: ReferenceFile) -> tuple[str, str, str]:
    missing = "not in the cache" if reference.name in inputs.absent else ""
    return "  " + reference.keyword, reference.name, missing


def _product_rows(inputs: PlannedInputs) -> Iterable[tuple[str, str]]:
    for product in inputs.expected:
        yield "  " + product.name, f"{len(product.complete)} switches COMPLETE" if product.complete else ""


def _inputs_document(inputs: PlannedInputs) -> dict[str, Any]:
    assignment = inputs.assignment
    return {
        "inputs": [{"name": file.name, "size": file.size} for file in inputs.files],
        "context": None if assignment is None else assignment.context,
        "references": None
        if assignment is None
        else [_reference_document(inputs, one) for one in assignment.references],
        "obstacle": None if inputs.obstacle is None else str(inputs.obstacle),
        "commands": [{"stage": command.stage.value, "argv": list(command.argv)} for command in inputs.commands],
        "expected": [
            {"name": product.name, "stage": product.stage.value, "complete": sorted(product.complete)}
            for product in inputs.expected
        ],
    }


def _reference_document(inputs: PlannedInputs, reference: ReferenceFile) -> dict[str, Any]:
    return {
        "keyword": reference.keyword,
        "name": reference.name,
        "path": str(reference.path),
        "in_cache": reference.name not in inputs.absent,
        "exposures": list(reference.exposures),
    }
