"""Findings about the staleness of datasets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Final

from attrs import define, field, frozen

from caldp.domain.stale.rungs import Rung, Verdict, verdict_of
from caldp.domain.stale.used import Region

NONE: Final = "N/A"
"""Name of the reference where none is assigned, as CRDS writes it."""


class Measure(StrEnum):
    """Way in which values are compared."""

    RATIO = "ratio"
    DIFFERENCE = "difference"


@frozen
class Amount:
    """Size of a change of the values that an exposure uses.

    Attributes
    ----------
    measure
        Ratio of new to old if all old values are finite and have one sign, else difference of new and old.
    largest
        Ratio that is farthest from one, or difference that is farthest from zero.
    median
        Median of all values compared, changed or not.
    changed, compared
        Numbers of values.
    """

    measure: Measure
    largest: float
    median: float
    changed: int
    compared: int


@frozen
class Difference:
    """First difference between two reference files, as far as an exposure uses them.

    Attributes
    ----------
    place
        HDU and column, such as ``HDU 1 (FUVA), column INTENSITY``; or what else differs.
    rows
        Numbers of the rows of the new table that differ, counted from 1; the first few.
    row_count
        Number of all rows that differ; 0 if rows are not what differs.
    amount
        Size of the change; None if it is not of numbers.
    """

    place: str
    rows: tuple[int, ...] = ()
    row_count: int = 0
    amount: Amount | None = None


@frozen
class TypeFinding:
    """Finding about one type of reference file of a dataset.

    Attributes
    ----------
    keyword
        Header keyword, such as ``FLATFILE``.
    old, new
        Name of the file that was used, and of the one that the context assigns; ``N/A`` for none.
    rung
        The lowest one that can be proven.
    exposures
        Names of the files of the exposures that it holds for.
    detail
        Reason for the rung, a clause; empty for the plain ones.
    differences
        Differences of the values used; of CHANGED only.
    is_withdrawn
        True if the file that was used has been withdrawn since: it is among the context's or server's bad files.
    """

    keyword: str
    old: str
    new: str
    rung: Rung
    exposures: tuple[str, ...] = ()
    detail: str = ""
    differences: tuple[Difference, ...] = ()
    is_withdrawn: bool = False


class Origin(StrEnum):
    """Source of what is known of a dataset's calibration."""

    RECORD = "record"
    HEADERS = "headers"


@define(frozen=True, slots=False)
class DatasetFinding:
    """Findings about a dataset.

    Attributes
    ----------
    dataset
        Its name.
    origin
        Source of what is known of its calibration.
    place
        Address of the record, or of the first file.
    old_context, new_context
        Contexts that references were assigned from, and that they are compared with; the former empty if not known.
    types
        Findings by type of reference file, in order of their keywords.
    remarks
        Further remarks, which do not decide the verdict: engines older than the installed ones, settings other than
        the profile's, blended headers.
    problem
        Reason that the dataset could not be examined; empty if it could.
    """

    dataset: str
    origin: Origin
    place: str = ""
    old_context: str = ""
    new_context: str = ""
    types: tuple[TypeFinding, ...] = ()
    remarks: tuple[str, ...] = ()
    problem: str = ""

    @cached_property
    def verdict(self) -> Verdict:
        """Judgement of the dataset; unknown if it could not be examined."""
        found = verdict_of(one.rung for one in self.types)
        return Verdict.UNKNOWN if self.problem and found is Verdict.CURRENT else found

    @property
    def stale_types(self) -> tuple[TypeFinding, ...]:
        """Findings of the types that have changed or cannot be told."""
        return tuple(one for one in self.types if not one.rung.is_proof)

    @property
    def withdrawn(self) -> tuple[TypeFinding, ...]:
        """Findings of the types whose file has been withdrawn since."""
        return tuple(one for one in self.types if one.is_withdrawn)

    @property
    def reason(self) -> str:
        """Reason to recalibrate the dataset, such as ``SATUFILE N/A -> x_sat.fits``; empty if there is none."""
        if self.problem:
            return self.problem
        return "; ".join(
            f"{one.keyword} {one.old} -> {one.new}" + ("" if one.rung is Rung.CHANGED else f" ({one.detail})")
            for one in self.stale_types
        )


@frozen
class Comparison:
    """Comparison of two reference files for an exposure.

    Attributes
    ----------
    rung
        SAME_CONTENT, SAME_ROWS, CHANGED or UNKNOWN.
    detail
        Reason, a clause.
    differences
        Differences of the values used.
    new_is_dummy
        True if the new file stands for calibration data that do not exist, so that engines skip its step.
    """

    rung: Rung
    detail: str = ""
    differences: tuple[Difference, ...] = ()
    new_is_dummy: bool = False


@frozen
class Exposure:
    """Facts known of the calibration of one raw file.

    Attributes
    ----------
    name
        Name of the raw file, or of the product whose header stands for it.
    instrument
        Its instrument, in lower case.
    references
        Names of the files that were used, by keyword; ``N/A`` or left out for none.
    selection
        Header values that CRDS matches, by keyword in upper case, as texts.
    values
        All values of header keywords that select rows, by keyword; several where extensions differ.
    switches
        Calibration switches and their states: as asked for, or as they came out where the former are not known.
    skipped
        Switches that came out as SKIPPED.
    region
        Region of the detector that was read out, if it is smaller than the detector; see `Region`.
    is_partial
        True if headers may have more keywords than are known here: a record has those that CRDS looked at then.
    """

    name: str
    instrument: str
    references: Mapping[str, str]
    selection: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]] = field(factory=dict)
    switches: Mapping[str, str] = field(factory=dict)
    skipped: frozenset[str] = frozenset()
    region: Region | None = None
    is_partial: bool = False
