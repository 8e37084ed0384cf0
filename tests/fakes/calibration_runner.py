"""A calibration runner that starts no process."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from caldp.app.ports.calibration_runner import Capacity, EngineCall, EngineResult
from caldp.app.ports.listener import Listener
from caldp.domain.calibration.engines import HSTCAL, how_to_install
from caldp.domain.calibration.judgement import Completion
from caldp.domain.errors import EngineNotFound
from caldp.domain.run.events import EngineLine
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.usage import ResourceUsage
from tests.support.scripted import Script


class FakeRunner:
    """Plays scripts; implements the port CalibrationRunner.

    Drive it with one script for each program that is "installed"; `calls` lists what was run, `prepared` what was
    prepared::

        runner = FakeRunner({"calcos": Script(lines=("CALCOS",), files={"x.tra": b""}, status=0)})

    `room` is what it says is left of the machine, `combinations` has the programs that combine, by engine.
    """

    def __init__(self, installed: Mapping[str, Script]) -> None:
        self.installed = dict(installed)
        self.room = Capacity(1)
        self.combinations: dict[str, tuple[str, ...]] = {}
        self.calls: list[EngineCall] = []
        self.prepared: list[str] = []
        self.is_closed = False

    def prepare(self, programs: Iterable[str], environment: Mapping[str, str]) -> None:
        self.prepared += programs
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True

    def locate(self, program: str, environment: Mapping[str, str]) -> Path:
        if program not in self.installed:
            raise EngineNotFound(f"{program} is not installed.", advice=how_to_install(program))
        return Path("/installed") / program

    def identify(self, program: str, environment: Mapping[str, str]) -> EngineIdentity:
        path, script = self.locate(program, environment), self.installed[program]
        answers = program in HSTCAL and script.status == 0 and not script.seconds
        digest = hashlib.sha256(repr(script).encode()).hexdigest()
        return EngineIdentity(program, str(path), " ".join(script.lines) if answers else "", "", digest)

    def capacity(self) -> Capacity:
        return self.room

    def combination(self, program: str, environment: Mapping[str, str]) -> tuple[str, ...]:
        self.locate(program, environment)
        return self.combinations.get(program, ())

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        program = call.argv[0]
        self.locate(program, call.environment)
        self.calls.append(call)
        script = self.installed[program]
        if call.is_given_up is not None and call.is_given_up():
            return EngineResult(Completion(None, 15), ResourceUsage())
        for line in script.lines:
            tell(EngineLine(program, line))
        for name, content in script.files.items():
            (call.directory / name).write_bytes(content)
        if call.timeout is not None and script.seconds > call.timeout:
            return EngineResult(Completion(None, 15, timed_out=True), ResourceUsage(call.timeout), script.lines)
        status, number = (script.status, None) if script.status >= 0 else (None, -script.status)
        return EngineResult(Completion(status, number), ResourceUsage(script.seconds), script.lines)
