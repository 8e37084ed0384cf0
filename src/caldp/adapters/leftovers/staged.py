"""Replacements of an earlier run's products that were put together and not put in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

from attrs import frozen

from caldp.app.layouts import LAYOUTS
from caldp.app.process.identity import is_alive
from caldp.domain.hst.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.output.layout import Layout
from caldp.domain.output.lease import Lease
from caldp.domain.output.messages import MessageState
from caldp.domain.run.leftovers import Machine, Owner, Standing, staged_standing

_NAME: Final = re.compile(r"\.(?P<dataset>[a-z0-9_-]+)\.(?P<run>[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})(\.aside)?")


@frozen
class Staged:
    """Products that were put together in an output.

    Attributes
    ----------
    path
        Their hidden directory.
    root
        The output's.
    layout
        Arrangement of the output.
    dataset, run
        Dataset and run that they belong to.
    """

    path: Path
    root: Path
    layout: Layout
    dataset: AnyDataset
    run: str

    def judge(self) -> tuple[Standing, Owner]:
        """Judge whether they may still be needed, and by which run.

        Raises
        ------
        OSError
            If the output's messages cannot be read.
        """
        lease = Lease.parse(self._message(MessageState.PROCESSING) or b"")
        owner = Owner(Machine(""), 0, "", self.dataset.name, self.run)
        holder = lease.owner if lease is not None and lease.owner.run == self.run else None
        if holder is not None:
            owner = Owner(Machine(holder.host), holder.pid, holder.started, self.dataset.name, self.run)
        replaceable = self._message(MessageState.PROCESSED) is not None and self._home.is_dir()
        alive = False if holder is None else is_alive(holder)
        return staged_standing(alive, in_place=replaceable), owner

    @property
    def _home(self) -> Path:
        return self.root / self.layout.prefix(self.dataset)

    def _message(self, state: MessageState) -> bytes | None:
        try:
            return (self.root / self.layout.message_key(self.dataset, state)).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


def staged_at(path: Path) -> Staged | None:
    """Recognise a directory of such products by its name and place; None if it is none."""
    match = _NAME.fullmatch(path.name)
    if match is None or not is_dataset_name(match["dataset"]) or path.is_symlink() or not path.is_dir():
        return None
    for layout in LAYOUTS.values():
        for place in layout.places:
            root = _above(path.parent, PurePath(place))
            if root is not None:
                return Staged(path, root, layout, DatasetName.parse(match["dataset"]), match["run"])
    return None


def _above(directory: Path, place: PurePath) -> Path | None:
    """Return the root of an output of which a directory is a place; None if it is none."""
    above = directory.parents[len(place.parts) - 1] if len(directory.parents) >= len(place.parts) else None
    return above if above is not None and above / place == directory else None


def find_staged(root: Path) -> Iterator[Staged]:
    """Find such products in an output; no symbolic link is followed."""
    for layout in LAYOUTS.values():
        for place in (root / name for name in layout.places):
            if place.is_dir() and place.resolve() == place:
                yield from (staged for path in sorted(place.iterdir()) if (staged := staged_at(path)) is not None)
