"""Use case: gather what the page about a dataset shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.app.ports.object_store import ObjectStore
from caldp.app.ports.product_reader import ProductReader
from caldp.app.show.show_dataset import show_dataset
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import PROCESS_LOG
from caldp.domain.output.pictures import is_picture, is_thumbnail, main_picture
from caldp.domain.output.shown import ShownDataset
from caldp.domain.report.excerpts import excerpts
from caldp.domain.report.image import ImageValues
from caldp.domain.report.page import Curve, DatasetPage, FlagShare
from caldp.domain.report.picture import Picture
from caldp.domain.report.target import target_facts
from caldp.domain.stale.findings import DatasetFinding

_MOST_BYTES: Final = 1_300_000
"""Bytes of all pictures and pixels of a page; in base64 they take a third more, and a page has 2 MB at most."""
_SPECTRA_BYTES: Final = 400_000
"""Bytes of these that the samples of spectra take."""
_LARGEST_LOG: Final = 4 << 20
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

    def dataset(self, dataset: AnyDataset, finding: DatasetFinding | None = None) -> DatasetPage:
        """Gather the page about a dataset.

        Parameters
        ----------
        dataset
            The dataset.
        finding
            Findings about the staleness of its references; None if nobody looked.

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
        source, curves, image = self._values(main, shown)
        flagged, flags = self._flags(source, shown)
        taken = len(image.values) + len(image.picture.data) if image else _SPECTRA_BYTES if curves else 0
        return DatasetPage(
            shown,
            tuple(self._pictures([main, *others] if main else others, shown.keys, _MOST_BYTES - taken)),
            curves=curves,
            image=image,
            source=source,
            target=self._target(source, shown),
            flags=flags,
            flagged=flagged,
            excerpts=excerpts(self._log(shown)),
            finding=finding,
            output=self.place,
        )

    def _pictures(self, names: Sequence[str], keys: Mapping[str, str], left: int) -> Iterator[Picture]:
        """Read pictures as far as a page may hold them; the others are named only."""
        for name in names:
            data = self.store.get_part(keys[name], 0, left + 1) or b""
            picture = Picture(name, data) if len(data) <= left else Picture(name)
            picture = picture if picture.media_type else Picture(name)
            left -= len(picture.data)
            yield picture

    def _values(self, main: str, shown: ShownDataset) -> tuple[str, tuple[Curve, ...], ImageValues | None]:
        """Read the spectrum or image that the main picture shows; return the name of its file, too."""
        name = f"{main.rpartition('.')[0]}.fits"
        if name not in shown.addresses:
            return "", (), None
        path = Path(shown.addresses[name])
        curves = self.products.curves(path)
        image = None if curves else self.products.image(path)
        return (name if curves or image else ""), curves, image

    def _target(self, source: str, shown: ShownDataset) -> Mapping[str, str]:
        """Read target and exposure from the file that is shown; else from the first product that tells any."""
        products = sorted(name for name in shown.addresses if name.endswith(".fits"))
        for name in filter(None, dict.fromkeys((source, *products[:1]))):
            facts = target_facts(self.products.header(Path(shown.addresses[name])))
            if facts:
                return facts
        return {}

    def _flags(self, source: str, shown: ShownDataset) -> tuple[str, tuple[FlagShare, ...]]:
        """Count the flags of the product that is shown; of a drizzled one, which has none, an exposure's."""
        others = (name for suffix in _WITH_FLAGS for name in sorted(shown.addresses) if name.endswith(suffix))
        for name in filter(None, dict.fromkeys((source, *others))):
            flags = self.products.flags(Path(shown.addresses[name]))
            if flags:
                return name, flags
        return "", ()

    def _log(self, shown: ShownDataset) -> str:
        key = shown.keys.get(PROCESS_LOG)
        data = None if key is None else self.store.get_part(key, 0, _LARGEST_LOG)
        return (data or b"").decode("utf-8", "replace")
