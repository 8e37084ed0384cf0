"""Wavelengths of filters."""

import re

import pytest

from caldp.domain.hst.filters import PIVOT_WAVELENGTHS, pivot_wavelength


@pytest.mark.parametrize(
    ("instrument", "name", "expected"),
    [
        ("acs", "f606w", 5921.0),
        ("ACS", "F606W", 5921.0),
        ("acs", "f606w-pol0v", 5921.0),
        ("wfc3", "f160w", 15369.0),
        ("wfc3", "fq508n", 5091.0),
        ("acs", "fr1016n", 10160.0),
    ],
)
def test_a_filter_has_a_pivot_wavelength(instrument: str, name: str, expected: float) -> None:
    assert pivot_wavelength(instrument, name) == expected


@pytest.mark.parametrize(
    ("instrument", "name"), [("acs", "total"), ("wfc3", "g141"), ("acs", "f160w"), ("cos", "f606w"), ("acs", "")]
)
def test_what_is_no_filter_of_the_instrument_has_none(instrument: str, name: str) -> None:
    assert pivot_wavelength(instrument, name) is None


@pytest.mark.parametrize("instrument", PIVOT_WAVELENGTHS)
def test_wavelengths_are_near_what_the_names_say(instrument: str) -> None:
    # F606W has its middle near 606 nm, F160W near 1.60 micrometres; long-pass filters begin at what their names say.
    for name, pivot in PIVOT_WAVELENGTHS[instrument].items():
        number = re.search(r"[0-9]+", name)
        if number is None:
            continue
        nominal = int(number[0]) * 10
        if instrument == "wfc3" and nominal < 1700 and pivot > 9000:
            nominal *= 10
        assert nominal * 0.9 < pivot < nominal * (2.5 if name.endswith(("lp", "x")) else 1.1), name
