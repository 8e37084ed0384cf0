"""Judgement of a replay: each product against the lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from attrs import evolve, field, frozen

from caldp.domain.comparison.agreement import Agreement
from caldp.domain.comparison.causes import Cause, CauseKind, program_text
from caldp.domain.comparison.difference import HduDifference, ProductDifference
from caldp.domain.comparison.pairs import differing
from caldp.domain.exit_codes import ExitCode
from caldp.domain.lock.entries import LockedProduct
from caldp.domain.lock.lock import Lock
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.record import FileRecord

_UNMEASURED = "its data differ from the locked run's"


class Verification(Enum):
    """Agreement that a replay must reach."""

    EXACT = "exact"
    TOLERANCE = "tolerance"


@frozen
class Replay:
    """Result of a replay.

    Attributes
    ----------
    outcome
        Outcome of the run.
    verification
        Agreement that was asked for.
    products
        Verdict on each FITS file; none if the run failed.
    engines
        Engines that are another build than the locked run's.
    """

    outcome: Outcome
    verification: Verification
    products: tuple[ProductDifference, ...] = ()
    engines: tuple[Cause, ...] = field(default=())

    @property
    def agreement(self) -> Agreement:
        """The worst of its products' agreements."""
        return Agreement.of(product.agreement for product in self.products)

    @property
    def ok(self) -> bool:
        """True if the run succeeded and its products agree as was asked for."""
        return self.status is ExitCode.SUCCESS

    @property
    def status(self) -> ExitCode:
        """Status of the command: that of the run, or 1 if products do not agree."""
        if not self.outcome.ok:
            return self.outcome.status
        is_exact = self.agreement is Agreement.EXACT
        enough = is_exact or (self.verification is Verification.TOLERANCE and self.agreement.is_good)
        return ExitCode.SUCCESS if self.products and enough else ExitCode.GENERIC_ERROR


def other_engines(lock: Lock, programs: Iterable[EngineIdentity]) -> tuple[Cause, ...]:
    """List the engines that are another build than the lock's."""
    ours = {one.program: program_text(one.version, one.build, one.sha256) for one in lock.engines}
    theirs = {one.program: program_text(one.version, one.build, one.sha256) for one in programs}
    return tuple(
        Cause(CauseKind.ENGINE, name, ours.get(name, "none"), theirs.get(name, "none"))
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    )


def judge(
    lock: Lock,
    made: Iterable[FileRecord],
    engines: tuple[Cause, ...],
    measured: Mapping[str, ProductDifference],
) -> tuple[ProductDifference, ...]:
    """Judge the products of a replay.

    Parameters
    ----------
    lock
        The lock.
    made
        Files that the replay made.
    engines
        Engines of other builds: with these no product is called exact.
    measured
        Comparisons with the products of the locked run, by name, of those whose digests differ; none if these products
        are not at hand.
    """
    found = {file.name: file for file in made if file.hdus}
    judged = [_product(locked, found.pop(locked.name, None), measured) for locked in lock.products]
    judged += [ProductDifference(name, Agreement.DIFFERENT, "the locked run did not make it") for name in sorted(found)]
    return tuple(_under(engines, product) for product in judged)


def unlike(lock: Lock, made: Iterable[FileRecord]) -> frozenset[str]:
    """Name the products whose data are not those of the lock."""
    found = {file.name: file for file in made}
    return frozenset(
        one.name for one in lock.products if one.name in found and differing(one.hdus, found[one.name].hdus)[0]
    )


def _product(
    locked: LockedProduct, made: FileRecord | None, measured: Mapping[str, ProductDifference]
) -> ProductDifference:
    if made is None:
        return ProductDifference(locked.name, Agreement.DIFFERENT, "it was not made")
    data, headers = differing(locked.hdus, made.hdus)
    if data and locked.name in measured:
        return measured[locked.name]
    hdus = [
        *_labelled(data, Agreement.DIFFERENT, _UNMEASURED),
        *_labelled(headers, Agreement.EXACT, "its header differs"),
    ]
    return ProductDifference(locked.name, Agreement.of(hdu.agreement for hdu in hdus), hdus=tuple(hdus))


def _labelled(labels: Iterable[str], agreement: Agreement, reason: str) -> Iterator[HduDifference]:
    for label in labels:
        name, _, version = label.partition(",")
        yield HduDifference("" if label == "primary" else name, int(version or 1), agreement, reason)


def _under(engines: tuple[Cause, ...], product: ProductDifference) -> ProductDifference:
    """Never call a product of another build exact; what was found is said all the same."""
    if not engines:
        return product
    builds = "; ".join(map(str, engines))
    found = "its data are the same" if product.agreement is Agreement.EXACT else f"found {product.agreement.value}"
    return evolve(product, agreement=Agreement.NOT_COMPARABLE, reason=f"other engines ({builds}); {found}")
