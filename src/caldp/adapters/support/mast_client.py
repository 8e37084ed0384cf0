"""Questions to MAST's catalogue through astroquery, and the meanings of its failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from attrs import field, frozen

from caldp.adapters.support.astroquery_client import new_client, session_of
from caldp.adapters.support.foreign import reading_foreign
from caldp.adapters.support.http_download import HttpReader, persistent
from caldp.adapters.support.pace import Deadline, TooLongError, TransferLimits, slowness
from caldp.domain.errors import ArchiveError
from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from astroquery.mast import MastClass

_Row = TypeVar("_Row")
_FIRST_DAY: Final = date(1858, 11, 17)  # of the modified Julian date


@frozen
class Observation:
    """An observation in MAST's catalogue.

    Attributes
    ----------
    number
        MAST's ``obsid``.
    released
        Time at which its data become public; None if the catalogue gives none.
    """

    number: str
    released: date | None = None


@frozen
class Product:
    """A file that belongs to an observation.

    Attributes
    ----------
    suffix
        MAST's ``productSubGroupDescription``, such as RAWTAG_A.
    uri
        Address inside MAST: ``mast:HST/product/ldfd01vnq_rawtag_a.fits``.
    size
        According to the catalogue, which is not always right; bytes. 0 if it does not say.
    released
        Time at which it becomes public; None if the catalogue gives none.
    """

    name: str
    suffix: str
    uri: str
    size: int = 0
    released: date | None = None


@frozen
class MastClient:
    """A client of astroquery that waits for no silent server and tries again what may pass; make one with `connect`.

    Attributes
    ----------
    server
        Address of the archive.
    attempts
        Number of tries of each request.
    authorised
        True if it accepted a token.
    limits
        Slowest pace.
    """

    client: MastClass = field(repr=False)
    server: str
    attempts: int
    authorised: bool
    limits: TransferLimits = field(factory=TransferLimits)

    @staticmethod
    def connect(settings: Settings, token: str) -> MastClient:
        """Make a client, and show the archive a token if there is one.

        Raises
        ------
        ArchiveError
            If the archive cannot be reached, or does not accept the token, or astroquery lacks what caldp uses.
        """
        server = settings.mast_server.rstrip("/")
        client = new_client(server)
        limits = TransferLimits.of(settings)
        persistent(session_of(client), max(1, settings.attempts), settings.network_timeout, limits)
        made = MastClient(client, server, max(1, settings.attempts), bool(token), limits)
        if token:
            made._show(token)
        return made

    def _show(self, token: str) -> None:
        from astroquery.exceptions import LoginError

        with self.explained():
            try:
                self.client.login(token=token)
            except LoginError:
                raise ArchiveError(
                    "MAST does not accept the token in MAST_API_TOKEN.",
                    advice="Make a new one at https://auth.mast.stsci.edu/tokens, or unset it for public data.",
                ) from None

    def observations(self, pattern: str) -> tuple[Observation, ...]:
        """Find Hubble's observations whose names match a pattern, in which ``*`` stands for anything."""
        name = {"values": [], "freeText": pattern.replace("*", "%")} if "*" in pattern else {"values": [pattern]}
        filters = [{"paramName": "obs_id", **name}, {"paramName": "obs_collection", "values": ["HST"]}]
        return self._rows(
            "Mast.Caom.Filtered",
            {"columns": "*", "filters": filters},
            lambda row: Observation(str(row["obsid"]), _day(row.get("t_obs_release"))),
        )

    def products(self, observations: Iterable[Observation]) -> tuple[Product, ...]:
        """List the files that belong to observations, each once."""
        found = tuple(observations)
        if not found:
            return ()
        released = max((day for day in (item.released for item in found) if day), default=None)
        products = self._rows(
            "Mast.Caom.Products",
            {"obsid": ",".join(item.number for item in found)},
            lambda row: Product(
                name=str(row["productFilename"]),
                suffix=str(row.get("productSubGroupDescription") or ""),
                uri=str(row["dataURI"]),
                size=max(0, int(row.get("size") or 0)),
                released=released,
            ),
        )
        return tuple({product.name: product for product in products}.values())

    def _rows(
        self, service: str, parameters: dict[str, Any], read: Callable[[Mapping[str, Any]], _Row]
    ) -> tuple[_Row, ...]:
        """Ask a service of the catalogue (https://mast.stsci.edu/api/v0), and read the rows of all its pages."""
        from requests import RequestException

        def problem(_error: Exception) -> ArchiveError:
            return self._outage("gives an answer that cannot be understood")

        with self.explained(), reading_foreign(problem, passing=(RequestException, TimeoutError)):
            contents = [answer.json() for answer in self.client.service_request_async(service, parameters)]
            failed = next((content for content in contents if content["status"] != "COMPLETE"), None)
            if failed is not None:
                raise self._outage(f"answers with an error ({failed.get('msg') or 'without a message'}),")
            return tuple(read(row) for content in contents for row in content["data"])

    def open(self, product: Product, deadline: Deadline) -> HttpReader:
        """Begin to download a file, which must be there before a deadline."""
        url = f"{self.server}/api/v0.1/Download/file?uri={quote(product.uri, safe=':/')}"
        return HttpReader(session_of(self.client), url, self.attempts, self.limits, deadline)

    def close(self) -> None:
        """Give the connections back."""
        session_of(self.client).close()

    @contextmanager
    def explained(self, product: Product | None = None) -> Iterator[None]:
        """Turn failures of the archive in the work inside into `ArchiveError`.

        Parameters
        ----------
        product
            Name of the product that is downloaded.
        """
        from requests import HTTPError, JSONDecodeError, RequestException
        from urllib3.exceptions import HTTPError as BrokenConnection

        try:
            yield
        except HTTPError as error:
            raise self._refusal(0 if error.response is None else error.response.status_code, product) from error
        except JSONDecodeError as error:
            raise self._outage("gives an answer that cannot be understood") from error
        except TooLongError as error:
            what = product.name if product else "the answer"
            raise ArchiveError(
                f"{what} comes too slowly from MAST ({self.server}): {error}.",
                advice="Check the network, and run it again later.",
            ) from error
        except (RequestException, BrokenConnection, TimeoutError) as error:
            slow = slowness(error)
            what = f"is too slow ({slow}; CALDP_TRANSFER_MINIMUM)" if slow else "cannot be reached, or breaks off"
            raise self._outage(what) from error

    def _refusal(self, status: int, product: Product | None) -> ArchiveError:
        if product is None or status not in (401, 403, 404):
            return self._outage(f"answers with HTTP status {status},")
        if status == 404:
            return ArchiveError(
                f"MAST lists {product.name} and does not have it.", advice="Report it to archive@stsci.edu."
            )
        future = product.released and product.released > date(1990, 4, 24)
        until = f" until {product.released}" if future else ""
        return ArchiveError(
            f"MAST does not give out {product.name}: its data are private{until}.",
            advice="The account of MAST_API_TOKEN has no right to them; ask the programme's PI."
            if self.authorised
            else "If you have a right to them, set MAST_API_TOKEN (https://auth.mast.stsci.edu/tokens).",
        )

    def _outage(self, what: str) -> ArchiveError:
        return ArchiveError(
            f"MAST ({self.server}) {what} at every try.",
            advice="Check the network, and run it again later.",
        )


def _day(julian: Any) -> date | None:
    return _FIRST_DAY + timedelta(days=julian) if isinstance(julian, int | float) and 0 < julian < 1e6 else None
