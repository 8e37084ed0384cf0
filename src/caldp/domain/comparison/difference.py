"""Differences of products: how many values differ, by how much, and where."""

from __future__ import annotations

from attrs import field, frozen

from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.causes import Cause


@frozen
class FlagChange:
    """A data quality flag that was gained or lost.

    Attributes
    ----------
    flag
        Its value, a power of two.
    name
        Its meaning, such as ``cosmic ray``; empty if it has none for the instrument.
    gained, lost
        Number of samples that have it in B only, and in A only.
    """

    flag: int
    name: str
    gained: int
    lost: int


@frozen
class ValueDifference:
    """Difference of the values of an image, or of one column of a table.

    Attributes
    ----------
    column
        Name of the column; empty for an image.
    samples
        Number of values in each.
    differing
        Number of values that are not the same.
    beyond
        Number of values outside of the tolerance.
    invalid
        Number of values that are NaN or infinite in one of the two only.
    largest, median
        Largest and median of ``|a - b| / |b|`` among differing numbers; None if there is none, or B is zero.
    absolute
        Largest ``|a - b|`` among differing numbers, in the unit of the values; None if there is none.
    ratio
        Median of ``b / a`` among differing numbers; None if there is none, or A is zero.
    first, worst
        Place of the first difference, and of the largest relative one: ``pixel (512, 77)``, ``row 3, element 17``.
        Pixels, rows and elements are counted from 1, pixels in the order of FITS axes.
    flags
        Data quality flags gained and lost, if these are such.
    """

    column: str
    samples: int
    differing: int
    beyond: int
    invalid: int = 0
    largest: float | None = None
    median: float | None = None
    absolute: float | None = None
    ratio: float | None = None
    first: str = ""
    worst: str = ""
    flags: tuple[FlagChange, ...] = ()

    @property
    def agreement(self) -> Agreement:
        """Agreement of the values."""
        return Agreement.DIFFERENT if self.beyond else Agreement.WITHIN


@frozen
class CardChange:
    """A header card that differs.

    Attributes
    ----------
    keyword
        Its keyword.
    a, b
        Its values as text; None where it is missing.
    """

    keyword: str
    a: str | None
    b: str | None


@frozen
class HduDifference:
    """Comparison of one HDU.

    Attributes
    ----------
    name, version
        EXTNAME and EXTVER; an empty name is that of the primary HDU.
    agreement
        Agreement of the data.
    reason
        Difference other than of values: the HDU is in one of the two only, or has another shape or other columns.
    values
        Differences of values: one of an image, one for each differing column of a table.
    cards
        Header cards that differ and matter.
    remarks
        Number of cards that differ and do not matter: HISTORY, COMMENT, comments, and those that every run writes anew.
    """

    name: str
    version: int
    agreement: Agreement
    reason: str = ""
    values: tuple[ValueDifference, ...] = ()
    cards: tuple[CardChange, ...] = ()
    remarks: int = 0

    @property
    def label(self) -> str:
        """Name for people, such as ``SCI,1``."""
        return f"{self.name or 'primary'},{self.version}" if self.name else "primary"

    @property
    def is_same(self) -> bool:
        """True if neither data nor cards that matter differ."""
        return self.agreement is Agreement.EXACT and not self.cards


@frozen
class ProductDifference:
    """Comparison of one file.

    Attributes
    ----------
    name
        Its name.
    agreement
        Agreement of its data.
    reason
        Reason why there is nothing to compare: it is in one of the two only, or cannot be read.
    hdus
        HDUs in which data or header differ. Identical ones are left out.
    is_read
        True if the files were read, false if the records' digests told.
    """

    name: str
    agreement: Agreement
    reason: str = ""
    hdus: tuple[HduDifference, ...] = ()
    is_read: bool = False


@frozen
class DatasetDifference:
    """Comparison of one dataset.

    Attributes
    ----------
    dataset
        Its name; empty for files that belong to none.
    causes
        Differences of what went into the runs, the most telling first.
    products
        Comparison of each FITS file, by name.
    others
        Names of files that are no FITS files and differ: trailers, pictures. They decide nothing.
    remarks
        Remarks, such as that a run is at work on it.
    """

    dataset: str
    causes: tuple[Cause, ...] = ()
    products: tuple[ProductDifference, ...] = ()
    others: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def agreement(self) -> Agreement:
        """The worst agreement of its products."""
        return Agreement.of(product.agreement for product in self.products)


@frozen
class Comparison:
    """Comparison of two sides.

    Attributes
    ----------
    a, b
        The sides as they were named.
    tolerance
        Tolerance that values were judged by.
    datasets
        Comparison of each dataset that is in both, by name.
    only_a, only_b
        Datasets of one side only.
    """

    a: str
    b: str
    tolerance: Tolerance
    datasets: tuple[DatasetDifference, ...]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = field(default=())

    @property
    def agreement(self) -> Agreement:
        """The worst agreement of all; DIFFERENT if a dataset is in one of the two only."""
        missing = (Agreement.DIFFERENT,) if self.only_a or self.only_b else ()
        return Agreement.of((*missing, *(one.agreement for one in self.datasets)))
