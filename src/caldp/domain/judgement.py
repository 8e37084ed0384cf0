"""Whether a stage did its job: what it left behind, compared with what was expected of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from caldp.domain.expected import Expectation, ExpectedProduct
from caldp.domain.files import FitsFacts, HstFileName, UnreadableFits
from caldp.domain.plan import Stage, StageCommand

DONE: Final = frozenset({"COMPLETE", "SKIPPED"})


@frozen
class Completion:
    """How an engine run ended.

    Attributes
    ----------
    status
        Exit status; None if a signal ended it.
    signal
        Number of the signal that ended it, or None.
    timed_out
        Whether we ended it because its time was up.
    """

    status: int | None
    signal: int | None = None
    timed_out: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the engine says that it succeeded, of its own accord."""
        return self.status == 0 and not self.timed_out


@frozen
class Found:
    """An expected file as it was found after a stage.

    Attributes
    ----------
    facts
        Its headers, or why they cannot be read; None for a text file.
    fresh
        Whether the stage wrote it: it was not there before, or has changed.
    """

    facts: FitsFacts | UnreadableFits | None
    fresh: bool


def judge(expected: Iterable[ExpectedProduct], found: Mapping[str, Found]) -> tuple[str, ...]:
    """Say what is wrong with what a stage left behind.

    Parameters
    ----------
    expected
        What the stage must have made.
    found
        What was found of it, by file name.

    Returns
    -------
    tuple of str
        One sentence for each product or switch; empty if the job was done.
    """
    problems: list[str] = []
    for product in expected:
        problems.extend(_problems_of(product, found.get(product.name)))
    return tuple(problems)


def _problems_of(product: ExpectedProduct, found: Found | None) -> Iterable[str]:
    if found is None:
        yield f"{product.name} was not made"
        return
    if not found.fresh:
        yield f"{product.name} is left from an earlier run"
    if isinstance(found.facts, UnreadableFits):
        yield f"{product.name} is not a whole FITS file: {found.facts.reason}"
    elif found.facts is not None:
        yield from _header_problems(product, found.facts)


def _header_problems(product: ExpectedProduct, facts: FitsFacts) -> Iterable[str]:
    parsed, rootname = HstFileName.parse(product.name), facts.text("ROOTNAME").lower()
    # A sum has the rootname of its first exposure, which shares the program and visit of the product.
    if parsed is not None and rootname and rootname[:6] != parsed.root[:6]:
        yield f"{product.name} belongs to {rootname}"
    states = facts.switches
    undone = {switch: states.get(switch, "missing") for switch in sorted(product.complete)}
    for switch, state in undone.items():
        if state not in DONE:
            yield f"{switch} is {state} in {product.name}"
    science = [extension for extension in facts.extensions if extension.name == "SCI"]
    if product.filled and not any(extension.data_bytes for extension in science):
        yield f"{product.name} holds no data"
    if product.photometry and states.get("PHOTCORR") == "COMPLETE":
        headers = (facts.primary, *(extension.keywords for extension in science))  # ACS has it in each chip's
        fluxes = [header["PHOTFLAM"] for header in headers if "PHOTFLAM" in header]
        if fluxes and not any(fluxes):
            yield f"PHOTFLAM is 0 in {product.name} although PHOTCORR is COMPLETE"


def excuse(command: StageCommand, completion: Completion, expectation: Expectation) -> str:
    """Say why a run that made nothing did its job all the same; empty if it has no such excuse.

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
