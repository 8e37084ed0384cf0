"""Progress of engines in the field's words, from lines that they really write."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.engine_progress import EngineProgress, phrase_of


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("TIME-TAG calibration -- 26-Nov-2026 10:11:12 UTC", "time-tag events"),
        ("Spectral Extraction -- 26-Nov-2026 10:11:12 UTC", "extracting spectra"),
        ("Average 1-D spectra -- 26-Nov-2026 10:11:12 UTC", "averaging spectra"),
        ("CALBEG*** ACSCCD -- Version 10.5.0 (16-Mar-2026) ***", "bias and overscan"),
        ("*** CALSTIS-6 -- Version 3.5.0 (16-Mar-2026) ***", "extracting spectra"),
        ("CALBEG*** WF3IR -- Version 3.7.3 ***", "fitting ramps"),
        ("CALBEG*** CALACS -- Version 10.5.0 ***", ""),
        ("==== Processing Step 'Final Drizzle' started at 10:11:12.123 (26/11/2026)", "drizzling"),
        (
            "2026330101112 [src=drizzlepac.util ] ==== Processing Step 'Blot' started at 10:11",
            "blotting the median",
        ),
        ("==== Processing Step 'Blot' finished at 10:11:12.123 (26/11/2026)", ""),
        ("Starting a posteriori alignment", "aligning to a catalogue"),
        ("    imset 1, HELCORR  PERFORM", ""),
        ("", ""),
        ("*" * 100_000, ""),
    ],
)
def test_lines_that_begin_something_are_understood(line: str, phrase: str) -> None:
    assert phrase_of(line) == phrase


def test_exposures_are_counted_by_their_input() -> None:
    progress = EngineProgress(("ldfd01vnq", "ldfd01vpq"))
    assert progress.text == ""
    said = []
    for line in (
        "CALCOS version 3.6.2",
        "TIME-TAG calibration -- 26-Nov-2026 10:11:12 UTC",
        "Input     ldfd01vnq_rawtag_a.fits",
        "Input     ldfd01vnq_rawtag_b.fits",
        "Input     ldfd01010_asn.fits",
        "Input     LDFD01VPQ_rawtag_a.fits",
    ):
        progress.take("calcos", line)
        said.append(progress.text)
    assert said == [
        "calcos",
        "calcos: time-tag events",
        "calcos: exposure 1 of 2, time-tag events",
        "calcos: exposure 1 of 2, time-tag events",
        "calcos: exposure 1 of 2, time-tag events",
        "calcos: exposure 2 of 2, time-tag events",
    ]
    progress.take("runastrodriz", "==== Processing Step 'Final Drizzle' started at 10:11")
    assert progress.text == "runastrodriz: drizzling"


def test_exposures_side_by_side_are_counted_by_the_name_that_comes_with_the_line() -> None:
    progress = EngineProgress(("ldfd01vnq", "ldfd01vpq", "ldfd01vrq"))
    progress.take("calcos", "anything", "ldfd01vnq")
    progress.take("calcos", "anything", "ldfd01vrq")
    assert progress.text == "calcos: exposure 2 of 3"


def test_a_single_exposure_is_not_counted() -> None:
    progress = EngineProgress(("j6gp01mkq",))
    progress.take("calacs.e", "Input    j6gp01mkq_raw.fits")
    progress.take("calacs.e", "CALBEG*** ACS2D -- Version 10.5.0 ***")
    assert progress.text == "calacs.e: darks and flat fields"
