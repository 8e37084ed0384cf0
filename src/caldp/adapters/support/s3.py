"""Connections to S3, and the meanings of their failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final

from caldp.adapters.support.pace import TooLongError, TransferLimits, slowness
from caldp.adapters.support.paced_socket import paced_pools
from caldp.domain.errors import CaldpError, DownloadError, UploadError
from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_PUBLIC: Final = frozenset({"stpubdata"})  # MAST's open data; a signature that it does not know would be refused
_CREDENTIALS: Final = "Check the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, the job's role) and what they may do."
_LATER: Final = "Run it again later."
_NETWORK: Final = "Check the network and AWS_ENDPOINT_URL, and run it again."
_NO_CONTENT: Final = 204
_CONNECTIONS: Final = 32
"""Connections that are kept. Use cases read so many small objects at once; of more each is opened for one request."""
_NAMES: Final = "Check the names of bucket and prefix."

_CODES: Final[dict[str, tuple[str, str]]] = {
    "NoSuchBucket": ("there is no such bucket", _NAMES),
    "InvalidBucketName": ("there is no such bucket", _NAMES),
    "NoSuchKey": ("there is no such object", _NAMES),
    "404": ("there is no such object", _NAMES),
    "AccessDenied": ("access is denied", _CREDENTIALS),
    "403": ("access is denied", _CREDENTIALS),
    "ExpiredToken": ("the credentials have expired", "Get new credentials, and run it again."),
    "InvalidAccessKeyId": ("the credentials are not known", _CREDENTIALS),
    "InvalidToken": ("the credentials are not known", _CREDENTIALS),
    "SignatureDoesNotMatch": ("the secret key is wrong", _CREDENTIALS),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "Set the clock."),
    "SlowDown": ("S3 asks for patience (SlowDown) at every try", _LATER),
    "503": ("S3 is not available at every try", _LATER),
    "ServiceUnavailable": ("S3 is not available at every try", _LATER),
    "500": ("S3 has an internal error at every try", _LATER),
    "InternalError": ("S3 has an internal error at every try", _LATER),
    "PermanentRedirect": ("the bucket lies in another region", "Set AWS_DEFAULT_REGION."),
    "BadDigest": ("the data arrived damaged", _LATER),
    "PreconditionFailed": ("the object changed while it was read", "Run it again."),
}


def connect(bucket: str, settings: Settings, environment: Mapping[str, str]) -> S3Client:
    """Make a client; nothing is sent yet.

    Credentials, profile, region and endpoint are found as boto3's users expect. Without credentials, and for public
    buckets, requests are anonymous.

    Parameters
    ----------
    bucket
        The bucket that is going to be used.
    environment
        Environment variables.

    Raises
    ------
    CaldpError
        If what is configured for AWS makes no sense.
    """
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    retries: Any = {"mode": environment.get("AWS_RETRY_MODE", "standard"), "total_max_attempts": settings.attempts}
    try:
        config = Config(
            retries=retries,
            connect_timeout=settings.network_timeout or None,
            read_timeout=settings.network_timeout or None,
            max_pool_connections=max(settings.transfers + 2, _CONNECTIONS),
            # A given name is sent as it stands. botocore's own is made for each request, in a fifth of its time.
            user_agent=f"caldp Boto3/{boto3.__version__}",
        )
        session = boto3.Session(**_session(environment))
        if bucket in _PUBLIC or session.get_credentials() is None:
            config = config.merge(Config(signature_version=UNSIGNED))
        client = session.client("s3", config=config, endpoint_url=_endpoint(environment))
    except (BotoCoreError, ValueError) as error:
        raise CaldpError(
            f"The configuration of AWS cannot be used: {error}.", advice="Check the AWS_* variables and ~/.aws."
        ) from error
    keep_pace(client, TransferLimits.of(settings))
    return client


def keep_pace(client: S3Client, limits: TransferLimits) -> None:
    """Have the bytes of a client's connections counted; botocore has no public place for that."""
    pools = client._endpoint.http_session._pool_classes_by_scheme  # type: ignore[attr-defined]
    pools.update(paced_pools(pools, limits))


