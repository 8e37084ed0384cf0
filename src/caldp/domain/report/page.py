"""Contents of the page about one dataset, and of the pages that list many."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from caldp.domain.output.shown import ShownDataset
from caldp.domain.output.survey import DatasetStatus
from caldp.domain.report.image import ImageValues
from caldp.domain.report.picture import Picture
from caldp.domain.stale.findings import DatasetFinding


@frozen
class Curve:
    """Samples of a spectrum, one segment or order.

    Attributes
    ----------
    label
        Such as ``FUVA``.
    unit
        Unit of the flux.
    wavelength
        Angstrom, rising.
    flux
        Of the same length; None for samples that are not to be trusted.
    """

    label: str
    unit: str
    wavelength: tuple[float, ...] = field(repr=False)
    flux: tuple[float | None, ...] = field(repr=False)


@frozen
class FlagShare:
    """Share of the values of a product that has a data quality flag.

    Attributes
    ----------
    flag
        The flag, a power of two.
    name
        Its meaning; empty if it has none for the instrument.
    share
        Part of all values, 0 to 1.
    """

    flag: int
    name: str
    share: float


@frozen
class Excerpt:
    """Lines of a log around a warning or error.

    Attributes
    ----------
    first
        Number of the first line, counted from 1.
    lines
        The lines.
    marked
        Numbers of the lines that are warnings or errors.
    """

    first: int
    lines: tuple[str, ...]
    marked: frozenset[int]


@frozen
class DatasetPage:
    """Contents of the page about one dataset.

    Attributes
    ----------
    shown
        The dataset: state, record, places of files.
    pictures
        The main picture, and further ones.
    curves
        Samples of its main spectrum; none if it has none, or they are not at hand.
    image
        Its main image; None if it has none, or that is not at hand.
    source
        Name of the file that samples or image come from.
    target
        Target, exposure and more, from the header of a product, by the subject's name.
    flags
        Shares of data quality flags, of one product.
    flagged
        Name of the file that they come from.
    excerpts
        Lines of its log around warnings.
    finding
        Findings about the staleness of its references; None if nobody looked.
    output
        Location of the output, for commands that do it again.
    """

    shown: ShownDataset
    pictures: tuple[Picture, ...] = ()
    curves: tuple[Curve, ...] = ()
    image: ImageValues | None = None
    source: str = ""
    target: Mapping[str, str] = field(factory=dict)
    flags: tuple[FlagShare, ...] = ()
    flagged: str = ""
    excerpts: tuple[Excerpt, ...] = ()
    finding: DatasetFinding | None = None
    output: str = ""


@frozen
class IndexRow:
    """One dataset in a list.

    Attributes
    ----------
    status
        Its state and files.
    cause
        Cause of its failure; empty if there is none, or it is not known.
    thumbnail
        A small picture; None if there is none.
    page
        Name of the page about it, relative to the list; empty if there is none.
    """

    status: DatasetStatus
    cause: str = ""
    thumbnail: Picture | None = None
    page: str = ""


@frozen
class IndexPage:
    """One page of a list of datasets.

    Attributes
    ----------
    title
        Address of the output or batch.
    rows
        The datasets on this page.
    total
        Number of datasets on all pages.
    counts, causes
        Number of datasets by state, and of failures by cause, on all pages; causes that differ in names and numbers
        only are one.
    number, pages
        Number of this page, counted from 1, and of all.
    progress
        Part of a batch that is settled, 0 to 1; None if it is no batch.
    """

    title: str
    rows: tuple[IndexRow, ...] = field(repr=False)
    total: int
    counts: Mapping[str, int]
    causes: Mapping[str, int] = field(factory=dict)
    number: int = 1
    pages: int = 1
    progress: float | None = None
