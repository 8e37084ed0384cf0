"""Inputs from the MAST archive, through astroquery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from attrs import field, frozen

from caldp.adapters.support.disk import Metered, pour, why
from caldp.adapters.support.http_download import BrokenDownloadError
from caldp.adapters.support.inputs import Shelf, take_selected
from caldp.adapters.support.mast_client import MastClient, Product
from caldp.adapters.support.pace import Deadline, TransferLimits
from caldp.adapters.support.retrying import retrying
from caldp.adapters.support.s3 import connect
from caldp.adapters.support.s3_download import S3Reader
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.errors import ArchiveError, InputNotFound
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, Ipppssoot, MvmSkycell, SvmVisit
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.hst.poller import Poller
from caldp.domain.hst.selection import Guide
from caldp.domain.output.location import FileLocation, MastLocation, S3Location
from caldp.domain.run.events import Level, Note
from caldp.domain.run.quoting import quoted
from caldp.domain.run.settings import Settings


@frozen
class MastArchive:
    """The archive of Hubble's data; implements the port ArchiveSource.

    An exposure or association comes as MAST lists it, in the product types of its instrument's recipe. The exposures
    of a visit or sky cell are those that its poller file names, which lies elsewhere. A file counts when all that the
    server announced has come and it is a whole FITS file.

    Attributes
    ----------
    location
        Location that names the place of poller files.
    settings
        Patience with the archive, and number of transfers at the same time.
    environment
        For MAST_API_TOKEN, and AWS_* if poller files are in S3.
    fits
        Checks files, and reads association tables.
    """

    location: MastLocation
    settings: Settings = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    fits: FitsFiles

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Ask MAST what it has of a dataset, and download it."""
        with closing(MastClient.connect(self.settings, self.environment.get("MAST_API_TOKEN", ""))) as client:
            download = Download(client, self.fits, tell)
            if dataset.is_mosaic:
                shelf = self._mosaic_shelf(dataset, client, download, tell)
            else:
                products = _products_of(dataset, client)
                shelf = self._shelf(tuple(products), lambda name, target: download(products[name], target))
            return take_selected(dataset, shelf, destination, self.fits, tell)

    def _mosaic_shelf(
        self,
        dataset: SvmVisit | MvmSkycell,
        client: MastClient,
        download: Callable[[Product, Path], None],
        tell: Listener,
    ) -> Shelf:
        """Offer a visit's or sky cell's poller file, and then what it names."""
        poller, products, asked = dataset.guide_file, dict[str, Product](), set[str]()

        def ask(visit: str) -> None:
            if visit not in asked:
                asked.add(visit)
                products.update(_by_name(client.products(client.observations(f"{visit}*"))))

        def beyond(guide: Guide) -> tuple[str, ...]:
            for visit in guide.visits:
                ask(visit)
            return tuple(products)

        def take(name: str, target: Path) -> None:
            if name != poller:
                download(products[name], target)
            elif self.location.poller is None and dataset.ipppss:
                ask(dataset.ipppss)
                _make_poller(dataset, tuple(products), target, tell)
            else:
                self._take_poller(dataset, target)

        return self._shelf((poller,), take, beyond)

    def _shelf(
        self,
        names: tuple[str, ...],
        take: Callable[[str, Path], None],
        beyond: Callable[[Guide], tuple[str, ...]] = lambda _guide: (),
    ) -> Shelf:
        return Shelf(
            "MAST",
            names,
            take,
            self.settings.tar_max_bytes,
            beyond,
            at_once=max(1, self.settings.transfers),
            if_missing=ExitCode.ASTROQUERY_ERROR,
        )

    def _take_poller(self, dataset: AnyDataset, target: Path) -> None:
        place, name = self.location.poller, dataset.guide_file
        if isinstance(place, S3Location):
            _take_from_s3(place, name, target, self.settings, self.environment)
        elif isinstance(place, FileLocation):
            _take_from_directory(Path(place.path).expanduser(), name, target)
        else:
            raise ArchiveError(
                f"{dataset} needs its poller file {name}, which MAST does not have.",
                advice="Say where it is: astroquery:PATH or astroquery:s3://bucket/prefix. To make one, list the "
                "exposures in a file beside them: "
                f"python -m drizzlepac.haputils.make_poller_files LIST -t mvm -s {dataset} -o {name}",
            )


