"""The fake of ArchiveSource keeps the contract."""

from collections.abc import Mapping
from pathlib import Path

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.archive_source import ArchiveSource
from caldp.domain.hst.dataset import AnyDataset
from tests.contracts.archive_source import ArchiveSourceContract
from tests.fakes.archive_source import FakeSource, Make


class TestFakeSource(ArchiveSourceContract):
    def source_of(self, files: Mapping[str, bytes], dataset: AnyDataset, directory: Path) -> ArchiveSource:
        tables = {}
        for name in (name for name in files if name.endswith("_asn.fits")):
            (directory / name).write_bytes(files[name])
            tables[name[:9]] = AstropyFits().association(directory / name)
        return FakeSource({name: _maker(data) for name, data in files.items()}, tables)


def _maker(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)
