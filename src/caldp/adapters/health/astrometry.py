"""Servers of better astrometry, asked as the engines would ask them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from queue import Queue
from threading import Thread
from typing import Final

from caldp.domain.calibration.astrometry import DATABASE, SERVERS, AstrometryServer
from caldp.domain.run.health import Finding, ok, warning
from caldp.domain.run.secrets import blotted
from caldp.domain.run.settings import Settings

_PATIENCE: Final = 5.0  # s; that of stwcs
_GATEWAYS: Final = (502, 503, 504)
"""Statuses of a service that is not there. Any other tells that it is: what is asked for it may not have."""
_REMEDY: Final = "Set CALDP_ASTROMETRY=off to do without from the start, or on to let the engines ask and wait."


def examine_astrometry(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Ask the servers all at the same time, each once, and yield the findings as they come.

    Parameters
    ----------
    settings
        Settings; its variables for the engines may name other servers.
    environ
        The caller's environment, whose variables win; also for proxies and certificates.
    """
    variables, findings = {**settings.engine_environment, **environ}, Queue[Finding]()
    for server in SERVERS:

        def work(server: AstrometryServer = server) -> None:
            findings.put(_examine(server, variables))

        # Daemons: the end of the program need not wait for a name server.
        Thread(target=work, name="caldp-astrometry", daemon=True).start()
    for _ in SERVERS:
        yield findings.get()


def _examine(server: AstrometryServer, variables: Mapping[str, str]) -> Finding:
    address = variables.get(server.variable) or server.address
    try:
        trouble = _ask(server, address, variables)
    except Exception as error:  # whatever requests and what it uses raise
        trouble = _words(error)
    if not trouble:
        return ok(server.subject, f"{address} answers")
    return warning(server.subject, f"{address} {trouble}", _REMEDY)


def _ask(server: AstrometryServer, address: str, variables: Mapping[str, str]) -> str:
    """Ask as the engines do, by the library that they use; return what is wrong with the answer."""
    import requests
    from requests.utils import should_bypass_proxies

    url = f"{address}{server.page}"
    no_proxy = variables.get("no_proxy") or variables.get("NO_PROXY")
    proxies = {
        scheme: proxy
        for scheme in ("http", "https", "all")
        if (proxy := variables.get(f"{scheme}_proxy") or variables.get(f"{scheme.upper()}_PROXY"))
    }
    with requests.Session() as session:
        session.trust_env = False  # the environment is the caller's, not this process's
        answer = session.get(
            url,
            headers={"Content-Type": "text/xml"},
            timeout=_PATIENCE,
            stream=True,
            proxies={} if should_bypass_proxies(url, no_proxy=no_proxy) else proxies,
            verify=variables.get("REQUESTS_CA_BUNDLE") or variables.get("CURL_CA_BUNDLE") or True,
        )
        answer.close()
    # The database must say that it is available: that is what stwcs waits for.
    is_there = answer.status_code == 200 if server is DATABASE else answer.status_code not in _GATEWAYS
    return "" if is_there else f"answers with the status {answer.status_code}"


def _words(error: Exception) -> str:
    from requests import ConnectionError as NotConnected
    from requests import Timeout

    if isinstance(error, Timeout):
        return "does not answer in time"
    if isinstance(error, NotConnected):
        return "cannot be reached"
    return f"cannot be asked: {blotted(str(error))}"
