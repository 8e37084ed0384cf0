"""Brings a dataset's inputs, and nothing else, into a directory; the same for every kind of source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from caldp.adapters.tools.unpacking import gunzip
from caldp.app.ports import FitsFiles, Listener
from caldp.domain.association import Association
from caldp.domain.dataset import AnyDataset, Ipppssoot
from caldp.domain.errors import InputNotFound
from caldp.domain.events import Level, Note, Transfer
from caldp.domain.selection import COMPRESSED, association_table, lacking, plain_name, select, twins


@frozen
class Shelf:
    """Files that can be had one by one: those of a directory, or below a prefix of a bucket.

    Attributes
    ----------
    label
        What to call the place in messages.
    names
        File names, plain or compressed with gzip.
    take
        Puts the file of a name at a path, as it is.
    largest
        How large a compressed file may become; bytes.
    """

    label: str
    names: tuple[str, ...]
    take: Callable[[str, Path], None]
    largest: int


def holds_any(dataset: AnyDataset, names: tuple[str, ...]) -> bool:
    """Tell whether there is a FITS or poller file of a dataset among some names."""
    return any(not name.endswith("_cal_env.txt") for name in select(dataset, names).chosen)


def take_selected(
    dataset: AnyDataset, shelf: Shelf, destination: Path, fits: FitsFiles, tell: Listener
) -> tuple[Path, ...]:
    """Take a dataset's inputs from a shelf, uncompressed and under plain names.

    Returns
    -------
    tuple of Path
        The files, sorted by name.

    Raises
    ------
    InputNotFound
        If there is nothing for the dataset, or nothing that calibration could start from.
    InvalidInput
        If the association table or a compressed file is damaged.
    """
    taken: dict[str, Path] = {}

    def bring(name: str) -> Path:
        if name not in taken:
            taken[name] = _bring(name, shelf, destination)
            size = taken[name].stat().st_size
            tell(Transfer(taken[name].name, size, size))
        return taken[name]

    association = _association(dataset, shelf, bring, fits)
    selection = select(dataset, shelf.names, association)
    _say_what_was_left(dataset, shelf, selection.passed_over, tell)
    _check_enough(dataset, shelf, selection.chosen, association)
    if isinstance(dataset, Ipppssoot) and dataset.is_association and association is None:
        tell(Note(f"There is no {association_table(dataset)}; going by the name of {dataset} alone.", Level.WARNING))
    return tuple(sorted(bring(name) for name in selection.chosen))


def _association(
    dataset: AnyDataset, shelf: Shelf, bring: Callable[[str], Path], fits: FitsFiles
) -> Association | None:
    if not isinstance(dataset, Ipppssoot):
        return None
    table = association_table(dataset)
    offered = [name for name in select(dataset, shelf.names).chosen if plain_name(name) == table]
    return fits.association(bring(offered[0])) if offered else None


def _bring(name: str, shelf: Shelf, destination: Path) -> Path:
    target = destination / plain_name(name)
    if not name.lower().endswith(COMPRESSED):
        shelf.take(name, target)
        return target
    packed = destination / f"{target.name}{COMPRESSED}"
    shelf.take(name, packed)
    gunzip(packed, target, shelf.largest)
    packed.unlink()
    return target


def _say_what_was_left(dataset: AnyDataset, shelf: Shelf, passed_over: tuple[str, ...], tell: Listener) -> None:
    for names in twins(shelf.names).values():
        if select(dataset, names).chosen:
            tell(Note(f"{shelf.label} holds {' and '.join(names)}: took {select(dataset, names).chosen[0]}."))
    if passed_over:
        shown = ", ".join(passed_over[:5]) + (", ..." if len(passed_over) > 5 else "")
        tell(Note(f"Left {len(passed_over)} files that are not inputs of {dataset}: {shown}", Level.DETAIL))


def _check_enough(dataset: AnyDataset, shelf: Shelf, chosen: tuple[str, ...], association: Association | None) -> None:
    missing = lacking(dataset, map(plain_name, chosen))
    if not missing:
        return
    if association is not None:
        members = ", ".join(member.name for member in association.exposures)
        advice = f"Its association table names {members}: put their raw files there."
    elif isinstance(dataset, Ipppssoot) and dataset.is_association:
        advice = f"Expected {association_table(dataset)} and the raw files that it names, or {dataset}.tar.gz."
    else:
        advice = f"Expected its files, or {dataset}.tar.gz. Check the dataset's name and the input location."
    raise InputNotFound(f"There is {missing} of {dataset} in {shelf.label}.", advice=advice)
