"""Brings a dataset's inputs, and nothing else, into a directory; the same for every kind of source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.support.suggestion import on_offer, suggest
from caldp.adapters.support.unpacking import gunzip
from caldp.app.pool import working
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.errors import InputNotFound
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset, Ipppssoot
from caldp.domain.hst.poller import Poller
from caldp.domain.hst.selection import (
    COMPRESSED,
    Guide,
    lacking,
    plain_name,
    raws_of_the_visit,
    select,
    twins,
)
from caldp.domain.run.events import Level, Note

_MOST_LISTED: Final = 5


@frozen
class Shelf:
    """Files that can be had one by one: those of a directory, or below a prefix of a bucket.

    Attributes
    ----------
    label
        Name of the place in messages.
    names
        File names, plain or compressed with gzip.
    take
        Puts the file of a name at a path, as it is; may be called from several threads.
    largest
        Greatest size of an unpacked file; bytes.
    beyond
        Names the files that lie elsewhere, once it is known who belongs to the dataset.
    at_once
        Greatest number of files taken at the same time.
    if_missing
        The exit code of there being nothing.
    """

    label: str
    names: tuple[str, ...]
    take: Callable[[str, Path], None]
    largest: int
    beyond: Callable[[Guide], tuple[str, ...]] = lambda _guide: ()
    at_once: int = 1
    if_missing: ExitCode = InputNotFound.default_exit_code


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
    guide_name = _guide_name(dataset, shelf)
    ready = {} if guide_name is None else {guide_name: _bring(guide_name, shelf, destination)}
    guide = None if guide_name is None else _read_guide(dataset, ready[guide_name], fits)
    names = shelf.names if guide is None else shelf.names + shelf.beyond(guide)
    selection = select(dataset, names, guide)
    _say_what_was_left(dataset, shelf.label, names, selection.passed_over, tell)
    question = "" if guide is not None else suggest(dataset, names, lambda name: _peek(name, shelf, destination, fits))
    _check_enough(dataset, shelf, selection.chosen, guide, question)
    if question and not dataset.is_association:
        tell(Note(question, Level.WARNING))
    if guide is None and dataset.is_association:
        tell(Note(f"There is no {dataset.guide_file}; going by the name of {dataset} alone.", Level.WARNING))
    others = [name for name in selection.chosen if name not in ready]
    with working(shelf.at_once, "caldp-take") as pool:
        paths = list(pool.map(lambda name: _bring(name, shelf, destination), others))
    return tuple(sorted([*ready.values(), *paths]))


def keep_selected(
    dataset: AnyDataset, unpacked: tuple[Path, ...], label: str, fits: FitsFiles, tell: Listener, largest: int
) -> tuple[Path, ...]:
    """Select a dataset's inputs of the files that came out of a tarball, and remove the others.

    Parameters
    ----------
    unpacked
        Files of one directory.
    label
        Name of the tarball in messages.
    largest
        Greatest size of an unpacked file; bytes.

    Raises
    ------
    InputNotFound, InvalidInput
        As `take_selected` has it.
    """
    shelf = Shelf(label, tuple(path.name for path in unpacked), lambda _name, _path: None, largest)
    directory = unpacked[0].parent if unpacked else Path()
    kept = take_selected(dataset, shelf, directory, fits, tell)
    for path in set(unpacked) - set(kept):
        path.unlink(missing_ok=True)
    return kept


def _guide_name(dataset: AnyDataset, shelf: Shelf) -> str | None:
    """Find the name under which the association table or poller file is offered."""
    return next((name for name in select(dataset, shelf.names).chosen if plain_name(name) == dataset.guide_file), None)


def _read_guide(dataset: AnyDataset, path: Path, fits: FitsFiles) -> Guide:
    if dataset.is_mosaic:
        return Poller.parse(path.name, path.read_text(encoding="ascii", errors="replace"))
    return fits.association(path)


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


def _peek(name: str, shelf: Shelf, destination: Path, fits: FitsFiles) -> Association:
    """Read an association table of another dataset, and leave everything as it was."""
    was_there = (destination / plain_name(name)).exists()
    path = _bring(name, shelf, destination)
    try:
        return fits.association(path)
    finally:
        if not was_there:
            path.unlink()


def _say_what_was_left(
    dataset: AnyDataset, label: str, names: tuple[str, ...], passed_over: tuple[str, ...], tell: Listener
) -> None:
    for twin in twins(names).values():
        if select(dataset, twin).chosen:
            tell(Note(f"{label} holds {' and '.join(twin)}: took {select(dataset, twin).chosen[0]}."))
    if passed_over:
        left = _listed(passed_over)
        tell(Note(f"Left {len(passed_over)} files that are not inputs of {dataset}: {left}", Level.DETAIL))


def _check_table(dataset: Ipppssoot, shelf: Shelf, question: str) -> None:
    """Name the association table where raw exposures are there that it may claim, and it is not."""
    raws = raws_of_the_visit(dataset, map(plain_name, shelf.names))
    if raws:
        raise InputNotFound(
            f"There is no association table {dataset.guide_file} in {shelf.label}: it would say which of the "
            f"raw exposures there ({_listed(raws)}) are members of {dataset}.",
            advice=f"{question} Fetch the table from the archive, and put it there.".strip(),
            exit_code=shelf.if_missing,
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_MOST_LISTED]) + (", ..." if len(names) > _MOST_LISTED else "")


def _check_enough(
    dataset: AnyDataset, shelf: Shelf, chosen: tuple[str, ...], guide: Guide | None, question: str
) -> None:
    missing = lacking(dataset, map(plain_name, chosen), guide)
    if not missing:
        return
    if guide is None and not dataset.is_mosaic and dataset.is_association:
        _check_table(dataset, shelf, question)
    if isinstance(guide, Association):
        members = ", ".join(member.name for member in guide.exposures)
        advice = f"Its association table names {members}: put their raw files there."
    elif not (dataset.is_mosaic or dataset.is_association):
        advice = f"Expected its files, or {dataset}.tar.gz. Check the dataset's name and the input location."
    else:
        advice = f"Expected {dataset.guide_file} and the files that it names, or {dataset}.tar.gz."
    there = "" if chosen or question else on_offer(dataset, shelf.names)
    advice = " ".join(filter(None, (question, there, advice)))
    raise InputNotFound(f"There is {missing} of {dataset} in {shelf.label}.", advice=advice, exit_code=shelf.if_missing)
