"""The second step: best references into the raw headers, and links to just these for the engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from caldp.app.flow import FetchedInputs, ReferencedInputs, WorkDirectory
from caldp.app.ports import Assignment, FitsFiles, Listener, ReferenceFileService
from caldp.app.steps.overrides import override_references
from caldp.domain.dataset import Ipppssoot


def assign_references(
    inputs: FetchedInputs,
    service: ReferenceFileService,
    work: WorkDirectory,
    environment: Mapping[str, str],
    tell: Listener,
    *,
    overrides: Mapping[str, str],
    fits: FitsFiles,
) -> ReferencedInputs:
    """Assign best references and link the assigned files into the work directory.

    Visits and sky cells start from calibrated exposures: nothing is assigned to these.

    Parameters
    ----------
    environment
        The engines' environment.
    overrides
        Reference files of the user's own, by header keyword.
    fits
        Writes these into the headers.

    Raises
    ------
    BestrefsError
        If references cannot be assigned or found.
    """
    if not isinstance(inputs.observation.dataset, Ipppssoot):
        return ReferencedInputs(inputs, Assignment("", ()), environment)
    raws = [inputs.files[name] for name in sorted(inputs.observation.raws)]
    assignment = override_references(service.assign(raws, tell), overrides, inputs, fits, tell)
    link_references(assignment, work.references)
    return ReferencedInputs(inputs, assignment, environment)


def link_references(assignment: Assignment, directory: Path) -> None:
    """Link each assigned reference by its name, so that the engines see these and no others."""
    for name, path in sorted({reference.name: reference.path for reference in assignment.references}.items()):
        (directory / name).symlink_to(path)
