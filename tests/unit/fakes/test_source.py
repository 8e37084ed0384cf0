"""The fake of an archive keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from caldp.adapters.fits_astropy import AstropyFits
from caldp.app.ports import ArchiveSource
from caldp.domain.dataset import AnyDataset
from tests.contracts.archive_source import ArchiveSourceContract
from tests.fakes.source import FakeSource


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


class TestFakeSource(ArchiveSourceContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        associations = {}
        for name, data in files.items():
            if name.endswith("_asn.fits"):
                (directory / name).write_bytes(data)
                association = AstropyFits().association(directory / name)
                associations[association.name] = association
        return FakeSource({name: partial(_write, data=data) for name, data in files.items()}, associations)
