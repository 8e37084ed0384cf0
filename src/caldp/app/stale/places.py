"""Places in which stale datasets are looked for: outputs, parts of them, and loose files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from caldp.app.layouts import LAYOUTS
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.output.layout import MESSAGES, RECORD
from caldp.domain.output.location import FileLocation, OutputLocation

if TYPE_CHECKING:
    from caldp.app.ports.object_store import ObjectStore
    from caldp.app.stale.find_stale import FindStale
    from caldp.domain.stale.findings import DatasetFinding

_LAYOUTS: Final = tuple(LAYOUTS.values())


def search(
    find: FindStale,
    locations: Sequence[OutputLocation],
    datasets: Sequence[AnyDataset],
    open_store: Callable[[OutputLocation], ObjectStore | None],
) -> Iterator[DatasetFinding]:
    """Examine the datasets of some places: outputs one after the other, then all loose files together.

    Parameters
    ----------
    find
        The use case; it is closed in the end.
    locations
        The places.
    datasets
        Datasets to examine; none for all.
    open_store
        Opens an output.

    Raises
    ------
    UsageError
        If a place holds nothing by its nature, or there is no place; at once.
    """
    if not locations:
        raise UsageError("There is no place to look at.", advice="Name an output, or FITS files.")
    loose: list[Path] = []
    outputs: list[tuple[ObjectStore, Sequence[AnyDataset]]] = []
    for location in locations:
        path = Path(*location.local_paths) if location.local_paths else None
        part = None if path is None else _recorded_part(path)
        if path is not None and part is None and not _is_output(path):
            loose.append(path)
            continue
        store = open_store(location if part is None else FileLocation(part[0]))
        if store is None:
            raise UsageError(f"{location} holds nothing.", advice="Expected file:PATH or s3://bucket/prefix.")
        if part is None:
            outputs.append((store, datasets))
        elif not datasets or part[1] in datasets:
            outputs.append((store, (part[1],)))
    return _examined(find, outputs, loose, datasets)


def _examined(
    find: FindStale,
    outputs: Sequence[tuple[ObjectStore, Sequence[AnyDataset]]],
    loose: Sequence[Path],
    datasets: Sequence[AnyDataset],
) -> Iterator[DatasetFinding]:
    try:
        for store, names in outputs:
            yield from find.in_output(store, names)
        if loose:
            yield from find.in_files(loose, datasets)
    finally:
        find.choice.close()


def _is_output(path: Path) -> bool:
    return any((path / place).is_dir() for layout in _LAYOUTS for place in (*layout.places, MESSAGES))


def _recorded_part(path: Path) -> tuple[str, AnyDataset] | None:
    """Return the output and the dataset whose directory or tarball a path is, if its record is there."""
    part = part_of_output(path)
    if part is None:
        return None
    root, dataset = part
    has_record = any(Path(root, layout.log_key(dataset, RECORD)).is_file() for layout in _LAYOUTS)
    return part if has_record else None


def part_of_output(path: PurePath) -> tuple[str, AnyDataset] | None:
    """Return the output and the dataset whose directory or tarball a path is; None if it is neither."""
    name = path.name.removesuffix(".tar.gz")
    if not is_dataset_name(name):
        return None
    dataset = DatasetName.parse(name)
    for layout in _LAYOUTS:
        for tail in (layout.prefix(dataset).rstrip("/"), layout.archive_key(dataset)):
            if tail and path.as_posix().endswith(f"/{tail}"):
                return path.as_posix().removesuffix(tail).rstrip("/") or "/", dataset
    return None
