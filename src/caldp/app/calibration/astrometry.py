"""The question whether the servers of astrometry answer, asked while a run fetches its inputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Final

from attrs import define, field

from caldp.app.ports.probe import Probe
from caldp.domain.calibration.astrometry import (
    SERVERS,
    Astrometry,
    AstrometryServer,
    servers_asked,
    without,
)
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.errors import CaldpError
from caldp.domain.run.health import Finding, Severity
from caldp.domain.run.request import RunRequest

PATIENCE: Final = 5.0
"""Seconds from the question on in which a server must have answered: those of one try of stwcs."""


@define
class AstrometryQuestion:
    """A question that is under way, unless the answer is known; begin one with `ask`.

    Attributes
    ----------
    request
        The run.
    asked
        Servers that its engines would ask.
    probe
        Examines the servers, each by its `subject`.
    """

    request: RunRequest
    asked: frozenset[AstrometryServer]
    probe: Probe
    _findings: list[Finding] = field(factory=list, init=False)
    _begun: float = field(factory=time.monotonic, init=False)
    _thread: Thread | None = field(default=None, init=False)

    @classmethod
    def ask(cls, request: RunRequest, caller: Mapping[str, str], probe: Probe) -> AstrometryQuestion:
        """Begin to ask, if the run depends on the answer.

        Parameters
        ----------
        request
            The run.
        caller
            The caller's environment: engines' switches that are set in it, or in the settings, are left alone.
        probe
            Examines the servers.
        """
        question = cls(request, servers_asked(request.dataset, {*request.settings.engine_environment, *caller}), probe)
        if question.asked and question.use is Astrometry.AUTO:
            question.begin()
        return question

    def begin(self) -> None:
        """Ask in a daemon thread: a name server may be silent for longer than the run has patience, or lives."""
        self._thread = Thread(target=self._listen, name="caldp-astrometry", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        for finding in self.probe(self.request.settings):
            self._findings.append(finding)

    @property
    def use(self) -> Astrometry:
        """The setting; what is simulated lies at no place in the sky that a server could know."""
        use = self.request.settings.astrometry
        return Astrometry.OFF if use is Astrometry.AUTO and self.request.source.is_simulated else use

    def variables(self, observation: Observation, note: Callable[[str], None]) -> Mapping[str, str]:
        """Return the variables that keep the engines from servers that they shall not ask, or that do not answer.

        Parameters
        ----------
        observation
            The observation to be calibrated.
        note
            Hears once of servers that do not answer, if engines that would ask them are going to run.
        """
        if self.use is Astrometry.OFF:
            return without(self.request.dataset, self.asked)
        silent = self._silent()
        variables = without(self.request.dataset, silent)
        if silent and _is_needed(observation):
            switched = ", ".join(f"{name}={value}" for name, value in variables.items())
            note(f"Better astrometry is left out ({switched}): {'; '.join(silent.values())}")
        return variables

    def _silent(self) -> dict[AstrometryServer, str]:
        """Wait for the answers; return the servers that do not answer, and in what way."""
        if self._thread is None:
            return {}
        self._thread.join(max(0.0, self._begun + PATIENCE - time.monotonic()))
        found = {finding.subject: finding for finding in self._findings}
        silent: dict[AstrometryServer, str] = {}
        for server in SERVERS:
            finding = found.get(server.subject)
            if server in self.asked and (finding is None or finding.severity is not Severity.OK):
                text = f"no answer within {PATIENCE:g} s" if finding is None else finding.text
                silent[server] = f"{server.subject}: {text}"
        return silent


def _is_needed(observation: Observation) -> bool:
    """Tell whether products are going to be drizzled; those of an observation that cannot be planned may be."""
    try:
        products = expect(observation).products
    except CaldpError:
        return True
    return observation.dataset.is_mosaic or any(product.stage is Stage.STAGE2 for product in products)
