"""Claim of a driver on its batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from caldp.app.ports.object_store import ObjectStore
from caldp.app.publication.claim import DatasetClaim
from caldp.domain.batch.events import BatchListener
from caldp.domain.batch.files import BatchPlace
from caldp.domain.errors import BatchTaken, DatasetTaken, PublishError
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.run.events import Event, Note

_LEASE: Final = 60.0  # seconds


@contextmanager
def claimed(store: ObjectStore, place: BatchPlace, owner: RunIdentity, tell: BatchListener) -> Iterator[DatasetClaim]:
    """Hold a batch, so that no other driver runs it.

    Parameters
    ----------
    store, place
        The output, and keys of the batch.
    owner
        Identity of this driver.
    tell
        Hears of earlier drivers' claims.

    Raises
    ------
    BatchTaken
        If another driver is at work on it, or takes it over.
    PublishError
        If the output cannot be written.
    """

    def hear(event: Event) -> None:
        if isinstance(event, Note):
            tell(event)

    claim = DatasetClaim(store, place.driver, owner, _LEASE, hear)
    try:
        claim.take()
    except DatasetTaken as error:
        found = store.read(place.driver)
        raise BatchTaken(
            f"Batch {place.batch} is being run by another driver: {_owner(found.data) if found else error.message}",
            advice="Follow it with caldp batch status, or end it with caldp batch cancel.",
        ) from error
    try:
        yield claim
    except DatasetTaken as error:
        raise BatchTaken(f"Batch {place.batch} was taken over by another driver.", advice="") from error
    finally:
        with suppress(PublishError):
            claim.release()


def _owner(body: bytes) -> str:
    lease = Lease.parse(body)
    return f"{lease.owner}." if lease else "one that is not named."
