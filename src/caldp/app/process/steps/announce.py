"""Announcement of a dataset under processing, unless another run is at it; discovery of an earlier run's products.

An earlier run's good dataset stays as it is, with its messages: *processing* stands beside them. Its message
*processed* is there only while all that lies at its place is whole and of one run.
"""

from __future__ import annotations

from contextlib import suppress

from attrs import define

from caldp.app.ports.listener import Listener
from caldp.app.process.flow import Destination
from caldp.app.publication.claim import DatasetClaim
from caldp.app.publication.place import DatasetPlace
from caldp.domain.errors import PublishError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import staging_stem
from caldp.domain.output.lease import RunIdentity
from caldp.domain.output.messages import MessageState
from caldp.domain.run.events import Level, Note

_BY_OTHERS = (MessageState.SYNCED, MessageState.ARCHIVED)


@define
class Announcement:
    """An announced dataset, which `withdraw` or `publish` must see through to its end.

    Attributes
    ----------
    place
        The dataset's place in the output.
    claim
        This run's claim on it.
    earlier
        True if a good dataset, of an earlier run or by now of this one, is in place.
    unsettled
        True if files of two runs may lie together, because one is about to be replaced by the other.
    said
        True if the final message has been put: nothing but the end of *processing* may follow.
    ended
        True if *processing* has been taken away, or was given up.
    """

    place: DatasetPlace
    claim: DatasetClaim
    earlier: bool = False
    unsettled: bool = False
    said: bool = False
    ended: bool = False

    def complete(self) -> bool:
        """Put this run's dataset in place and say so, if it is whole but for that; False if it is not."""
        if not complete(self.place, self.claim.owner.run):
            return False
        self.earlier, self.unsettled = True, False
        return True

    def end(self) -> None:
        """Delete the message *processing*, last of all.

        Raises
        ------
        PublishError
            If it cannot be taken away, tried twice.
        """
        try:
            self.claim.release()
        except PublishError:
            self.claim.release()
        self.ended = True

    def abandon(self) -> None:
        """Touch the output no more: another run has taken the dataset over."""
        self.ended = True
        self.claim.stop()


def announce(
    destination: Destination | None, dataset: AnyDataset, owner: RunIdentity, lease: float, tell: Listener
) -> Announcement | None:
    """Put the message that a dataset is being processed.

    Parameters
    ----------
    destination
        Destination of the run; None if nothing is to be published.
    dataset
        The dataset.
    owner
        This run.
    lease
        Seconds for which its claim holds without being renewed.
    tell
        Hears of what earlier runs have left.

    Raises
    ------
    DatasetTaken
        If another run is at work on it.
    PublishError
        If the output cannot be written: better now than after an hour of calibration.
    """
    if destination is None:
        return None
    place = DatasetPlace(destination, dataset)
    claim = DatasetClaim(place.store, place.message_key(MessageState.PROCESSING), owner, lease, tell)
    announcement = Announcement(place, claim)
    try:
        claim.take()
    except BaseException:
        with suppress(PublishError):
            claim.release()
        raise
    try:
        announcement.earlier = _find_earlier(place, claim, tell)
    except BaseException:
        withdraw(announcement)
        raise
    return announcement


def withdraw(announcement: Announcement | None) -> None:
    """End a run without its last message: *error*, unless a good dataset of an earlier run is in place.

    Raises nothing: if the store does not answer, *processing* stays until its lease has run out.
    """
    if announcement is None or announcement.ended:
        return
    place = announcement.place
    try:
        with suppress(PublishError):
            if announcement.unsettled and not announcement.complete():
                return  # the next run completes it
            if not (announcement.said or announcement.earlier or place.said(MessageState.PROCESSED)):
                place.say(MessageState.ERROR)
            announcement.end()
    finally:
        announcement.abandon()


def _find_earlier(place: DatasetPlace, claim: DatasetClaim, tell: Listener) -> bool:
    """Tell whether a good dataset is in place, after having completed what a killed run had begun to put there."""
    others = [state for state in _BY_OTHERS if place.said(state)]
    for state in others:
        key = place.store.locate(place.message_key(state))
        tell(Note(f"{key} is about earlier products of {place.dataset}.", Level.WARNING))
    processed = place.said(MessageState.PROCESSED)
    if claim.predecessor and not processed:
        processed = complete(place, claim.predecessor)
        if processed:
            tell(Note(f"Completed the publication of killed run {claim.predecessor}: its products are in place."))
    spoken_for = processed or (bool(others) and not place.said(MessageState.ERROR))
    earlier = spoken_for and next(iter(place.store.list(place.home)), None) is not None
    if earlier or claim.took_over:
        place.remove_below(staging_stem(place.layout, place.dataset))
    if processed and not earlier:
        place.store.delete(place.message_key(MessageState.PROCESSED))
    place.store.delete(place.message_key(MessageState.ERROR))
    return earlier


def complete(place: DatasetPlace, run: str) -> bool:
    """Put a run's dataset in place, if it has been put together as a whole, and say that it is processed.

    Parameters
    ----------
    place
        The dataset's place in the output.
    run
        The run's id.

    Returns
    -------
    bool
        True if it is in place.
    """
    if place.whole_run(place.staging(run)) == run:
        processed = place.message_key(MessageState.PROCESSED)
        place.store.replace(place.staging(run), place.home, lambda: place.store.delete(processed))
    elif place.whole_run(place.home) != run:
        return False
    place.store.settle(place.home)
    place.say(MessageState.PROCESSED)
    return True
