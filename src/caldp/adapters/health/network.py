"""Access to MAST, CRDS and S3, and AWS credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from caldp.app.pool import working
from caldp.domain.run.health import Finding, ok, problem, warning
from caldp.domain.run.settings import Settings

MAST: Final = "https://mast.stsci.edu"
_S3: Final = "https://s3.amazonaws.com"
_PATIENCE: Final = 5.0  # s
_NO_NETWORK: Final = "Check network, proxy and certificates."


def examine_network(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Examine, at the same time, the servers that a profile needs; only an answer is asked for."""
    checks: tuple[Callable[[], Finding], ...] = (
        lambda: _mast(settings),
        lambda: _crds(settings),
        lambda: _s3(settings, environ),
        lambda: _credentials(settings, environ),
    )
    with working(len(checks), "caldp-health") as pool:
        yield from pool.map(lambda check: check(), checks)


def _mast(settings: Settings) -> Finding:
    trouble = _reach(MAST)
    if not trouble:
        return ok("MAST", f"{MAST} answers")
    make = problem if settings.input.startswith("astroquery:") else warning
    return make("MAST", f"{MAST} cannot be reached: {trouble}", f"No inputs from astroquery:. {_NO_NETWORK}")


def _crds(settings: Settings) -> Finding:
    url = settings.crds_server_url
    if not url or "serverless" in url:
        return ok("CRDS server", "none is asked")
    trouble = _reach(url)
    if not trouble:
        return ok("CRDS server", f"{url} answers")
    make = warning if settings.crds_readonly_cache or settings.crds_context else problem
    return make(
        "CRDS server", f"{url} cannot be reached: {trouble}", f"Only references in the cache can be used. {_NO_NETWORK}"
    )


def _s3(settings: Settings, environ: Mapping[str, str]) -> Finding:
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or _S3
    trouble = _reach(endpoint)
    if not trouble:
        return ok("S3", f"{endpoint} answers")
    make = problem if needs_s3(settings) else warning
    return make("S3", f"{endpoint} cannot be reached: {trouble}", f"No s3:// locations. {_NO_NETWORK}")


def _credentials(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """Say whether boto3 finds credentials and by what way; never what they are."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        found = boto3.Session(profile_name=environ.get("AWS_PROFILE") or None).get_credentials()
    except BotoCoreError as error:
        return problem("AWS credentials", f"{error}", "Check AWS_PROFILE and ~/.aws.")
    if found is not None:
        return ok("AWS credentials", f"found by way of {found.method}")
    text, remedy = "none were found", "Set AWS_PROFILE, or run where a role gives them."
    return (
        warning("AWS credentials", text, remedy) if needs_s3(settings) else ok("AWS credentials", "none, none needed")
    )


def needs_s3(settings: Settings) -> bool:
    """Tell whether settings as they stand take a run to S3."""
    return settings.context_from_output or any(
        place.startswith("s3:") for place in (settings.input, settings.output, settings.references_bucket)
    )


def _reach(url: str) -> str:
    """Ask a server for anything; return why there was no answer, empty if there was one."""
    if urlsplit(url).scheme not in ("http", "https"):
        return "it is no http address"
    try:
        with urlopen(Request(url, method="HEAD"), timeout=_PATIENCE):  # checked: http  # noqa: S310  # nosec B310
            return ""
    except HTTPError as error:
        return "" if error.code < 500 else f"it answers {error.code}"
    except URLError as error:
        return str(error.reason)
    except (HTTPException, OSError, ValueError) as error:
        return str(error) or type(error).__name__
