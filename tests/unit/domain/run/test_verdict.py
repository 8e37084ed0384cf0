"""Verdict of a run: processing before previews before publishing (docs/reference/contracts/exit-statuses.md)."""

from __future__ import annotations

import itertools

import pytest

from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.messages import MessageState
from caldp.domain.run.events import Step
from caldp.domain.run.record import Failure
from caldp.domain.run.verdict import status_of_previews, status_of_processing, verdict

OUTSIDE = Failure(ExitCode.CALDP_MEMORY_ERROR, "No memory.")
FETCH = Failure(ExitCode.INPUT_TAR_FILE_ERROR, "The tarball is cut off.", step=Step.FETCH)
REFERENCES = Failure(ExitCode.BESTREFS_ERROR, "No such context.", step=Step.REFERENCES)
CALIBRATE = Failure(ExitCode.SUBPROCESS_MEMORY_ERROR, "calcos ran out of memory.", step=Step.CALIBRATE)
MOSAIC = Failure(ExitCode.SVM_ERROR, "runsinglehap failed.", step=Step.CALIBRATE)  # 40: its last digit is a 0
PREVIEW = Failure(ExitCode.CREATE_PREVIEWS_ERROR, "No x1d.png.", step=Step.PREVIEW)
PUBLISH = Failure(ExitCode.S3_UPLOAD_ERROR, "The bucket refused.", step=Step.PUBLISH)


@pytest.mark.parametrize(
    ("failures", "status", "processing", "previews"),
    [
        # what went wrong, status of the run, of process_metrics.txt, of preview_metrics.txt
        ([], 0, 0, 0),
        ([FETCH], 21, 21, 0),
        ([REFERENCES], 27, 27, 0),
        ([CALIBRATE], 31, 31, 0),
        ([MOSAIC], 40, 40, 0),
        ([OUTSIDE], 32, 32, 0),
        ([PREVIEW], 28, 0, 28),
        ([PUBLISH], 25, 0, 0),
        ([CALIBRATE, PREVIEW, PUBLISH], 31, 31, 28),
        ([PREVIEW, PUBLISH], 28, 0, 28),
    ],
)
def test_the_earliest_step_decides(failures: list[Failure], status: int, processing: int, previews: int) -> None:
    for order in itertools.permutations(failures):
        assert verdict(order).status == status
        assert status_of_processing(order) == processing
        assert status_of_previews(order) == previews


def test_of_two_failures_of_one_rank_the_first_decides() -> None:
    assert verdict([MOSAIC, FETCH]).status is ExitCode.SVM_ERROR


@pytest.mark.parametrize("failure", [OUTSIDE, FETCH, REFERENCES, CALIBRATE, MOSAIC, PREVIEW, PUBLISH])
def test_nothing_that_failed_is_called_processed(failure: Failure) -> None:
    assert verdict([failure]).message is MessageState.ERROR
    assert verdict([]).message is MessageState.PROCESSED
