"""Better astrometry from servers: which of them the engines ask, and the variables that keep them from it.

Read in drizzlepac 3.11 and stwcs 1.7: ``runastrodriz`` applies solutions of the astrometry database (*a priori*), and
then aligns to a catalogue such as Gaia (*a posteriori*). ``runsinglehap`` and ``runmultihap`` ask the same servers,
have no switch for the catalogue, and another name for that of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from caldp.domain.hst.dataset import AnyDataset


class Astrometry(Enum):
    """Use of the servers of astrometry: if they answer, as the engines do it, or never."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"

    def __str__(self) -> str:
        return self.value


@frozen
class AstrometryServer:
    """A server that engines ask.

    Attributes
    ----------
    subject
        Its contents.
    variable
        Environment variable by which the engines take another address.
    address
        The address that they have otherwise.
    page
        Page of it, behind the address, that tells whether it is there.
    """

    subject: str
    variable: str
    address: str
    page: str


DATABASE: Final = AstrometryServer(
    "astrometry database", "ASTROMETRY_SERVICE_URL", "https://mast.stsci.edu/portal/astrometryDB/", "availability"
)
CATALOGUES: Final = AstrometryServer(
    "astrometric catalogues", "ASTROMETRIC_CATALOG_URL", "http://gsss.stsci.edu/webservices", "/vo/CatalogSearch.aspx"
)
SERVERS: Final = (DATABASE, CATALOGUES)
"""The guide star service is not among them: it is asked about exposures that the database does not have, and stwcs goes
on at once where it cannot be reached."""


@frozen
class _Switch:
    """A variable with a value that keeps an engine from asking a server."""

    name: str
    value: str
    server: AstrometryServer


_DRIZZLE: Final = (
    _Switch("ASTROMETRY_APPLY_APRIORI", "off", DATABASE),
    _Switch("ASTROMETRY_COMPUTE_APOSTERIORI", "off", CATALOGUES),
)
_MOSAIC: Final = (
    _Switch("ASTROMETRY_STEP_CONTROL", "off", DATABASE),
    # An address at which a request fails at once, without any network: mosaics go on with the WCS that they have.
    _Switch("ASTROMETRIC_CATALOG_URL", "none:", CATALOGUES),
)


def servers_asked(dataset: AnyDataset, given: Collection[str]) -> frozenset[AstrometryServer]:
    """Return the servers that the engines of a dataset would ask.

    Parameters
    ----------
    dataset
        The dataset.
    given
        Names of variables that the user has set: these count, whatever the servers say.
    """
    return frozenset(switch.server for switch in _switches(dataset) if switch.name not in given)


def without(dataset: AnyDataset, servers: Collection[AstrometryServer]) -> Mapping[str, str]:
    """Return the variables that keep the engines of a dataset from asking some servers."""
    return {switch.name: switch.value for switch in _switches(dataset) if switch.server in servers}


def _switches(dataset: AnyDataset) -> tuple[_Switch, ...]:
    if dataset.is_mosaic:
        return _MOSAIC
    return _DRIZZLE if "runastrodriz" in dataset.instrument.recipe.stage2 else ()
