"""The question about astrometry: when it is asked, and what follows from the answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping

import pytest

from caldp.app.calibration import astrometry
from caldp.app.calibration.astrometry import AstrometryQuestion
from caldp.app.ports.probe import Probe
from caldp.domain.calibration.astrometry import CATALOGUES, DATABASE, Astrometry
from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts
from caldp.domain.output.location import FileLocation, Nowhere, SimulatedLocation
from caldp.domain.run.health import Finding, ok, warning
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings
from tests.support.expectations import raw

BOTH = {"ASTROMETRY_APPLY_APRIORI": "off", "ASTROMETRY_COMPUTE_APOSTERIORI": "off"}
DATABASE_DOWN = warning(DATABASE.subject, "http://db cannot be reached", "Wait.")
CATALOGUES_UP = ok(CATALOGUES.subject, "http://catalogues answers")
RAW = raw("FLATCORR DRIZCORR", DETECTOR="SBC", OBSTYPE="IMAGING")
UNDRIZZLED = raw("FLATCORR", omit="DRIZCORR", DETECTOR="SBC", OBSTYPE="IMAGING")


def probing(*findings: Finding, silence: threading.Event | None = None, asked: list[Settings] | None = None) -> Probe:
    """Return a probe with given findings, which notes its questions; after the findings it may be silent."""

    def probe(settings: Settings) -> Iterator[Finding]:
        if asked is not None:
            asked.append(settings)
        yield from findings
        if silence is not None:
            silence.wait(60)

    return probe


def never(settings: Settings) -> Iterator[Finding]:
    """Fail a test that asks under any settings."""
    pytest.fail(f"asked under {settings.profile}")


def asked(
    probe: Probe,
    dataset: str = "jbz504abq",
    *,
    simulated: bool = False,
    caller: Mapping[str, str] | None = None,
    use: Astrometry = Astrometry.AUTO,
    **settings: dict[str, str],
) -> AstrometryQuestion:
    source = SimulatedLocation("here") if simulated else FileLocation("in")
    made = Settings(profile="x", astrometry=use, **settings)  # type: ignore[arg-type]
    request = RunRequest(DatasetName.parse(dataset), source, Nowhere(), made)
    return AstrometryQuestion.ask(request, caller or {}, probe)


def answer(question: AstrometryQuestion, facts: FitsFacts = RAW) -> tuple[Mapping[str, str], list[str]]:
    notes: list[str] = []
    observation = Observation(question.request.dataset, raws={"jbz504abq_raw.fits": facts})
    return question.variables(observation, notes.append), notes


def test_servers_that_answer_change_nothing() -> None:
    questions: list[Settings] = []
    question = asked(probing(ok(DATABASE.subject, "answers"), CATALOGUES_UP, asked=questions))
    assert answer(question) == ({}, [])
    assert questions == [question.request.settings]


def test_what_does_not_answer_is_left_out_and_said_once() -> None:
    variables, [note] = answer(asked(probing(DATABASE_DOWN, CATALOGUES_UP)))
    assert variables == {"ASTROMETRY_APPLY_APRIORI": "off"}
    assert note == (
        "Better astrometry is left out (ASTROMETRY_APPLY_APRIORI=off): astrometry database: http://db cannot be reached"
    )


def test_silence_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(astrometry, "PATIENCE", 0.2)
    silence = threading.Event()
    question = asked(probing(CATALOGUES_UP, silence=silence))
    time.sleep(0.01)
    variables, [note] = answer(question)
    silence.set()
    assert variables == {"ASTROMETRY_APPLY_APRIORI": "off"}
    assert note.endswith("astrometry database: no answer within 0.2 s")


def test_a_probe_that_breaks_counts_as_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _arguments: None)

    def broken(settings: Settings) -> Iterator[Finding]:
        raise OSError(f"broken under {settings.profile}")

    request = asked(probing()).request
    assert answer(AstrometryQuestion.ask(request, {}, broken))[0] == BOTH


@pytest.mark.parametrize("use", [Astrometry.ON, Astrometry.OFF])
def test_on_and_off_ask_nothing(use: Astrometry) -> None:
    variables, notes = answer(asked(never, use=use))
    assert variables == (BOTH if use is Astrometry.OFF else {})
    assert notes == []


def test_nobody_is_asked_about_what_is_simulated() -> None:
    assert answer(asked(never, simulated=True)) == (BOTH, [])


def test_nobody_is_asked_for_engines_that_ask_nobody() -> None:
    question = asked(never, "ldfd01vnq")
    assert question.variables(Observation(question.request.dataset), pytest.fail) == {}


def test_switches_of_the_users_own_need_no_answer() -> None:
    assert answer(asked(never, caller=BOTH)) == ({}, [])
    assert answer(asked(never, engine_environment=BOTH)) == ({}, [])
    variables, _ = answer(asked(probing(), caller={"ASTROMETRY_APPLY_APRIORI": "on"}))
    assert variables == {"ASTROMETRY_COMPUTE_APOSTERIORI": "off"}, "nobody has told of the catalogues"


def test_nothing_is_said_where_nothing_is_drizzled() -> None:
    variables, notes = answer(asked(probing(DATABASE_DOWN, CATALOGUES_UP)), UNDRIZZLED)
    assert variables == {"ASTROMETRY_APPLY_APRIORI": "off"}
    assert notes == []
