"""Records of a run's files: inputs, what was made of them, references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve

from caldp.app.calibration.work_files import file_record
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.digests import Digests
from caldp.app.process.flow import FetchedInputs, ProductSet
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.output.layout import Category
from caldp.domain.run.record import FileRecord, ReferenceRecord


def digested(records: Iterable[FileRecord], paths: Mapping[str, Path], digests: Digests) -> tuple[FileRecord, ...]:
    """Add the digests of files to their records; wait for all of them, at the same time."""
    records = tuple(records)
    digests.begin(paths[record.name] for record in records)
    return tuple(_digested(record, paths[record.name], digests) for record in records)


def _digested(record: FileRecord, path: Path, digests: Digests) -> FileRecord:
    digest = digests.of(path)
    return record if digest is None else evolve(record, size=digest.size, sha256=digest.sha256, hdus=digest.hdus)


def prepared(inputs: FetchedInputs, products: ProductSet, fits: FitsFiles, digests: Digests) -> tuple[FileRecord, ...]:
    """Describe raw files and delivered inputs as the run leaves them.

    Parameters
    ----------
    inputs
        The inputs.
    products
        Files to deliver.
    fits
        Reads headers.
    digests
        Digests files.
    """
    categories = categories_of(products)
    paths = {
        name: path
        for name, path in sorted(inputs.files.items())
        if (name in categories or name in inputs.observation.raws) and path.is_file()
    }
    records = (
        evolve(
            file_record(name, path.stat().st_size, fits.facts(path) if name in inputs.observation.raws else None),
            category=categories.get(name),
        )
        for name, path in paths.items()
    )
    return digested(records, paths, digests)


def made(
    records: Iterable[FileRecord], products: ProductSet, digests: Digests
) -> tuple[tuple[FileRecord, ...], tuple[FileRecord, ...]]:
    """Part what engines made into what is delivered, with digests, and scratch; previews are added to the former.

    Parameters
    ----------
    records
        Files that engines made.
    products
        Files to deliver.
    digests
        Digests files.

    Returns
    -------
    delivered, scratch : tuple of FileRecord
    """
    records = tuple(records)
    categories, paths = categories_of(products), {file.path.name: file.path for file in products.files}
    delivered = [evolve(record, category=categories[record.name]) for record in records if record.name in categories]
    previews = [
        FileRecord(file.path.name, file.path.stat().st_size, file.category)
        for file in products.files
        if file.category is Category.PREVIEW and file.path.exists()  # a record is made whatever has happened
    ]
    scratch = tuple(record for record in records if record.name not in categories)
    return digested([*delivered, *previews], paths, digests), scratch


def categories_of(products: ProductSet) -> dict[str, Category]:
    """Return what each delivered file is, by name."""
    return {file.path.name: file.category for file in products.files}


def reference_records(assignment: Assignment, digests: Digests) -> tuple[ReferenceRecord, ...]:
    """Describe the references that a run used."""
    return tuple(_reference_record(reference, digests) for reference in assignment.references)


def _reference_record(reference: ReferenceFile, digests: Digests) -> ReferenceRecord:
    override = str(reference.path) if reference.is_override else ""
    record = ReferenceRecord(reference.keyword, reference.name, reference.exposures, override)
    digest = digests.of(reference.path)
    return record if digest is None else evolve(record, size=digest.size, sha256=digest.sha256, hdus=digest.hdus)
