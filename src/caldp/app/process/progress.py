"""Values of a run that its parts share: facts before it begins, and results of its steps."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field, frozen

from caldp.app.process.flow import CalibrationResult, FetchedInputs, PreviewSet, ProductSet, ReferencedInputs
from caldp.app.process.steps.announce import Announcement
from caldp.domain.run.identity import Machine
from caldp.domain.run.outcome import PublishReceipt
from caldp.domain.run.record import RunRecord
from caldp.domain.run.request import RunRequest


@frozen
class RunHeading:
    """Facts about a run that are known before it begins; see `RunRecord` for each."""

    run: str
    request: RunRequest
    versions: Mapping[str, str]
    packages: Mapping[str, str] = field(factory=dict)
    machine: Machine = Machine()
    job: str = ""
    attempt: int | None = None


@define
class Progress:
    """Progress of a run: each value appears when its step is done."""

    announcement: Announcement | None = None
    inputs: FetchedInputs | None = None
    referenced: ReferencedInputs | None = None
    calibrated: CalibrationResult | None = None
    previews: PreviewSet | None = None
    products: ProductSet = ProductSet()
    record: RunRecord | None = None
    receipt: PublishReceipt | None = None
