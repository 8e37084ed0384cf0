"""Content that a product must have, science among it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from attrs import evolve

from caldp.domain.calibration.content import content_problems
from caldp.domain.calibration.expected import ExpectedProduct
from caldp.domain.calibration.expected.structure import IR_IMSET, Structure, spectrum_table, table
from caldp.domain.calibration.plan import Stage
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, Values

NAME = "j6gp01mkq_flt.fits"


def image(name: str, version: int = 1, values: Values = Values.VARIED, **keywords: HeaderValue) -> Extension:
    seen = {"SCI": values} if name == "SCI" else {}
    return Extension(name, keywords, 0 if values is Values.NONE else 8, version, values=seen)


def imsets(count: int, parts: Iterable[str] = ("SCI", "ERR", "DQ")) -> tuple[Extension, ...]:
    return tuple(image(name, version) for version in range(1, count + 1) for name in parts)


def spectrum(
    flux: Values = Values.VARIED, net: Values = Values.VARIED, wavelength: Values = Values.VARIED, lacks: str = ""
) -> Extension:
    names = [name for name in ("NELEM", "WAVELENGTH", "GROSS", "NET", "FLUX", "ERROR") if name != lacks]
    columns = {f"TTYPE{number}": name for number, name in enumerate(names, 1)}
    values = {"FLUX": flux, "NET": net, "WAVELENGTH": wavelength}
    return Extension("SCI", columns, 8, rows=1, values={name: values[name] for name in names if name in values})


def said(structure: Structure | None, *extensions: Extension, exposed: bool = False, **primary: HeaderValue) -> str:
    product = ExpectedProduct(NAME, Stage.STAGE1, structure=structure, exposed=exposed)
    return "; ".join(content_problems(product, FitsFacts(NAME, primary, extensions)))


@pytest.mark.parametrize("part", ["SCI", "ERR", "DQ"])
def test_an_image_set_that_lacks_a_part(part: str) -> None:
    rest = tuple(each for each in imsets(1) if each.name != part)
    assert said(Structure(), *rest) == f"{NAME} has no {part},1"


def test_an_image_set_of_the_infrared_has_five_parts() -> None:
    assert said(Structure(IR_IMSET), *imsets(1)) == f"{NAME} has no SAMP,1; {NAME} has no TIME,1"
    assert said(Structure(IR_IMSET), *imsets(1, sorted(IR_IMSET))) == ""


def test_as_many_image_sets_as_the_raw_exposure_has() -> None:
    assert said(Structure(sets=2), *imsets(2)) == ""
    assert said(Structure(sets=2), *imsets(1)) == "; ".join(f"{NAME} has no {part},2" for part in ("DQ", "ERR", "SCI"))


def test_further_image_sets_are_whole_too() -> None:
    assert said(Structure(), *imsets(3)) == ""
    assert said(Structure(), *imsets(1), image("SCI", 2), image("ERR", 2)) == f"{NAME} has no DQ,2"


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (Values.VARIED, ""),
        (Values.CONSTANT, f"SCI,1 of {NAME} holds one value only"),
        (Values.NOT_FINITE, f"SCI,1 of {NAME} holds NaN only"),
        (Values.NONE, f"SCI,1 of {NAME} holds no data"),
    ],
)
def test_science_differs_from_pixel_to_pixel(values: Values, what: str) -> None:
    extensions = (image("SCI", values=values), image("ERR"), image("DQ"))
    assert said(Structure(), *extensions) == what
    assert said(Structure(blank=frozenset({1})), *extensions) == "", "unless the raw exposure was so"


def test_one_chip_without_science_is_told_from_the_other() -> None:
    chips = (image("SCI", 1), *imsets(2)[1:3], image("SCI", 2, Values.NOT_FINITE), *imsets(2)[4:])
    assert said(Structure(sets=2), *chips) == f"SCI,2 of {NAME} holds NaN only"


def test_an_array_of_one_value_is_written_as_that_value() -> None:
    quality = image("DQ", values=Values.NONE, PIXVALUE=0)
    assert said(Structure(), image("SCI"), image("ERR"), quality) == ""
    assert (
        said(Structure(), image("SCI"), image("ERR"), evolve(quality, keywords={})) == f"DQ,1 of {NAME} holds no data"
    )


def test_a_table_has_rows() -> None:
    events = Extension("EVENTS", rows=0)
    assert said(table("EVENTS"), events) == f"EVENTS,1 of {NAME} has no rows"
    assert said(table("EVENTS", blank=True), events) == ""
    assert said(table("EVENTS")) == f"{NAME} has no EVENTS,1"


def test_a_spectrum_is_judged_by_its_fluxes_and_without_these_by_its_counts() -> None:
    dark = spectrum(flux=Values.CONSTANT)
    assert said(spectrum_table(), dark, FLUXCORR="COMPLETE") == f"SCI,1 of {NAME} holds one value only in FLUX"
    assert said(spectrum_table(), dark, FLUXCORR="PERFORM") == "", "calstis leaves the fluxes at 0"
    empty = spectrum(net=Values.NOT_FINITE)
    assert said(spectrum_table(), empty, FLUXCORR="SKIPPED") == f"SCI,1 of {NAME} holds NaN only in NET"
    assert said(spectrum_table(), empty, FLUXCORR="COMPLETE") == ""


@pytest.mark.parametrize("column", ["NELEM", "WAVELENGTH", "NET", "FLUX", "ERROR"])
def test_a_spectrum_has_its_columns(column: str) -> None:
    assert said(spectrum_table(), spectrum()) == ""
    assert said(spectrum_table(), spectrum(lacks=column)) == f"SCI,1 of {NAME} has no {column}"
    assert said(spectrum_table(blank=True), spectrum(lacks=column)) == ""


def test_a_table_of_something_else_is_no_spectrum() -> None:
    other = Extension("SCI", {"TTYPE1": "time"}, 8, rows=1)
    assert said(spectrum_table(), other) == f"SCI,1 of {NAME} has no ERROR, FLUX, NELEM, NET, WAVELENGTH"


def test_a_spectrum_has_wavelengths_where_they_were_to_be_made() -> None:
    without = spectrum(wavelength=Values.CONSTANT)
    said_of_it = f"SCI,1 of {NAME} holds one value only in WAVELENGTH"
    assert said(spectrum_table(), without) == said_of_it, "COS has no switch for them"
    assert said(spectrum_table(), without, DISPCORR="COMPLETE") == said_of_it
    assert said(spectrum_table(), without, DISPCORR="OMIT") == ""


@pytest.mark.parametrize(
    ("primary", "extensions", "what"),
    [
        ({"EXPTIME": 5.0}, (), ""),
        ({"TEXPTIME": 5.0}, (0.0, 5.0), ""),
        ({}, (5.0,), ""),
        ({"EXPTIME": 0.0}, (), f"EXPTIME is 0.0 in {NAME}"),
        ({"TEXPTIME": 0.0}, (5.0,), f"TEXPTIME is 0.0 in {NAME}"),
        ({"TEXPTIME": 5.0}, (0.0,), f"EXPTIME is 0.0 in {NAME}"),
        ({"EXPTIME": "long"}, (), f"EXPTIME is long in {NAME}"),
        ({}, (), f"EXPTIME is missing in {NAME}"),
    ],
)
def test_an_exposure_has_a_time(primary: dict[str, HeaderValue], extensions: tuple[float, ...], what: str) -> None:
    made = tuple(Extension("SCI", {"EXPTIME": time}) for time in extensions)
    assert said(None, *made, exposed=True, **primary) == what
    assert said(None, *made, exposed=False, **primary) == ""
