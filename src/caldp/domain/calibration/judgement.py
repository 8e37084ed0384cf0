"""Judgement of a stage: the files that it left, compared with the expected ones."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from attrs import frozen

from caldp.domain.calibration.content import content_problems
from caldp.domain.calibration.expected import Expectation, ExpectedProduct
from caldp.domain.calibration.plan import Stage, StageCommand
from caldp.domain.hst.files import FitsFacts, UnreadableFits, root_of, rootname_in

DONE: Final = frozenset({"COMPLETE", "SKIPPED"})


@frozen
class Completion:
    """End of an engine run.

    Attributes
    ----------
    status
        Exit status; None if a signal ended it.
    signal
        Number of the signal that ended it, or None.
    timed_out
        True if we ended it because its time was up.
    """

    status: int | None
    signal: int | None = None
    timed_out: bool = False

    @property
    def is_good(self) -> bool:
        """True if the engine ended of its own accord with status 0."""
        return self.status == 0 and not self.timed_out


@frozen
class Found:
    """A file as it was found after a stage.

    Attributes
    ----------
    facts
        Its headers, or the reason that they cannot be read; None for a text file.
    fresh
        True if the stage wrote it: it was not there before, or has changed.
    is_link
        True if it is a symbolic link, or has a second name (hard link): its content may be changed from elsewhere.
    """

    facts: FitsFacts | UnreadableFits | None
    fresh: bool
    is_link: bool = False


def judge(
    expected: Iterable[ExpectedProduct], found: Mapping[str, Found], roots: Container[str] | None = None
) -> tuple[str, ...]:
    """List the faults of the files that a stage left.

    Parameters
    ----------
    expected
        Files that the stage must have made.
    found
        Files found, by name: the expected ones, and others of the stage that are to be delivered.
    roots
        Rootnames in lower case that belong to the dataset; None if its files go by other names.

    Returns
    -------
    tuple of str
        One sentence for each product or switch; empty if the job was done.
    """
    problems: list[str] = []
    due = {product.name: product for product in expected}
    for name, product in due.items():
        problems.extend(_problems_of(product, found.get(name)))
    for name in sorted(found.keys() - due.keys()):
        problems.extend(_problems_of_unasked(name, found[name], roots))
    return tuple(problems)


def _problems_of(product: ExpectedProduct, found: Found | None) -> Iterable[str]:
    if found is None:
        yield f"{product.name} was not made"
        return
    if not found.fresh:
        yield f"{product.name} is left from an earlier run"
    yield from _file_problems(product.name, found)
    if isinstance(found.facts, FitsFacts):
        yield from _identity_problems(product, found.facts)
        yield from _switch_problems(product, found.facts)
        yield from content_problems(product, found.facts)


def _problems_of_unasked(name: str, found: Found, roots: Container[str] | None) -> Iterable[str]:
    """Judge a file that nobody asked for and that would be delivered: it is whole, and of this dataset."""
    yield from _file_problems(name, found)
    owners = [root_of(name)]
    if isinstance(found.facts, FitsFacts):
        owners.append(rootname_in(found.facts.text("ROOTNAME")))
    if roots is not None and any(owner and owner not in roots for owner in owners):
        yield f"{name} belongs to another dataset"


def _file_problems(name: str, found: Found) -> Iterable[str]:
    if found.is_link:
        yield f"{name} is a link to another file"
    if isinstance(found.facts, UnreadableFits):
        yield f"{name} is not a whole FITS file: {found.facts.reason}"
    elif found.facts is not None and found.facts.missing_extensions:
        yield f"{name} is not a whole FITS file: it has {found.facts.missing_extensions}"


def _identity_problems(product: ExpectedProduct, facts: FitsFacts) -> Iterable[str]:
    rootname = rootname_in(facts.text("ROOTNAME"))
    if product.roots and rootname not in product.roots:
        yield f"{product.name} belongs to {rootname}" if rootname else f"ROOTNAME is missing in {product.name}"


def _switch_problems(product: ExpectedProduct, facts: FitsFacts) -> Iterable[str]:
    states = facts.switches
    undone = {switch: states.get(switch, "missing") for switch in sorted(product.complete)}
    for switch, state in undone.items():
        if state not in DONE:
            yield f"{switch} is {state} in {product.name}"
    if product.photometry and states.get("PHOTCORR") == "COMPLETE":
        # ACS has it in each chip's header.
        headers = (facts.primary, *(extension.keywords for extension in facts.named("SCI")))
        fluxes = [header["PHOTFLAM"] for header in headers if "PHOTFLAM" in header]
        if fluxes and not any(fluxes):
            yield f"PHOTFLAM is 0 in {product.name} although PHOTCORR is COMPLETE"


def excuse(command: StageCommand, completion: Completion, expectation: Expectation) -> str:
    """Return the reason that a run without products did its job all the same; empty if it has none.

    A status that is tolerated excuses the mosaicking programs, which alone can tell whether images are fit to be
    combined. Any other engine needs a reason that the headers gave before it ran.
    """
    if completion.timed_out:
        return ""
    if completion.status in command.tolerated and command.stage in (Stage.SVM, Stage.MVM):
        return f"{command.program} found no image fit to be processed (status {completion.status})."
    if expectation.nothing_to_do and completion.status in {0, *command.tolerated}:
        return f"There was nothing to calibrate: {expectation.nothing_to_do}."
    return ""
