"""Names of CALCLOUD's messages: objects under ``messages/`` that tell the progress of a dataset."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from attrs import Attribute, field, frozen

from caldp.domain.errors import ContractError
from caldp.domain.hst.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.output.layout import MESSAGES

WILDCARD: Final = "all"

_TRIGGER: Final = ".trigger"
_NAME: Final = re.compile(rf"(?:(?:s3://[^/]+/)?{MESSAGES})?(?P<type>[a-z]+)-(?P<subject>[^/]+)")
# A dataset, a Batch job's id or a broadcast's (UUIDs with underscores), or a word such as all, ingested, kill.
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


class MessageType(Enum):
    """Meaning of a message, in the order of CALCLOUD's ``io.MESSAGE_TYPES``, for which it stands in."""

    BROADCAST = "broadcast"
    PLACED = "placed"
    SUBMIT = "submit"
    PROCESSING = "processing"
    PROCESSED = "processed"
    ERROR = "error"
    INGESTERROR = "ingesterror"
    INGESTED = "ingested"
    TERMINATED = "terminated"
    CANCEL = "cancel"
    RESCUE = "rescue"
    CLEAN = "clean"

    @classmethod
    def parse(cls, text: str) -> MessageType:
        """Read a type's name.

        Raises
        ------
        ContractError
            If it is none.
        """
        try:
            return cls(text)
        except ValueError:
            raise ContractError(
                f"{text[:80]!r} is not a type of message.",
                advice=f"The types are {', '.join(kind.value for kind in cls)}.",
            ) from None

    def __str__(self) -> str:
        return self.value


@frozen
class MessageName:
    """Name of a message: its type and its subject.

    Attributes
    ----------
    type
        Meaning of the message.
    subject
        Mostly a dataset's name; for some types a job's or a broadcast's id, ``all``, ``ingested`` or ``kill``.

    Examples
    --------
    >>> MessageName.parse("s3://bucket/messages/processed-skycell-p2381x06y09.trigger").subject
    'skycell-p2381x06y09'
    """

    type: MessageType
    subject: str = field()

    @subject.validator
    def _check(self, _attribute: Attribute[str], subject: str) -> None:
        if not _SUBJECT.fullmatch(subject):
            raise ContractError(f"No {self.type.value} message can be about {subject[:80]!r}.")

    @classmethod
    def parse(cls, text: str) -> MessageName:
        """Read a message's name, its key in the bucket, or its whole address.

        What follows the first hyphen is the subject, which may hold further ones; ``.trigger`` is taken off.
        Stands in for the name handling of CALCLOUD's ``s3.parse_s3_event`` and ``ModelIngest/lambda_scrape``.

        Raises
        ------
        ContractError
            If it is not the name of a message.
        """
        match = _NAME.fullmatch(text)
        if match is None:
            raise ContractError(
                f"{text[:120]!r} is not the name of a message.",
                advice="Expected <type>-<dataset>, such as error-j8cb010b0, or its key under messages/.",
            )
        kind, subject = MessageType.parse(match["type"]), match["subject"]
        return cls(kind, subject.removesuffix(_TRIGGER) if kind is MessageType.PROCESSED else subject)

    @property
    def dataset(self) -> AnyDataset | None:
        """The dataset that the message is about; None if it is about something else."""
        return DatasetName.parse(self.subject) if is_dataset_name(self.subject) else None

    @property
    def is_wildcard(self) -> bool:
        """True if the message stands for every dataset, as ``cancel-all`` does."""
        return self.subject == WILDCARD

    @property
    def object_name(self) -> str:
        """The last part of the message's key: its name, with ``.trigger`` for a processed dataset.

        Stands in for the last part of CALCLOUD's ``MessageIo.path``.
        """
        triggers = self.type is MessageType.PROCESSED and self.dataset is not None
        return f"{self}{_TRIGGER}" if triggers else str(self)

    @property
    def key(self) -> str:
        """The message's key in the bucket."""
        return MESSAGES + self.object_name

    def __str__(self) -> str:
        return f"{self.type.value}-{self.subject}"


def expand(pattern: str) -> tuple[str, ...]:
    """List the name prefixes that a pattern stands for; list objects under ``messages/`` by them.

    Stands in for CALCLOUD's ``MessageIo.expand_prefix``.

    Parameters
    ----------
    pattern
        ``all`` (every message), ``all-<dataset>`` (every type for one dataset), ``<type>`` or ``<type>-all`` (every
        message of a type), or a message's name.

    Raises
    ------
    ContractError
        If the pattern is none of these.

    Examples
    --------
    >>> expand("rescue-all"), expand("rescue-lcw304cjq")
    (('rescue',), ('rescue-lcw304cjq',))
    """
    kind, _, subject = pattern.partition("-")
    every = subject in ("", WILDCARD)
    if kind == WILDCARD:
        return tuple(each.value if every else str(MessageName(each, subject)) for each in MessageType)
    return (MessageType.parse(kind).value if every else str(MessageName.parse(pattern)),)
