"""Clients of astroquery for MAST, made ready for caldp.

Questions go through the public ``MastClass.service_request_async``. There is no public way to set a client's session or
address. Attributes that are not public are therefore used in this module only, and the version is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from caldp.domain.errors import ArchiveError

if TYPE_CHECKING:
    from astroquery.mast import MastClass
    from requests import Session

OFFICIAL: Final = "https://mast.stsci.edu"
REQUIRED: Final = "astroquery>=0.4.8,<0.5"
"""Versions that `pyproject.toml` admits."""
_ADDRESSES: Final = ("MAST_REQUEST_URL", "COLUMNS_CONFIG_URL")
_NEEDED: Final = (
    "service_request_async",
    "login",
    "_session.hooks",
    "_auth_obj.SESSION_INFO_URL",
    *(f"_portal_api_connection.{name}" for name in _ADDRESSES),
)
"""Attributes of a client that caldp uses."""


def new_client(server: str) -> MastClass:
    """Make a client of an archive.

    Parameters
    ----------
    server
        Address of the archive, without a slash at its end.

    Raises
    ------
    ArchiveError
        If the installed astroquery lacks something that caldp uses.
    """
    from astroquery.mast import MastClass

    client = MastClass()
    lacking = [name for name in _NEEDED if not _has(client, name)]
    if lacking:
        raise ArchiveError(
            f"The installed astroquery {_version()} lacks what caldp needs for MAST: {', '.join(lacking)}.",
            advice=f"Install a version that caldp is tested with: pip install '{REQUIRED}'.",
        )
    client._session.hooks["response"].clear()  # it logs requests with their cookies, the token among them
    if server != OFFICIAL:
        _redirect(client, server)
    return client


def session_of(client: MastClass) -> Session:
    """Return the session with which a client sends its requests, and which holds its token."""
    session: Session = client._session
    return session


def _redirect(client: MastClass, server: str) -> None:
    """Point a client at another archive; astroquery knows its addresses from when it was imported."""
    portal = client._portal_api_connection
    for name in _ADDRESSES:
        setattr(portal, name, server + getattr(portal, name).removeprefix(OFFICIAL))
    client._auth_obj.SESSION_INFO_URL = f"{server}/whoami"


def _has(client: Any, path: str) -> bool:
    value = client
    for name in path.split("."):
        if not hasattr(value, name):
            return False
        value = getattr(value, name)
    return True


def _version() -> str:
    from importlib.metadata import version

    return version("astroquery")
