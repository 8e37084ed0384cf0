"""Tables of results: states, batches, staleness, comparisons and the files of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any, Final

from attrs import frozen

from caldp.domain.batch.files import BatchHead
from caldp.domain.batch.job import Job
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.batch.status import BatchStatus
from caldp.domain.comparison.difference import Comparison, HduDifference, ProductDifference, ValueDifference
from caldp.domain.output.shown import ShownDataset
from caldp.domain.output.survey import DatasetStatus
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.record import RunRecord
from caldp.domain.stale.findings import DatasetFinding, TypeFinding
from caldp.domain.tables.table import Cell, Column, Plan, Table

_DATASET: Final = Column("dataset", "name of the dataset")

STATUSES: Final = Plan(
    (
        (_DATASET, attrgetter("name")),
        (Column("state", "state that its messages tell"), attrgetter("state")),
        (Column("products", "number of products", int), attrgetter("products")),
        (Column("product_bytes", "size of the products", int, "byte"), attrgetter("product_bytes")),
        (Column("raws", "number of raw files, delivered beside the products", int), attrgetter("raws")),
        (Column("previews", "number of previews", int), attrgetter("previews")),
        (Column("logs", "number of logs", int), attrgetter("logs")),
        (Column("earlier", "state of an earlier run's products, beside a run at work"), attrgetter("earlier")),
        (Column("age", "time since the run at work was heard of", float, "s"), attrgetter("age")),
        (Column("failed_attempt", "last run that failed after a good one"), attrgetter("failed_attempt")),
        (Column("failed_status", "exit status of that run", int), attrgetter("failed_status")),
        (Column("remark", "remark on the state"), attrgetter("remark")),
    )
)
"""Table of the datasets of an output."""

JOBS: Final = Plan(
    (
        (_DATASET, attrgetter("dataset")),
        (Column("state", "state in the batch"), lambda job: job.state.value),
        (Column("status", "exit status of the last attempt", int), attrgetter("status")),
        (Column("attempts", "number of attempts", int), attrgetter("attempts")),
        (Column("seconds", "duration of the last attempt", float, "s"), attrgetter("seconds")),
        (Column("memory_mib", "memory that it gets", int, "Mibyte"), attrgetter("memory_mib")),
        (Column("peak_mib", "greatest memory of one of its processes", int, "Mibyte"), attrgetter("peak_mib")),
        (Column("cause", "cause of the last failure"), attrgetter("cause")),
        (Column("advice", "advice on it"), attrgetter("advice")),
    )
)
"""Table of the datasets of a batch."""

HEADS: Final = Plan(
    (
        (Column("batch", "id of the batch"), attrgetter("batch")),
        (Column("created", "time at which it was made, UTC"), attrgetter("created")),
        (Column("datasets", "number of datasets", int), attrgetter("total")),
        (Column("input", "location of the inputs"), lambda head: str(head.common.get("source", ""))),
        (Column("engine", "engine that it was made for"), attrgetter("engine")),
    )
)
"""Table of the batches of an output."""


@frozen
class _TypeRow:
    finding: DatasetFinding
    type: TypeFinding | None


def _type_rows(finding: DatasetFinding) -> Iterator[_TypeRow]:
    """Yield a row for each type of reference file; one for a dataset of which none is known."""
    yield from (_TypeRow(finding, one) for one in finding.types or (None,))


def _of_type(name: str) -> Any:
    return lambda row: None if row.type is None else getattr(row.type, name)


FINDINGS: Final = Plan(
    (
        (_DATASET, lambda row: row.finding.dataset),
        (Column("verdict", "judgement of the dataset"), lambda row: row.finding.verdict.value),
        (Column("type", "header keyword of the type of reference file"), _of_type("keyword")),
        (Column("rung", "degree to which the other file matters"), lambda row: row.type and row.type.rung.value),
        (Column("old", "file that was used"), _of_type("old")),
        (Column("new", "file that the context assigns"), _of_type("new")),
        (Column("withdrawn", "whether the file that was used has been withdrawn", bool), _of_type("is_withdrawn")),
        (
            Column("detail", "reason for the rung, or why nothing is known"),
            lambda row: row.type.detail if row.type else row.finding.problem,
        ),
        (Column("old_context", "context that references were assigned from"), lambda row: row.finding.old_context),
        (Column("new_context", "context that they are compared with"), lambda row: row.finding.new_context),
    ),
    _type_rows,
)
"""Table of staleness: a row for each dataset and type of reference file."""


@frozen
class _ValueRow:
    dataset: str
    product: ProductDifference
    hdu: HduDifference | None = None
    value: ValueDifference | None = None


def _value_rows(comparison: Comparison) -> Iterator[_ValueRow]:
    """Yield a row for each difference of values; one for an HDU or product without any."""
    for dataset in comparison.datasets:
        for product in dataset.products:
            for hdu in product.hdus or (None,):
                values = hdu.values if hdu is not None else ()
                yield from (_ValueRow(dataset.dataset, product, hdu, value) for value in values or (None,))


def _of_value(name: str) -> Any:
    return lambda row: None if row.value is None else getattr(row.value, name)


DIFFERENCES: Final = Plan(
    (
        (_DATASET, attrgetter("dataset")),
        (Column("file", "name of the FITS file"), lambda row: row.product.name),
        (Column("agreement", "agreement of the file's data"), lambda row: row.product.agreement.value),
        (Column("hdu", "HDU in which data or cards differ"), lambda row: row.hdu and row.hdu.label),
        (Column("column", "column of a table"), _of_value("column")),
        (Column("reason", "difference other than of values"), lambda row: (row.hdu or row.product).reason),
        (Column("samples", "number of values", int), _of_value("samples")),
        (Column("differing", "number of values that differ", int), _of_value("differing")),
        (Column("beyond", "number of values beyond the tolerance", int), _of_value("beyond")),
        (Column("largest", "largest relative difference", float), _of_value("largest")),
        (Column("median", "median relative difference", float), _of_value("median")),
        (Column("absolute", "largest absolute difference, in the unit of the values", float), _of_value("absolute")),
        (Column("cards", "number of header cards that differ", int), lambda row: row.hdu and len(row.hdu.cards)),
    ),
    _value_rows,
)
"""Table of a comparison: a row for each difference of values."""


@frozen
class _FileRow:
    record: RunRecord
    role: str
    name: str
    size: int | None
    sha256: str
    keyword: str = ""
    override: str = ""


def _file_rows(record: RunRecord) -> Iterator[_FileRow]:
    roles = (("input", record.inputs), ("scratch", record.scratch))
    for role, files in roles:
        yield from (_FileRow(record, role, one.name, one.size, one.sha256) for one in files)
    for one in record.products:
        yield _FileRow(record, one.category.value if one.category else "product", one.name, one.size, one.sha256)
    for each in record.references:
        yield _FileRow(record, "reference", each.name, each.size, each.sha256, each.keyword, each.override)


FILES: Final = Plan(
    (
        (_DATASET, lambda row: row.record.dataset.name),
        (
            Column("role", "part of the file in the run, such as input, product or reference"),
            attrgetter("role"),
        ),
        (Column("file", "name of the file"), attrgetter("name")),
        (Column("bytes", "size", int, "byte"), attrgetter("size")),
        (Column("sha256", "SHA-256, hexadecimal"), attrgetter("sha256")),
        (Column("type", "header keyword of a reference file"), attrgetter("keyword")),
        (Column("override", "path of a file of the user's own"), attrgetter("override")),
    ),
    _file_rows,
)
"""Table of the files of runs."""

_PLANS: Final[dict[type, Plan]] = {
    DatasetStatus: STATUSES, Job: JOBS, BatchHead: HEADS, DatasetFinding: FINDINGS, Comparison: DIFFERENCES,
    RunRecord: FILES,
}  # fmt: skip
Result = (
    DatasetStatus
    | Job
    | BatchHead
    | DatasetFinding
    | Comparison
    | RunRecord
    | BatchStatus
    | BatchOutcome
    | Outcome
    | ShownDataset
)
"""A result that there is a table of."""


def table_of(results: Result | Iterable[Result]) -> Table:
    """Make the table of results of one kind; an empty one, without columns, of none.

    Parameters
    ----------
    results
        States of datasets (`caldp.survey`), findings of staleness (`caldp.stale`), a comparison (`caldp.diff`), the
        state or outcome of a batch, batches, or records of runs; one or several.

    Raises
    ------
    TypeError
        If there is no table of them.
    """
    meta: dict[str, Cell] = {}
    match results:
        case BatchStatus(head=head, place=place, jobs=jobs):
            meta, results = {"batch": head.batch, "created": head.created, "place": place}, jobs
        case BatchOutcome(batch=batch, place=place, jobs=jobs):
            meta, results = {"batch": batch, "place": place}, jobs
        case Comparison(a=a, b=b, agreement=agreement):
            meta, results = {"a": a, "b": b, "agreement": agreement.value}, [results]
        case Outcome(record=record):
            results = [record]
        case ShownDataset(record=record):
            results = [] if record is None else [record]
    several = iter(results) if isinstance(results, Iterable) else iter([results])
    first = next(several, None)
    if first is None:
        return Table((), (), meta)
    plan = _PLANS.get(type(first))
    if plan is None:
        raise TypeError(f"There is no table of {type(first).__name__}.")
    return plan.table(chain([first], several), meta)
