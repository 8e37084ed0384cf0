"""One dataset of an output, looked at by itself."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from caldp.domain.output.survey import DatasetStatus
from caldp.domain.run.record import RunRecord


@frozen
class ShownDataset:
    """One dataset of an output.

    Attributes
    ----------
    status
        State and files, as the output's keys tell them.
    record
        Record of the run that published it; None if there is none that can be read.
    problem
        Reason that there is none, a clause; empty if there is one.
    addresses
        Path or address of every file that lies there by itself, by name.
    keys
        Keys of these files, by name, relative to the root of the output.
    """

    status: DatasetStatus
    record: RunRecord | None = None
    problem: str = ""
    addresses: Mapping[str, str] = field(factory=dict)
    keys: Mapping[str, str] = field(factory=dict)
