"""The simulated optics agree with themselves: header, distortion table, pixel areas and the map of the sky."""

import numpy as np
import pytest
from astropy.wcs import WCS

from caldp.simulation import fits_files
from caldp.simulation.camera import Camera, Pointing, Window

CAMERA = Camera(1000, 0.1, bend_columns=(4e-6, -2e-6, 1e-6), bend_rows=(1e-6, 3e-6, -2e-6))
POINTING = Pointing(150.0, 30.0, 25.0)


def test_the_sky_map_is_the_headers_plus_the_distortion() -> None:
    window = CAMERA.full_window()
    true = CAMERA.sky_map(POINTING, window)
    linear = WCS(fits_files.image("SCI", np.zeros((1000, 1000)), CAMERA.keywords(POINTING, window)).header)
    column, row = 900.0, 200.0
    x, y = column - 500, row - 500
    bent = (column + 4e-6 * x * x - 2e-6 * x * y + 1e-6 * y * y, row + 1e-6 * x * x + 3e-6 * x * y - 2e-6 * y * y)
    assert true.all_pix2world([[column, row]], 1) == pytest.approx(linear.all_pix2world([bent], 1), abs=1e-9)


def test_a_window_sees_the_same_sky() -> None:
    whole = CAMERA.sky_map(POINTING, CAMERA.full_window())
    part = CAMERA.sky_map(POINTING, Window(300, 350, 256))
    assert part.all_pix2world([[100, 50]], 1) == pytest.approx(whole.all_pix2world([[400, 400]], 1), abs=1e-12)


def test_pixel_areas_are_those_of_the_sky_map() -> None:
    sky = CAMERA.sky_map(POINTING, CAMERA.full_window())
    area = CAMERA.pixel_area()

    def solid_angle(column: float, row: float) -> float:
        corners = sky.all_pix2world([[column - 1, row], [column + 1, row], [column, row - 1], [column, row + 1]], 1)
        east = (corners[:, 0] - POINTING.right_ascension) * np.cos(np.radians(corners[:, 1]))
        north = corners[:, 1]
        return abs(float((east[1] - east[0]) * (north[3] - north[2]) - (north[1] - north[0]) * (east[3] - east[2])))

    middle = solid_angle(500, 500)
    for column, row in ((100, 100), (900, 120), (80, 930)):
        assert area[row - 1, column - 1] == pytest.approx(solid_angle(column, row) / middle, abs=3e-4)


def test_the_distortion_table_tells_the_same_in_arcseconds() -> None:
    row = CAMERA.distortion_table(("F1", "F2")).data[0]
    assert (row["FILTER1"], row["FILTER2"], row["XREF"], row["SCALE"]) == ("F1", "F2", 500.0, 0.1)
    assert [row[f"CX1{j}"] for j in range(2)] == pytest.approx([0.0, 0.1])
    assert [row[f"CY1{j}"] for j in range(2)] == pytest.approx([0.1, 0.0])
    assert [row[f"CX2{j}"] for j in range(3)] == pytest.approx([1e-7, -2e-7, 4e-7])
    assert [row[f"CY2{j}"] for j in range(3)] == pytest.approx([-2e-7, 3e-7, 1e-7])
