"""Second step: best references into the raw headers, and links to just these for the engines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from caldp.app.calibration.overrides import override_references
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.ports.reference_file_service import ReferenceFileService
from caldp.app.process.flow import FetchedInputs, ReferencedInputs, WorkDirectory
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.reference_names import outside_names
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.files import UnreadableFits


def assign_references(
    inputs: FetchedInputs,
    service: ReferenceFileService,
    work: WorkDirectory,
    environment: Mapping[str, str],
    tell: Listener,
    *,
    overrides: Mapping[str, str],
    fits: FitsFiles,
    edits: Callable[[Assignment], Assignment] = lambda assignment: assignment,
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
    edits
        Put private copies of tables into the place of assigned ones.

    Raises
    ------
    BestrefsError
        If references cannot be assigned or found, or a header names a file elsewhere.
    """
    raws = [inputs.files[name] for name in sorted(inputs.observation.raws)]
    if inputs.observation.dataset.is_mosaic:
        refuse_outside_names(raws, fits, environment)
        return ReferencedInputs(inputs, Assignment("", ()), environment)
    assignment = edits(override_references(service.assign(raws, tell), overrides, inputs, fits, tell))
    refuse_outside_names(raws, fits, environment, overrides)
    link_references(assignment, work.references)
    return ReferencedInputs(inputs, assignment, environment)


def refuse_outside_names(
    raws: Iterable[Path], fits: FitsFiles, environment: Collection[str], overrides: Collection[str] = ()
) -> None:
    """Check that headers, as engines will find them, name no file outside of the run's directories.

    Parameters
    ----------
    raws
        The exposures, with references assigned.
    fits
        Reads them.
    environment
        Names in the engines' environment.
    overrides
        Keywords that the user has set.

    Raises
    ------
    BestrefsError
        If one does.
    """
    for raw in raws:
        facts = fits.facts(raw)
        if isinstance(facts, UnreadableFits):
            raise BestrefsError(f"{raw.name} cannot be read: {facts.reason}.", advice="Fetch the file again.")
        found = next(outside_names(facts, environment, {keyword.upper() for keyword in overrides}), None)
        if found is not None:
            raise BestrefsError(
                f"{found.file} has {found.keyword} = {found.value!r}, which is outside of this run's directories.",
                advice="CRDS leaves it as it is. Expected N/A, or a file name without a path, such as "
                f"jref$name.fits: correct the header, or override {found.keyword} with a file of your own.",
            )


def link_references(assignment: Assignment, directory: Path) -> None:
    """Link each assigned reference by its name, so that the engines see these and no others."""
    for name, path in sorted({reference.name: reference.path for reference in assignment.references}.items()):
        (directory / name).symlink_to(path)
