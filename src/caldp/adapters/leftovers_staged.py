"""Products that a run put together in an output, to replace an earlier run's, and did not come to put in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.app.identity import is_alive
from caldp.domain.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.layout import AnyLayout, CalcloudLayout, TreeLayout
from caldp.domain.lease import Lease
from caldp.domain.leftovers import Machine, Owner, Standing, staged_standing
from caldp.domain.messages import MessageState

_NAME: Final = re.compile(r"\.(?P<dataset>[a-z0-9_-]+)\.(?P<run>[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})(\.aside)?")
_PLACES: Final = ("data/*", "outputs")
"""Directories in which products are put together, in either layout; see `caldp.domain.layout.staging_stem`."""


@frozen
class Staged:
    """Products that were put together.

    Attributes
    ----------
    path
        Their hidden directory.
    root
        The output's.
    layout
        How the output is arranged.
    dataset, run
        Whose they are.
    """

    path: Path
    root: Path
    layout: AnyLayout
    dataset: AnyDataset
    run: str

    def judge(self) -> tuple[Standing, Owner]:
        """Tell whether they may still be needed, and whose they are.

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
    layout: AnyLayout = CalcloudLayout() if path.parent.name == "outputs" else TreeLayout()
    root = path.parent.parent if path.parent.name == "outputs" else path.parent.parent.parent
    return Staged(path, root, layout, DatasetName.parse(match["dataset"]), match["run"])


def find_staged(root: Path) -> Iterator[Staged]:
    """Find such products in an output; no symbolic link is followed."""
    for pattern in _PLACES:
        for place in sorted(root.glob(pattern)):
            if place.is_dir() and place.resolve() == place:
                yield from (staged for path in sorted(place.iterdir()) if (staged := staged_at(path)) is not None)
