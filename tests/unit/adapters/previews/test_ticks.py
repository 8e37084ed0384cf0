"""Ticks of the axes of plots."""

import pytest

from caldp.adapters.previews.spectrum.ticks import linear_ticks, logarithmic_ticks, power_of_ten


@pytest.mark.parametrize(
    ("lowest", "highest", "most", "labels"),
    [
        (0.0, 12.0, 3, ["0", "5", "10"]),
        (-0.3, 2.7, 9, ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"]),
        (-2.0, 2.0, 4, ["\N{MINUS SIGN}2", "\N{MINUS SIGN}1", "0", "1", "2"]),
        (1134.2, 1275.3, 9, ["1140", "1160", "1180", "1200", "1220", "1240", "1260"]),
        (1300.0, 1300.01, 5, ["1300.000", "1300.002", "1300.004", "1300.006", "1300.008", "1300.010"]),
        (0.0, 1.2e8, 3, ["0", "5e+07", "1e+08"]),
    ],
)
def test_linear_axes_have_round_values(lowest: float, highest: float, most: int, labels: list[str]) -> None:
    ticks = linear_ticks(lowest, highest, most)
    assert [label for _, label in ticks] == labels
    assert all(lowest - 1e-9 <= value <= highest for value, _ in ticks)


def test_logarithmic_axes_have_powers_of_ten() -> None:
    ticks = logarithmic_ticks(-3e-14, 2e-12, 2e-15)
    labels = ["10⁻¹⁴", "0", "10⁻¹⁴", "10⁻¹³", "10⁻¹²"]
    assert [label.replace("\N{MINUS SIGN}", "") for _, label in ticks] == labels
    assert [value for value, _ in ticks] == pytest.approx([-1e-14, 0, 1e-14, 1e-13, 1e-12])
    assert ticks[0][1].startswith("\N{MINUS SIGN}")


def test_powers_are_raised() -> None:
    assert power_of_ten(-15) == "10⁻¹⁵"
