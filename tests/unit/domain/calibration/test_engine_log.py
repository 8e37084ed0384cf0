"""The lines of an engine's log that matter."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.engine_log import telling_lines


def test_errors_come_before_warnings() -> None:
    log = ["CALACS started", "Warning    FLSHCORR keyword not found...", "ERROR:    Couldn't process CCD data", "done"]
    assert telling_lines(["Begin", "Warning: skipped", "End"]) == ("Warning: skipped",)
    assert telling_lines(log)[-1] == "ERROR: Couldn't process CCD data"


def test_the_last_lines_are_kept_each_once() -> None:
    log = [*(f"ERROR {number}" for number in range(20)), "ERROR 19", "ERROR 18"]
    assert telling_lines(log, most=3) == ("ERROR 17", "ERROR 18", "ERROR 19")


@pytest.mark.parametrize(
    "line",
    [
        "Error on centroid = 0.008554",
        "shift1 shift err",
        "    raise RuntimeError()",
        "  error estimate for y location = 3.51, FWHM = 7.06",
        "Info: truncated line removed at right edge of NUVA",
        'Warning    Can\'t find input file "x_spt.fits"',
        "all is well",
    ],
)
def test_what_only_sounds_like_an_error_is_left_out(line: str) -> None:
    assert telling_lines([line]) == ()