def _session(environment: Mapping[str, str]) -> dict[str, Any]:
    """Choose the variables that boto3 would choose: keys before a profile."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    if bool(environment.get(names[0])) != bool(environment.get(names[1])):
        raise ValueError(f"only one of {names[0]} and {names[1]} is set")
    keys = {name.lower(): environment[name] for name in names if environment.get(name)}
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    profile = {} if keys else {"profile_name": environment.get("AWS_PROFILE") or None}
    return {**keys, **profile, "region_name": region}


def _endpoint(environment: Mapping[str, str]) -> str | None:
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    return environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or None


def reading(place: str, raised: type[DownloadError | UploadError] = DownloadError) -> AbstractContextManager[None]:
    """Turn failures of S3 in the work inside, which reads a place such as ``s3://bucket/key``, into one of ours."""
    return _translating(raised, f"{place} cannot be read")


def writing(place: str) -> AbstractContextManager[None]:
    """Turn failures of S3 in the work inside, which writes or deletes a place, into `UploadError`."""
    return _translating(UploadError, f"{place} cannot be written")


@contextmanager
def _translating(raised: type[DownloadError | UploadError], what: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except TooLongError as error:
        raise raised(f"{what}: {error}.", advice=_NETWORK) from error
    except (BotoCoreError, ClientError) as error:
        words, advice = _explain(error)
        raise raised(f"{what}: {words}.", advice=advice) from error


def _explain(error: Exception) -> tuple[str, str]:
    """Say what a failure means and what to do about it; never a credential, a header or a signed address."""
    from botocore import exceptions as known

    if isinstance(error, known.ClientError):
        code = error_code(error)
        return _CODES.get(code, (f"S3 says {code}", _CREDENTIALS))
    if isinstance(error, known.NoCredentialsError | known.PartialCredentialsError | known.CredentialRetrievalError):
        return "no AWS credentials were found, or not all of them", _CREDENTIALS
    if isinstance(error, known.FlexibleChecksumError | known.ChecksumError):
        return "the data arrived damaged", _LATER
    if isinstance(error, known.SSLError):
        return "the server's certificate is not accepted", "Check AWS_ENDPOINT_URL and AWS_CA_BUNDLE."
    if isinstance(error, known.ConnectionError | known.HTTPClientError | known.IncompleteReadError):
        slow = slowness(error)
        how = f"is too slow ({slow}; CALDP_TRANSFER_MINIMUM)" if slow else "failed or broke"
        return f"the connection {how} at every try", _NETWORK
    return f"boto3 says {type(error).__name__}", _NETWORK


def answered(answer: Mapping[str, Any], place: str, raised: type[DownloadError | UploadError], *fields: str) -> None:
    """Refuse an answer that is not from S3: a proxy or login page answers with status 200 too, which reads as empty.

    Parameters
    ----------
    answer
        As botocore has parsed it.
    place
        Place that was asked for, such as ``s3://bucket/key``.
    raised
        Class of the error.
    fields
        Fields that S3 sends whenever it does what was asked.

    Raises
    ------
    DownloadError, UploadError
        If one of them is missing.
    """
    if not all(answer.get(name) is not None for name in fields):
        raise _foreign(place, " or ".join(fields), raised)


def _foreign(place: str, missing: str, raised: type[DownloadError | UploadError]) -> DownloadError | UploadError:
    return raised(
        f"{place}: the answer is not from S3 (it has no {missing}).",
        advice="Something on the way answers in its place: check AWS_ENDPOINT_URL, proxies, the network's login page.",
    )


def listed(
    client: S3Client, bucket: str, prefix: str, raised: type[DownloadError | UploadError], **options: str
) -> Iterator[ObjectTypeDef]:
    """List the objects below a prefix, a thousand a request.

    Raises
    ------
    DownloadError, UploadError
        If S3 does not answer, or something else does: a page of HTML is no empty list.
    """
    place = f"s3://{bucket}/{prefix}"
    with reading(place, raised):
        pages = client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=bucket, Prefix=prefix, **options):  # type: ignore[arg-type]
            answered(page, place, raised, "Name", "IsTruncated")
            yield from page.get("Contents", ())


def refuse_unless_deleted(answer: Mapping[str, Any], place: str) -> None:
    """Raise `UploadError` unless an answer to DeleteObject is S3's, whose status is 204."""
    if answer["ResponseMetadata"]["HTTPStatusCode"] != _NO_CONTENT:
        raise _foreign(place, f"status {_NO_CONTENT}", UploadError)


def error_code(error: Exception) -> str:
    """Return S3's name of an error; empty if it did not come from S3."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
