"""First step: fetch a dataset's inputs into the work directory, and read their headers."""

from __future__ import annotations

from pathlib import Path

from caldp.app.calibration.work_files import file_record
from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import FetchedInputs, WorkDirectory
from caldp.domain.calibration.plan import Observation, require_inputs
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import FitsFacts, HstFileName, UnreadableFits
from caldp.domain.hst.selection import is_calibrated
from caldp.domain.run.events import Note


def fetch(
    dataset: AnyDataset, source: ArchiveSource, fits: FitsFiles, work: WorkDirectory, tell: Listener
) -> FetchedInputs:
    """Fetch a dataset's inputs and read their headers.

    Raises
    ------
    CaldpError
        As the source has it.
    InvalidInput
        If a raw file or the association table cannot be read, or an input is missing.
    """
    files = {path.name: path for path in source.fetch(dataset, work.data, tell)}
    sizes = {name: path.stat().st_size for name, path in sorted(files.items())}
    tell(Note(f"{len(files)} input files, {sum(sizes.values()) / 1e6:.1f} MB"))
    observation = observe(dataset, files, fits)
    require_inputs(observation)
    records = (file_record(name, size, observation.raws.get(name)) for name, size in sizes.items())
    return FetchedInputs(observation, files, tuple(records))


def observe(dataset: AnyDataset, files: dict[str, Path], fits: FitsFiles) -> Observation:
    """Read the headers of a dataset's inputs.

    Raises
    ------
    InvalidInput
        If a raw file or the association table cannot be read.
    """
    table = None if dataset.is_mosaic else files.get(dataset.guide_file)
    association = None if table is None else _association(table, fits)
    raws = {name: _readable(path, fits) for name, path in files.items() if is_raw(dataset, name)}
    return Observation(
        dataset,
        association,
        raws,
        frozenset(files.keys() - raws.keys()),
    )


def _association(path: Path, fits: FitsFiles) -> Association:
    association = fits.association(path)
    if association.misnamed:
        raise InvalidInput(
            f"{path.name} has the member {association.misnamed[0].name!r}, which is no rootname.",
            advice="Expected names such as j8cb01u2q; fetch the file again from the archive.",
        )
    return association


def is_raw(dataset: AnyDataset, name: str) -> bool:
    """Tell whether a file is a raw exposure (for visits and sky cells: an exposure to be mosaicked)."""
    if dataset.is_mosaic:
        return is_calibrated(name)
    parsed = HstFileName.parse(name)
    return parsed is not None and parsed.suffix in dataset.instrument.recipe.raw_suffixes


def _readable(path: Path, fits: FitsFiles) -> FitsFacts:
    facts = fits.facts(path, science=True)
    if isinstance(facts, UnreadableFits):
        raise InvalidInput(
            f"{path.name} is not a whole FITS file: {facts.reason}.", advice="Fetch the file again from the archive."
        )
    if facts.missing_extensions:
        raise InvalidInput(
            f"{path.name} has {facts.missing_extensions}.", advice="Fetch the file again from the archive."
        )
    return facts
