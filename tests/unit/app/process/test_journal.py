"""A journal keeps what went wrong, with the advice, and tells it once."""

from __future__ import annotations

import pytest

from caldp.app.process.journal import Journal
from caldp.domain.errors import InputNotFound, InvalidInput
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.events import Event, Level, Note, Step, StepEnded
from caldp.domain.run.record import Failure
from caldp.domain.run.usage import ResourceUsage

FULL = Failure(ExitCode.STAGE1_ERROR, "The disk is full.", "Make room.", Step.CALIBRATE)


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def journal(told: list[Event]) -> Journal:
    return Journal((told.append,))


def errors(told: list[Event]) -> list[str]:
    return [event.text for event in told if isinstance(event, Note) and event.level is Level.ERROR]


def test_a_failure_is_kept_and_told_with_its_advice(journal: Journal, told: list[Event]) -> None:
    journal.fail(FULL)
    assert journal.failures == [FULL]
    assert errors(told) == ["The disk is full.", "Make room."]


def test_a_failure_without_advice_is_one_sentence(journal: Journal, told: list[Event]) -> None:
    journal.fail(Failure(ExitCode.STAGE1_ERROR, "The disk is full."))
    assert errors(told) == ["The disk is full."]


def test_what_a_step_reports_is_kept_as_what_it_raises(journal: Journal, told: list[Event]) -> None:
    journal.take(["x1d: nothing to do"], FULL)
    journal.take(["flt: 2 rows"], None)
    assert (journal.notes, journal.failures) == (["x1d: nothing to do", "flt: 2 rows"], [FULL])


def test_an_error_in_a_step_is_that_steps_failure_with_its_advice(journal: Journal, told: list[Event]) -> None:
    error = InvalidInput("a_raw.fits is cut off.", advice="Fetch it again.")
    with pytest.raises(InvalidInput) as caught, journal.step(Step.FETCH, ExitCode.INPUT_TAR_FILE_ERROR):
        raise error
    journal.keep(caught.value)
    assert journal.failures == [Failure(error.exit_code, "a_raw.fits is cut off.", "Fetch it again.", Step.FETCH)]
    assert errors(told) == ["a_raw.fits is cut off.", "Fetch it again."]
    assert [event.ok for event in told if isinstance(event, StepEnded)] == [False]
    assert [(step.step, step.status) for step in journal.steps] == [(Step.FETCH, error.exit_code)]


def test_an_error_between_steps_is_kept_with_its_advice(journal: Journal, told: list[Event]) -> None:
    error = InputNotFound("There is no a_asn.fits.", advice="Add it.")
    journal.keep(error)
    assert journal.failures == [Failure(error.exit_code, error.message, "Add it.")]
    assert errors(told) == ["There is no a_asn.fits.", "Add it."]


def test_a_step_that_ends_well_has_no_failure(journal: Journal, told: list[Event]) -> None:
    with journal.step(Step.FETCH, ExitCode.INPUT_TAR_FILE_ERROR):
        pass
    assert journal.failures == []
    assert journal.steps[0].status is ExitCode.SUCCESS
    assert [event.ok for event in told if isinstance(event, StepEnded)] == [True]


def test_programs_that_are_no_children_count_for_their_step() -> None:
    journal = Journal(())
    with journal.step(Step.CALIBRATE, ExitCode.STAGE1_ERROR):
        journal.count([ResourceUsage(9.0, 5.0, 1.0, 10**12), ResourceUsage(9.0, 2.0, 0.5, 10**10)])
    with journal.step(Step.RECORD, ExitCode.GENERIC_ERROR):
        pass
    calibrate, record = (step.usage for step in journal.steps)
    assert calibrate.user_seconds >= 7.0
    assert calibrate.system_seconds >= 1.5
    assert calibrate.max_rss_bytes == 10**12
    assert calibrate.wall_seconds < 9.0
    assert record.user_seconds < 7.0
    assert record.max_rss_bytes < 10**12
