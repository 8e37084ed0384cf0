"""Manifests of batches, as a user gives them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from attrs import frozen

from caldp.api import Place
from caldp.domain.batch.manifest import Entry, Reading, read_manifest, read_names
from caldp.domain.errors import UsageError
from caldp.domain.output.location import parse_input

if TYPE_CHECKING:
    from caldp.app.batch.inputs import Inputs


@frozen
class Manifest:
    """A manifest that was read, and its name for messages.

    Attributes
    ----------
    name
        Name, such as a path.
    reading
        Its entries and mistakes; None to take every dataset that the input has.
    """

    name: str
    reading: Reading | None = None


def read(datasets: str | PurePath | Iterable[str]) -> Manifest:
    """Read a manifest: a file, or names.

    Raises
    ------
    UsageError
        If there is no such file, or it is no text.
    """
    if not isinstance(datasets, str | PurePath):
        return Manifest("The list of datasets", read_names(datasets))
    try:
        return Manifest(str(datasets), read_manifest(Path(datasets).expanduser().read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no text"
        raise UsageError(
            f"The manifest {str(datasets)[:200]!r} cannot be read: {why}.",
            advice="Expected a file with names of datasets, one a line, or a table with the column dataset.",
        ) from error


def entries_of(manifest: Manifest, source: Place, inputs: Inputs) -> list[Entry]:
    """Return the datasets by name; of a manifest with mistakes those that can be read, if there are any.

    Parameters
    ----------
    manifest
        The manifest.
    source
        Location of the inputs, for a manifest that takes all of them.
    inputs
        Inputs of the batch.

    Raises
    ------
    UsageError
        If there is no dataset.
    CaldpError
        If the location cannot be read.
    """
    if manifest.reading is None:
        place = parse_input(source).absolute(lambda path: str(Path(path).expanduser().absolute()))
        found = inputs.datasets(str(place))
        if not found:
            raise UsageError(f"{place} holds no dataset.", advice="Check the location of the inputs.")
        return [Entry(name) for name in found]
    if not manifest.reading.entries:
        manifest.reading.refuse(manifest.name)
        raise UsageError(f"{manifest.name} names no dataset.", advice="Expected names such as j8cb010b0.")
    return sorted(manifest.reading.entries, key=lambda entry: entry.dataset)