@frozen
class Download:
    """Downloads files, and checks them.

    Attributes
    ----------
    client
        Client of the archive.
    fits
        Checks files.
    tell
        Hears of progress, and of sizes that the catalogue has wrong.
    """

    client: MastClient
    fits: FitsFiles
    tell: Listener

    def __call__(self, product: Product, target: Path) -> None:
        """Download a file.

        Raises
        ------
        ArchiveError
            If it does not come, or arrives damaged at every try.
        """
        try:
            with self.client.explained(product):
                deadline = Deadline(self.client.limits.deadline)
                again = retrying(self.client.attempts, (BrokenDownloadError,), tell=partial(self._warn, product))
                again(self._once, product, target, deadline)
        except BrokenDownloadError as error:
            raise ArchiveError(
                f"{product.name} arrived damaged from MAST at every try: {error}.",
                advice="Run it again later, and report it to archive@stsci.edu if it stays so.",
            ) from error

    def _warn(self, product: Product, text: str) -> None:
        self.tell(Note(f"{product.name}: {text}.", Level.WARNING))

    def _once(self, product: Product, target: Path, deadline: Deadline) -> None:
        with closing(self.client.open(product, deadline)) as reader:
            pour(Metered(reader, target.name, product.size or None, self.tell), target)
        facts, size = self.fits.facts(target), target.stat().st_size
        if isinstance(facts, UnreadableFits):
            target.unlink()
            raise BrokenDownloadError(facts.reason)
        if product.size not in (0, size):  # astroquery's authors do not rely on it either
            self.tell(Note(f"{product.name} has {size} bytes, and {product.size} in MAST's catalogue.", Level.WARNING))


def _products_of(dataset: Ipppssoot, client: MastClient) -> dict[str, Product]:
    """Find what calibration starts from; the catalogue knows members of associations only by their visit."""
    observations = client.observations(dataset.name) or client.observations(f"{dataset.name[:6]}*")
    wanted = dataset.instrument.recipe.download_suffixes
    products = client.products(observations) if observations else ()
    offered = {product.name: product for product in products if product.suffix in wanted}
    if not observations or not any(name.startswith(dataset.name) for name in offered):
        raise InputNotFound(
            f"MAST has no raw data of {dataset}.",
            advice="Check the dataset's name, at https://mast.stsci.edu for example.",
            exit_code=ExitCode.ASTROQUERY_ERROR,
        )
    return offered


def _by_name(products: tuple[Product, ...]) -> dict[str, Product]:
    return {product.name: product for product in products}


def _make_poller(dataset: SvmVisit | MvmSkycell, names: tuple[str, ...], target: Path, tell: Listener) -> None:
    """Write the poller file of a visit from what MAST lists."""
    poller = Poller.of_visit(dataset.ipppss, names)
    if poller is None:
        raise InputNotFound(
            f"MAST has no calibrated exposure (_flc, _flt) of {dataset}.",
            advice="Check the visit's name, at https://mast.stsci.edu for example.",
            exit_code=ExitCode.ASTROQUERY_ERROR,
        )
    tell(Note(f"The poller file of {dataset} is made of the {len(poller.exposures)} exposures that MAST lists."))
    target.write_text(poller.to_text(), encoding="ascii")


def _take_from_directory(place: Path, name: str, target: Path) -> None:
    path = place / name if place.is_dir() else place
    try:
        with path.open("rb") as source:
            pour(source, target)
    except OSError as error:
        raise ArchiveError(
            f"The poller file {quoted(path)} cannot be read: {why(error)}.", advice="Check the path after astroquery:."
        ) from error


def _take_from_s3(
    place: S3Location, name: str, target: Path, settings: Settings, environment: Mapping[str, str]
) -> None:
    key = place.prefix if place.prefix.endswith(name) else f"{place.prefix}/{name}".lstrip("/")
    with closing(connect(place.bucket, settings, environment)) as client:
        reader = S3Reader.find(client, place.bucket, key, max(1, settings.attempts), TransferLimits.of(settings))
        if reader is None:
            raise InputNotFound(
                f"There is no poller file {quoted(f's3://{place.bucket}/{key}')}.",
                advice="Check the address after astroquery:.",
                exit_code=ExitCode.S3_DOWNLOAD_ERROR,
            )
        with closing(reader):
            pour(reader, target)


def make_mast_archive(
    location: MastLocation, settings: Settings, environment: Mapping[str, str], fits: FitsFiles
) -> MastArchive:
    """Build the source of an ``astroquery:`` location."""
    return MastArchive(location, settings, environment, fits)
