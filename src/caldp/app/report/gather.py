"""Use case: gather what the page about a dataset, and the pages that list many, show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.app.layouts import LAYOUTS
from caldp.app.pool import working
from caldp.app.ports.object_store import ObjectStore
from caldp.app.ports.product_reader import ProductReader
from caldp.app.show.show_dataset import read_record, show_dataset
from caldp.domain.exit_codes import lookup
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.layout import PROCESS_LOG, Category
from caldp.domain.output.messages import MessageState
from caldp.domain.output.pictures import is_picture, is_thumbnail, main_picture, thumbnail_of
from caldp.domain.output.shown import ShownDataset
from caldp.domain.output.survey import DatasetStatus, count_states
from caldp.domain.report.excerpts import excerpts
from caldp.domain.report.page import Curve, DatasetPage, FlagShare, IndexPage, IndexRow, Picture

_MOST_BYTES: Final = 900_000
"""Bytes of all pictures of a page; in base64 they take a third more, and a page has 2 MB at most."""
_LARGEST_LOG: Final = 4 << 20
_LARGEST_THUMBNAIL: Final = 24_000
_AT_ONCE: Final = 16
_ROWS: Final = 1000
"""Datasets on one page of a list."""
_SPECTRA: Final = (".png",)
_WITH_FLAGS: Final = ("_crc.fits", "_crj.fits", "_flc.fits", "_flt.fits")


@frozen
class GatherReport:
    """Gathers reports from an output.

    Attributes
    ----------
    store
        The output.
    place
        Its location, as commands name it.
    products
        Reads products that lie on this machine.
    """

    store: ObjectStore
    place: str
    products: ProductReader

    def dataset(self, dataset: AnyDataset) -> DatasetPage:
        """Gather the page about a dataset.

        Raises
        ------
        UsageError
            If the output has nothing of it.
        PublishError
            If it cannot be read.
        """
        shown = show_dataset(self.store, dataset)
        main = main_picture(shown.status.name, shown.keys)
        others = sorted(name for name in shown.keys if is_picture(name) and not is_thumbnail(name) and name != main)
        spectrum, curves = self._spectrum(main, shown)
        flagged, flags = self._flags(main, shown)
        return DatasetPage(
            shown,
            self._pictures([main, *others] if main else others, shown.keys),
            curves=curves,
            spectrum=spectrum,
            flags=flags,
            flagged=flagged,
            excerpts=excerpts(self._log(shown)),
            output=self.place,
        )

    def _pictures(self, names: Sequence[str], keys: Mapping[str, str]) -> tuple[Picture, ...]:
        """Read pictures as far as a page may hold them; the others are named only."""
        left, found = _MOST_BYTES, list[Picture]()
        for name in names:
            data = self.store.get_part(keys[name], 0, left + 1) or b""
            picture = Picture(name, data) if len(data) <= left else Picture(name)
            picture = picture if picture.media_type else Picture(name)
            left -= len(picture.data)
            found.append(picture)
        return tuple(found)

    def _spectrum(self, main: str, shown: ShownDataset) -> tuple[str, tuple[Curve, ...]]:
        """Read the spectrum that the main picture shows."""
        name = f"{main.rpartition('.')[0]}.fits"
        if not main.endswith(_SPECTRA) or name not in shown.addresses:
            return "", ()
        curves = self.products.curves(Path(shown.addresses[name]))
        return (name, curves) if curves else ("", ())

    def _flags(self, main: str, shown: ShownDataset) -> tuple[str, tuple[FlagShare, ...]]:
        """Count the flags of the product in the main picture; of a drizzled one, which has none, an exposure's."""
        own = f"{main.rpartition('.')[0]}.fits"
        others = (name for suffix in _WITH_FLAGS for name in sorted(shown.addresses) if name.endswith(suffix))
        for name in dict.fromkeys((own, *others)):
            if name in shown.addresses:
                flags = self.products.flags(Path(shown.addresses[name]))
                if flags:
                    return name, flags
        return "", ()

    def _log(self, shown: ShownDataset) -> str:
        key = shown.keys.get(PROCESS_LOG)
        data = None if key is None else self.store.get_part(key, 0, _LARGEST_LOG)
        return (data or b"").decode("utf-8", "replace")

    def index(self, statuses: Sequence[DatasetStatus], pages: Mapping[str, str]) -> Iterator[IndexPage]:
        """Yield the pages that list datasets.

        Parameters
        ----------
        statuses
            The datasets.
        pages
            Names of the pages about single datasets, by dataset.
        """
        with working(_AT_ONCE, "caldp-report") as pool:
            rows = list(pool.map(lambda status: self._row(status, pages.get(status.name, "")), statuses))
        causes = Counter(row.cause for row in rows if row.cause)
        parts = [tuple(rows[first : first + _ROWS]) for first in range(0, max(1, len(rows)), _ROWS)]
        for number, part in enumerate(parts, 1):
            yield IndexPage(
                self.place, part, len(rows), count_states(statuses), dict(causes.most_common()), number, len(parts)
            )

    def _row(self, status: DatasetStatus, page: str) -> IndexRow:
        dataset = DatasetName.parse(status.name)
        cause = self._cause(dataset) if status.state == MessageState.ERROR.value else ""
        return IndexRow(status, cause, self._thumbnail(dataset) if status.previews else None, page)

    def _cause(self, dataset: AnyDataset) -> str:
        """Return the first failure in a dataset's record; else the name of its status."""
        record, problem = read_record(self.store, dataset)
        if record is None:
            return problem
        known = lookup(record.status)
        return record.failures[0].message if record.failures else str(known.name if known else record.status)

    def _thumbnail(self, dataset: AnyDataset) -> Picture | None:
        keys = dict(self._previews(dataset))
        name = thumbnail_of(main_picture(dataset.name, keys), keys)
        data = self.store.get_part(keys[name], 0, _LARGEST_THUMBNAIL + 1) if name else None
        picture = Picture(name, data) if data and len(data) <= _LARGEST_THUMBNAIL else None
        return picture if picture and picture.media_type else None

    def _previews(self, dataset: AnyDataset) -> Iterable[tuple[str, str]]:
        """Yield the previews of a dataset that lie by themselves: name and key."""
        for layout in LAYOUTS.values():
            if not layout.archive_key(dataset):
                prefix = layout.file_key(dataset, Category.PREVIEW, "")
                yield from ((stored.key.rpartition("/")[2], stored.key) for stored in self.store.list(prefix))
