"""Reference files of the user's own, in the place of those that CRDS assigns."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import FetchedInputs
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.errors import UsageError
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.run.events import Level, Note
from caldp.domain.run.quoting import quoted


def override_references(
    assignment: Assignment, overrides: Mapping[str, str], inputs: FetchedInputs, fits: FitsFiles, tell: Listener
) -> Assignment:
    """Write the user's own reference files into the raw headers.

    Parameters
    ----------
    assignment
        References that CRDS assigned.
    overrides
        Path of a file by header keyword, such as ``DARKFILE``.
    inputs
        The raw exposures, whose headers are changed.
    fits
        Changes them.
    tell
        Hears of each override.

    Returns
    -------
    Assignment
        With the user's files.

    Raises
    ------
    UsageError
        If a file is missing or no whole FITS file, or no exposure has the keyword.
    """
    references = {reference.keyword: reference for reference in assignment.references}
    changed = tuple(
        _override(keyword.upper(), Path(file).expanduser().absolute(), references, inputs, fits, tell)
        for keyword, file in overrides.items()
    )
    replaced = {reference.keyword for reference in changed}
    kept = (reference for reference in assignment.references if reference.keyword not in replaced)
    return assignment.with_references((*kept, *changed))


def name_in_headers(reference: ReferenceFile, inputs: FetchedInputs, fits: FitsFiles) -> ReferenceFile:
    """Write the name of a reference into the headers of the exposures that use it; return the reference."""
    dataset = inputs.observation.dataset
    if dataset.is_mosaic:
        raise AssertionError("exposures that are calibrated already are assigned no reference")
    for raw in reference.exposures:
        value = f"{dataset.instrument.recipe.reference_variable}${reference.name}"
        fits.set_keywords(inputs.files[raw], {reference.keyword: value})
    return reference


def _override(
    keyword: str,
    path: Path,
    assigned: Mapping[str, ReferenceFile],
    inputs: FetchedInputs,
    fits: FitsFiles,
    tell: Listener,
) -> ReferenceFile:
    dataset = inputs.observation.dataset
    if dataset.is_mosaic:
        raise UsageError(f"{dataset} starts from calibrated exposures: there is no reference file to override.")
    if not path.is_file():
        raise UsageError(
            f"There is no file {quoted(path)} to use as {keyword}.", advice="Check the path of the override."
        )
    facts = fits.facts(path)
    if isinstance(facts, UnreadableFits):
        raise UsageError(
            f"The file {quoted(path)} cannot be used as {keyword}: {facts.reason}.",
            advice="Expected a whole FITS file of the reference's kind.",
        )
    raws = [name for name, facts in sorted(inputs.observation.raws.items()) if facts.keyword(keyword) is not None]
    if not raws:
        close = get_close_matches(keyword, assigned, n=1)
        raise UsageError(
            f"No raw exposure has the keyword {keyword}.",
            advice=f"Did you mean {close[0]}?" if close else f"CRDS assigns {', '.join(sorted(assigned))}.",
        )
    tell(Note(f"{keyword} is {quoted(path)}, and not what CRDS assigns.", Level.WARNING))
    return name_in_headers(ReferenceFile(keyword, path.name, path, tuple(raws), is_override=True), inputs, fits)
