"""Products that MAST has of a dataset, downloaded one by one when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from attrs import field, frozen

from caldp.adapters.archive.mast import Download
from caldp.adapters.support.mast_client import MastClient, Product
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.errors import InputNotFound
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.run.settings import Settings

_FITS = ".fits"


@frozen
class MastProducts:
    """FITS files that MAST lists for a dataset; make one with `find`.

    Attributes
    ----------
    products
        The files by name.
    settings
        Patience with the archive.
    token
        Token of the archive; empty for public data.
    fits
        Checks files.
    scratch
        Directory for what is downloaded.
    """

    products: Mapping[str, Product] = field(repr=False)
    settings: Settings = field(repr=False)
    token: str = field(repr=False)
    fits: FitsFiles
    scratch: Path

    @classmethod
    def find(
        cls, dataset: AnyDataset, settings: Settings, environment: Mapping[str, str], fits: FitsFiles, scratch: Path
    ) -> MastProducts:
        """Ask MAST for a dataset's files.

        Raises
        ------
        ArchiveError
            If it cannot be reached, or does not accept the token.
        InputNotFound
            If it has none.
        """
        token = environment.get("MAST_API_TOKEN", "")
        with closing(MastClient.connect(settings, token)) as client:
            listed = client.products(client.observations(dataset.name))
        found = {product.name: product for product in listed if product.name.endswith(_FITS)}
        if not found:
            raise InputNotFound(
                f"MAST has no product of {dataset}.",
                advice="Check the dataset's name, at https://mast.stsci.edu for example.",
                exit_code=ExitCode.ASTROQUERY_ERROR,
            )
        return cls(found, settings, token, fits, scratch)

    @property
    def sizes(self) -> dict[str, int]:
        """Size in bytes of each file by the catalogue, by name."""
        return {name: product.size for name, product in self.products.items()}

    def fetch(self, name: str) -> Path:
        """Download a file, once.

        Raises
        ------
        ArchiveError
            If it does not come.
        """
        target = self.scratch / name
        if not target.exists():
            self.scratch.mkdir(parents=True, exist_ok=True)
            with closing(MastClient.connect(self.settings, self.token)) as client:
                Download(client, self.fits, lambda _event: None)(self.products[name], target)
        return target
