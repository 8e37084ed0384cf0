"""The exposures that an engine is given, and what their headers ask of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from attrs import field, frozen

from caldp.domain.association import Member
from caldp.domain.files import FitsFacts, HstFileName
from caldp.domain.plan import Observation

_GROUP: Final = re.compile(r"(?:EXP|PROD)[-_](?:CR|RP)(?P<group>J|C|T|[0-9]+)")


def performed(facts: FitsFacts) -> frozenset[str]:
    """List the calibration switches that stand at PERFORM."""
    return frozenset(name for name, state in facts.switches.items() if state == "PERFORM")


def exposures(observation: Observation, suffix: str = "raw") -> dict[str, FitsFacts]:
    """Choose the raw headers that the engine is given, by rootname in the order in which it takes them.

    Of an association that is its members, since acquisitions and other exposures may lie beside these.
    """
    by_root = {
        parsed.root: facts
        for name, facts in sorted(observation.raws.items())
        if (parsed := HstFileName.parse(name)) and parsed.suffix == suffix
    }
    if observation.association is None:
        return by_root
    return {member.name: by_root[member.name] for member in observation.association.exposures if member.name in by_root}


@frozen
class SubProduct:
    """Exposures of an association that are combined before any drizzling.

    Attributes
    ----------
    name
        Rootname of what is made of them.
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
        What is calibrated.
    given
        Rootnames of the exposures that are there.
    """
    association = observation.association
    if association is None:
        return ()
    members: dict[int, list[str]] = {}
    for member in (each for each in association.exposures if each.name in given):
        members.setdefault(_group(member), []).append(member.name)
    return tuple(
        SubProduct(product.name, tuple(members[group]))
        for product in association.products
        if (group := _group(product)) and len(members.get(group, [])) > 1
    )


def _group(member: Member) -> int:
    """Return the number of a member's group; 0 for a pointing of its own."""
    match = _GROUP.match(member.kind)
    if match is None:
        return 0
    return int(match["group"]) if match["group"].isdigit() else 1


def exposed(facts: Mapping[str, FitsFacts]) -> bool:
    """Tell whether any of the exposures has an exposure time above 0; one that is not stated counts."""
    return any(each.number("EXPTIME") != 0 for each in facts.values())
