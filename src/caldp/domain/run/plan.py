"""Plan of a run: what it would do, and what would keep it from that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.expected import ExpectedProduct
from caldp.domain.calibration.plan import StageCommand
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.run.record import FileRecord


@frozen
class PlannedInputs:
    """Facts that the inputs tell.

    Attributes
    ----------
    files
        The input files.
    assignment
        The references that would be assigned; None if that cannot be told here, and `obstacle` says why.
    commands, expected
        Commands to run, and the products that they must make.
    obstacle
        Reason for unknown references.
    absent
        Names of the references that are not in the cache.
    downloads
        Number of reference files that a run would download first.
    """

    files: tuple[FileRecord, ...]
    assignment: Assignment | None
    commands: tuple[StageCommand, ...]
    expected: tuple[ExpectedProduct, ...]
    obstacle: CaldpError | None = None
    absent: tuple[str, ...] = ()
    downloads: int = 0

    @property
    def absent_sizes(self) -> dict[str, int | None]:
        """Bytes of the references that are not in the cache, by name; None where the catalogue has no size."""
        references = self.assignment.references if self.assignment is not None else ()
        return {one.name: one.size for one in references if one.name in self.absent}


@frozen
class RunPlan:
    """Plan of a run.

    Attributes
    ----------
    inputs
        Facts from the inputs; None if they would have to be downloaded first.
    products, message
        Addresses of the products (a directory, or a tarball) and of the final message; empty if nothing is published.
    obstacles
        Errors that would fail the run, in the order in which it would meet them.
    is_output_tried
        True if writing to the output was tried. Buckets are not tried.
    """

    dataset: AnyDataset
    inputs: PlannedInputs | None
    products: str = ""
    message: str = ""
    obstacles: tuple[CaldpError, ...] = ()
    is_output_tried: bool = False

    @property
    def status(self) -> ExitCode:
        """The status that a run would end with, as far as that can be told beforehand."""
        return self.obstacles[0].exit_code if self.obstacles else ExitCode.SUCCESS


def effects(plan: RunPlan, usual: RunPlan) -> tuple[str, ...]:
    """Say what wishes change: references, engines and products, one sentence without its full stop each.

    Parameters
    ----------
    plan
        Plan of the run that is asked for.
    usual
        Plan of the same run without its wishes.
    """
    if plan.inputs is None or usual.inputs is None:
        return ()
    now, before = plan.inputs, usual.inputs
    found = [*_references(_names(now), _names(before))] if now.assignment and before.assignment else []
    found += _made({command.program for command in now.commands}, {one.program for one in before.commands}, "run")
    found += _made({each.name for each in now.expected}, {each.name for each in before.expected}, "made")
    return tuple(found)


def _names(inputs: PlannedInputs) -> dict[str, str]:
    """Return the names of the references of each type."""
    names: dict[str, set[str]] = {}
    for one in inputs.assignment.references if inputs.assignment is not None else ():
        names.setdefault(one.keyword, set()).add(one.name)
    return {keyword: ", ".join(sorted(each)) for keyword, each in names.items()}


def _references(now: Mapping[str, str], before: Mapping[str, str]) -> Iterator[str]:
    for keyword in sorted(now.keys() | before.keys()):
        if keyword not in now:
            yield f"{keyword} ({before[keyword]}) is not needed"
        elif keyword not in before:
            yield f"{keyword} ({now[keyword]}) is needed"
        elif now[keyword] != before[keyword]:
            yield f"{keyword} is {now[keyword]}, and not {before[keyword]}"


def _made(now: set[str], before: set[str], verb: str) -> Iterator[str]:
    yield from (f"{name} is not {verb}" for name in sorted(before - now))
    yield from (f"{name} is {verb}" for name in sorted(now - before))
