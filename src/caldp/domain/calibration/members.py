"""Part of an association that a user wants to be calibrated."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from caldp.domain.calibration.expected.exposures import group_of
from caldp.domain.errors import UsageError
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.instrument import Instrument

_ADVICE: Final = "Give rootnames of its exposures, such as ldfd01vnq,ldfd01vpq."


def parse_members(text: str) -> tuple[str, ...]:
    """Read rootnames that commas or blanks separate, each once, in lower case."""
    return tuple(dict.fromkeys(text.lower().replace(",", " ").split()))


def check_members(dataset: AnyDataset, names: tuple[str, ...]) -> None:
    """Check by a dataset's name alone that a part of it can be calibrated.

    Raises
    ------
    UsageError
        If it is no association, or one of STIS, whose exposures are parts of one raw file.
    """
    if not names:
        return
    if dataset.is_mosaic or not dataset.is_association:
        raise UsageError(f"{dataset} is no association: it has no members to choose from.", advice="Leave them out.")
    if dataset.instrument is Instrument.STIS:
        raise UsageError(
            f"The exposures of {dataset} are parts of one raw file: cs0.e takes all of them.",
            advice="Leave the members out.",
        )


def part_of(association: Association, names: tuple[str, ...]) -> Association:
    """Return an association that has only some of its exposures.

    Wavelength calibrations stay, since exposures need them. A product goes when all exposures of its group have gone.

    Parameters
    ----------
    association
        The whole.
    names
        Rootnames of the exposures that stay.

    Raises
    ------
    UsageError
        If one of them is no present exposure of it, or is a wavelength calibration.
    """
    science = {member.name for member in association.exposures if not _is_wavecal(member)}
    for name in names:
        if name not in science:
            raise UsageError(
                f"{name} is no exposure of {association.name}, which has {', '.join(sorted(science))}.",
                advice=_ADVICE,
            )
    kept = [member for member in association.members if member.name in names or _is_wavecal(member)]
    groups = {group_of(member) for member in kept}
    products = [each for each in association.products if not group_of(each) or group_of(each) in groups]
    chosen = {member.name for member in (*kept, *products)}
    return evolve(association, members=tuple(member for member in association.members if member.name in chosen))


def _is_wavecal(member: Member) -> bool:
    return not member.is_product and member.kind.endswith("WAVE")
