"""Calibration of a part of an association, by a table of its own."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.members import part_of
from caldp.domain.hst.files import root_of


def choose_members(
    inputs: FetchedInputs, names: tuple[str, ...], fits: FitsFiles, note: Callable[[str], None]
) -> FetchedInputs:
    """Take some exposures out of the work directory and of the association table.

    Engines and judgement then find an association of the exposures that stay.

    Parameters
    ----------
    inputs
        Inputs of the whole association, in the work directory.
    names
        Rootnames of the exposures that stay; none for all.
    fits
        Writes the table.
    note
        Hears of the choice.

    Returns
    -------
    FetchedInputs
        The part; its records are of all files, as they were fetched.

    Raises
    ------
    UsageError
        If one of the names is no exposure of the association.
    """
    association = inputs.observation.association
    if not names or association is None:
        return inputs
    part = part_of(association, names)
    gone = {member.name for member in association.exposures} - {member.name for member in part.exposures}
    if not gone:
        return inputs
    dataset = inputs.observation.dataset
    table = inputs.files[dataset.guide_file]
    written = table.with_suffix(".part")
    fits.write_association(written, part, table)
    written.replace(table)
    files = dict(inputs.files)
    for name in [name for name in files if root_of(name) in gone]:
        files.pop(name).unlink()
    kept = [member.name for member in part.exposures]
    note(f"{len(kept)} of {len(kept) + len(gone)} exposures are calibrated, by request: {', '.join(kept)}")
    return evolve(inputs, observation=observe(dataset, files, fits), files=files)
