"""The CRDS context that an operator has named in a bucket."""

from __future__ import annotations

from caldp.app.ports.object_store import ObjectStore
from caldp.calcloud.bucket import CONTEXT_PREFIX, context_of
from caldp.domain.errors import BestrefsError, ContractError, PublishError


def context_in_bucket(bucket: ObjectStore) -> str:
    """Find the one context that is named in a bucket.

    Parameters
    ----------
    bucket
        The whole bucket, whatever prefix of it products go to.

    Raises
    ------
    BestrefsError
        If none or several are named, or the bucket cannot be read.
    """
    try:
        return context_of(item.key for item in bucket.list(CONTEXT_PREFIX))
    except ContractError as error:
        raise BestrefsError(
            f"In {bucket.locate('')} {error.message}", advice=f"{error.advice} Or set CRDS_CONTEXT."
        ) from error
    except PublishError as error:
        raise BestrefsError(f"The CRDS context cannot be found: {error.message}", advice=error.advice) from error
