"""Content of products: parts that must be there, and science in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from caldp.domain.calibration.expected.product import ExpectedProduct
from caldp.domain.calibration.expected.structure import Structure
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, Values

_TIMES: Final = ("EXPTIME", "TEXPTIME")


def content_problems(product: ExpectedProduct, facts: FitsFacts) -> Iterable[str]:
    """List the faults in the extensions of a product.

    Parameters
    ----------
    product
        Expected product.
    facts
        Its headers, with the values of its science.
    """
    structure = product.structure
    if structure is not None:
        for number in range(1, structure.sets + 1):
            yield from _set_problems(product.name, structure, facts, number)
        more = {extension.version for extension in facts.named("SCI")} - set(range(1, structure.sets + 1))
        for number in sorted(more):
            yield from _missing(product.name, structure, facts, number)
    if product.exposed:
        yield from _exposure_problems(product.name, facts)


def _set_problems(name: str, structure: Structure, facts: FitsFacts, number: int) -> Iterable[str]:
    yield from _missing(name, structure, facts, number)
    if number in structure.blank:
        return
    for extension in facts.extensions:
        if extension.version != number or extension.name not in structure.parts:
            continue
        where = f"{extension.name},{number} of {name}"
        if absent := structure.columns - extension.columns:
            yield f"{where} has no {', '.join(sorted(absent))}"
        elif structure.tables and not extension.rows:
            yield f"{where} has no rows"
        elif not extension.is_filled:
            yield f"{where} holds no data"
        elif extension.name == "SCI":
            yield from _science_problems(where, extension, facts)


def _missing(name: str, structure: Structure, facts: FitsFacts, number: int) -> Iterable[str]:
    there = {extension.name for extension in facts.extensions if extension.version == number}
    for part in sorted(structure.parts - there):
        yield f"{name} has no {part},{number}"


def _science_problems(where: str, extension: Extension, facts: FitsFacts) -> Iterable[str]:
    """Check the science of an extension: pixels, or the columns of a spectrum."""
    for column in (extension.name,) if extension.rows is None else _columns_of_science(facts):
        values = extension.values.get(column)
        if values is None:
            yield f"{where} has no {column}"
        elif values is not Values.VARIED:
            yield f"{where} holds {values.value}" + ("" if column == extension.name else f" in {column}")


def _columns_of_science(facts: FitsFacts) -> Iterable[str]:
    """Name the fluxes, or the counts where these are not made; and the wavelengths, but where calstis makes none."""
    yield "FLUX" if facts.switches.get("FLUXCORR") == "COMPLETE" else "NET"
    if facts.switches.get("DISPCORR", "COMPLETE") == "COMPLETE":  # COS has no such switch
        yield "WAVELENGTH"


def _exposure_problems(name: str, facts: FitsFacts) -> Iterable[str]:
    """Check the exposure time where a product states it: primary header, or extensions; one of these may be empty."""
    stated = [(key, [facts.primary[key]]) for key in _TIMES if key in facts.primary]
    among = [extension.keywords["EXPTIME"] for extension in facts.extensions if "EXPTIME" in extension.keywords]
    stated += [("EXPTIME", among)] if among else []
    if not stated:
        yield f"EXPTIME is missing in {name}"
    for key, values in stated:
        if not any(_is_positive(value) for value in values):
            yield f"{key} is {values[0]} in {name}"


def _is_positive(value: HeaderValue) -> bool:
    return isinstance(value, int | float) and value > 0
