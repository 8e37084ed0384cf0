"""Outcome: the value that a run returns."""

from __future__ import annotations

from attrs import frozen

from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import FileRecord, ReferenceRecord, RunRecord, StepRecord


@frozen
class PublishReceipt:
    """Objects that were published, and their place.

    Attributes
    ----------
    location
        Address of the dataset's products; empty if nothing was published.
    objects
        Addresses of everything that was stored, in the order in which it was.
    message
        The final message's state, or None if none was written.
    bytes_stored
        Bytes stored.
    """

    location: str = ""
    objects: tuple[str, ...] = ()
    message: MessageState | None = None
    bytes_stored: int = 0


@frozen
class Outcome:
    """Result of a run.

    Attributes
    ----------
    status
        Status of the whole run, publishing included: the exit status of the command.
    record
        All there is to say about the run.
    receipt
        Receipt of the publication; None if there was none.
    work_directory
        Path of the scratch files, if they were kept; else empty.
    """

    status: ExitCode
    record: RunRecord
    receipt: PublishReceipt | None = None
    work_directory: str = ""

    @property
    def ok(self) -> bool:
        """True if everything was done."""
        return self.status is ExitCode.SUCCESS

    @property
    def products(self) -> tuple[FileRecord, ...]:
        """The files that calibration made."""
        return self.record.products

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps of the run with their durations and resource usage."""
        return self.record.steps

    @property
    def references(self) -> tuple[ReferenceRecord, ...]:
        """The reference files used."""
        return self.record.references
