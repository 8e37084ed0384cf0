"""Outcome: the value that a run returns."""

from __future__ import annotations

from attrs import frozen

from caldp.app.process.flow import PublishReceipt
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.record import FileRecord, ReferenceRecord, RunRecord, StepRecord


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
