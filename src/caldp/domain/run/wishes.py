"""Wishes of a user that a dataset's name alone shows to be impossible."""

from __future__ import annotations

from caldp.domain.calibration.drizzle_parameters import check_drizzled
from caldp.domain.calibration.members import check_members, parse_members
from caldp.domain.calibration.reads import check_reads, parse_reads
from caldp.domain.calibration.switches import check_switches
from caldp.domain.calibration.table_values import check_tables
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.run.settings import Settings


def check_wishes(dataset: AnyDataset, settings: Settings) -> None:
    """Check the switches, members, reads, values of tables and drizzle parameters that settings ask for.

    Raises
    ------
    UsageError
        If the dataset's kind or instrument has no such thing.
    """
    check_switches(dataset, settings.switches)
    check_members(dataset, parse_members(settings.members))
    check_reads(dataset, parse_reads(settings.omitted_reads))
    check_tables(dataset, settings.table_values)
    if settings.drizzle:
        check_drizzled(dataset)
