"""Servers of astrometry that answer, refuse, are silent, or are not there: real ones on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import pytest

from caldp.adapters.health import astrometry
from caldp.adapters.health.astrometry import examine_astrometry
from caldp.domain.calibration.astrometry import CATALOGUES, DATABASE
from caldp.domain.run.health import Finding, Severity
from caldp.domain.run.settings import Settings
from tests.support.astrometry_server import AstrometryServer, astrometry_server, at

CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def server() -> Iterator[AstrometryServer]:
    with astrometry_server() as running:
        yield running


def examined(environ: Mapping[str, str], **settings: Mapping[str, str]) -> dict[str, Finding]:
    made = Settings(profile="x", **settings)  # type: ignore[arg-type]
    return {finding.subject: finding for finding in examine_astrometry(made, environ)}


def test_servers_that_answer(server: AstrometryServer) -> None:
    found = examined(server.variables)
    assert [found[one.subject].severity for one in (DATABASE, CATALOGUES)] == [Severity.OK, Severity.OK]
    assert sorted(server.asked) == ["/availability", "/webservices/vo/CatalogSearch.aspx"]


@pytest.mark.parametrize(
    ("status", "severities"),
    [(503, ["warning", "warning"]), (404, ["warning", "ok"]), (500, ["warning", "ok"])],
)
def test_servers_that_answer_with_an_error(server: AstrometryServer, status: int, severities: list[str]) -> None:
    server.status = status
    found = examined(server.variables)
    assert [found[one.subject].severity.value for one in (DATABASE, CATALOGUES)] == severities
    assert found[DATABASE.subject].text == f"{server.url} answers with the status {status}"


def test_a_server_that_takes_the_question_and_is_silent(
    server: AstrometryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(astrometry, "_PATIENCE", 0.3)
    server.silent = True
    begun = time.monotonic()
    found = examined(server.variables)
    assert time.monotonic() - begun < 60
    assert found[DATABASE.subject].text == f"{server.url} does not answer in time"


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (CLOSED, "cannot be reached"),
        ("http://no-such-host.invalid", "cannot be reached"),
        ("http://me:opensesame@127.0.0.1:9", "***@127.0.0.1:9/ cannot be reached"),
        ("nonsense", "cannot be asked"),
    ],
)
def test_servers_that_are_not_there(address: str, text: str) -> None:
    found = examined(at(address))
    assert [finding.severity for finding in found.values()] == [Severity.WARNING] * 2
    assert text in found[DATABASE.subject].text
    assert "opensesame" not in str(found)
    assert all("CALDP_ASTROMETRY" in finding.remedy for finding in found.values())


def test_the_callers_variables_win_over_those_of_the_settings(server: AstrometryServer) -> None:
    found = examined({"ASTROMETRY_SERVICE_URL": server.url}, engine_environment=at(CLOSED))
    assert found[DATABASE.subject].severity is Severity.OK
    assert found[CATALOGUES.subject].severity is Severity.WARNING


def test_the_callers_proxy_is_asked(server: AstrometryServer) -> None:
    found = examined({**at("http://astrometry.invalid"), "http_proxy": server.url})
    assert found[DATABASE.subject].severity is Severity.OK
    assert "http://astrometry.invalid/availability" in server.asked
    none = examined({**at("http://astrometry.invalid"), "http_proxy": server.url, "no_proxy": "astrometry.invalid"})
    assert none[DATABASE.subject].severity is Severity.WARNING
