"""Exposures that an engine is given, and the steps that their headers ask for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final, TypeVar

from attrs import field, frozen

from caldp.domain.calibration.plan import Observation
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Member
from caldp.domain.hst.files import SWITCH_STATES, FitsFacts, HstFileName

T = TypeVar("T")
_UNUSED: Final = frozenset({"", "N/A"})
"""States of a switch that does not apply to an exposure."""
_GROUP: Final = re.compile(r"(?:EXP|PROD)[-_](?:CR|RP)(?P<group>J|C|T|[0-9]+)")


def performed(facts: FitsFacts) -> frozenset[str]:
    """List the calibration switches that stand at PERFORM.

    Raises
    ------
    InvalidInput
        If the header has no switch at all, or one in no known state. Such a header is damaged: engines take whatever is
        not PERFORM for OMIT.
    """
    unknown = [f"{name} is {state!r}" for name, state in _states(facts).items() if state not in SWITCH_STATES | _UNUSED]
    if unknown or not facts.switches:
        why = ", ".join(unknown) or "it has no calibration switch, such as FLATCORR or DQICORR"
        raise InvalidInput(
            f"The header of {facts.name} is damaged: {why}.", advice="Fetch the file again from the archive."
        )
    return frozenset(name for name, state in facts.switches.items() if state == "PERFORM")


def marked(steps: frozenset[str], flat_fielding: frozenset[str]) -> frozenset[str]:
    """Leave out EXPSCORR unless a step is asked for whose program marks it as done.

    Source: ``do2d.c`` of calacs and calwf3, which run for these steps only; and calacs's products for HRC biases.

    Parameters
    ----------
    steps
        Steps that are asked for.
    flat_fielding
        Steps of that program.
    """
    return steps if steps & flat_fielding else steps - {"EXPSCORR"}


def _states(facts: FitsFacts) -> dict[str, str]:
    corrections = {name: value for name, value in facts.primary.items() if name.endswith("CORR")}
    return {name: value.strip().upper() for name, value in corrections.items() if isinstance(value, str)}


def exposures(observation: Observation, suffix: str = "raw") -> dict[str, FitsFacts]:
    """Choose the raw headers that the engine is given, by rootname in the order in which it takes them.

    Of an association that is its members, since acquisitions and other exposures may lie beside these.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    by_root = {
        parsed.root: facts
        for name, facts in sorted(observation.raws.items())
        if (parsed := HstFileName.parse(name)) and parsed.suffix == suffix
    }
    if observation.association is not None:
        members = [member.name for member in observation.association.exposures]
        by_root = {root: by_root[root] for root in members if root in by_root}
    return require_exposures(by_root, observation)


def require_exposures(given: dict[str, T], observation: Observation) -> dict[str, T]:
    """Return the exposures that an engine is given; at least one is required.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    if not given:
        raise InvalidInput(
            f"No raw exposure of {observation.dataset} is there, or its association table says that none is present.",
            advice="Fetch the whole dataset again.",
        )
    return given


@frozen
class SubProduct:
    """Exposures of an association that are combined before any drizzling.

    Attributes
    ----------
    name
        Rootname of their product.
    roots
        Rootnames of the exposures, at least two.
    """

    name: str
    roots: tuple[str, ...] = field(default=())


def sub_products(observation: Observation, given: Collection[str]) -> tuple[SubProduct, ...]:
    """Group an association's CR-SPLIT or repeated exposures by the product that is made of them.

    An exposure EXP-CR2 belongs to the product PROD-CR2; CRJ and RPT stand for the first group. A group with one
    exposure makes no product. Source: ``acstable.c`` and ``wf3table.c`` of HSTCAL.

    Parameters
    ----------
    observation
        Observation under calibration.
    given
        Rootnames of the exposures that are there.
    """
    association = observation.association
    if association is None:
        return ()
    members: dict[int, list[str]] = {}
    for member in (each for each in association.exposures if each.name in given):
        members.setdefault(group_of(member), []).append(member.name)
    return tuple(
        SubProduct(product.name, tuple(members[group]))
        for product in association.products
        if (group := group_of(product)) and len(members.get(group, [])) > 1
    )


def group_of(member: Member) -> int:
    """Return the number of a member's group; 0 for a pointing of its own."""
    match = _GROUP.match(member.kind)
    if match is None:
        return 0
    return int(match["group"]) if match["group"].isdigit() else 1


def is_exposed(facts: Iterable[FitsFacts]) -> bool:
    """Tell whether any of some raw ACS or WFC3 exposures has an exposure time above 0.

    Raises
    ------
    InvalidInput
        If one does not state it.
    """
    times = [each.required_number("EXPTIME") for each in facts]
    return max(times) > 0


def is_imaging(facts: FitsFacts) -> bool:
    """Tell whether an exposure is an image, and no spectrum."""
    return facts.required("OBSTYPE") == "IMAGING"
