"""Contract of the port CalibrationRunner."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caldp.app.ports.calibration_runner import CalibrationRunner, EngineCall, EngineResult
from caldp.domain.calibration.judgement import Completion
from caldp.domain.errors import EngineNotFound
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.events import EngineLine, Event
from tests.support.scripted import SIGSEGV, Script


class CalibrationRunnerContract(ABC):
    """Override `runner_of`; the rest is the contract."""

    @abstractmethod
    def runner_of(self, installed: Mapping[str, Script], directory: Path) -> tuple[CalibrationRunner, dict[str, str]]:
        """Return a runner, and an environment in which just these programs are installed."""

    def test_tells_every_line_in_order_and_keeps_them(self, tmp_path: Path) -> None:
        lines = tuple(f"line {number}" for number in range(300))
        runner, environment = self.runner_of({"calcos": Script(lines)}, tmp_path / "bin")
        told: list[Event] = []
        result = runner.run(EngineCall(("calcos", "x.fits"), tmp_path, environment), told.append)
        assert told == [EngineLine("calcos", line) for line in lines]
        assert result.tail == lines
        assert result.completion == Completion(0)

    def test_runs_in_the_directory(self, tmp_path: Path) -> None:
        work = tmp_path / "a directory"
        work.mkdir()
        runner, environment = self.runner_of({"calcos": Script(files={"x.tra": b"trailer"})}, tmp_path / "bin")
        runner.run(EngineCall(("calcos",), work, environment), lambda _: None)
        assert {path.name: path.read_bytes() for path in work.iterdir()} == {"x.tra": b"trailer"}

    def test_returns_the_exit_status(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(status=5)}, tmp_path / "bin")
        result = runner.run(EngineCall(("calcos",), tmp_path, environment), lambda _: None)
        assert result.completion == Completion(5)

    def test_returns_the_signal_that_ended_it(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"cs0.e": Script(status=SIGSEGV)}, tmp_path / "bin")
        result = runner.run(EngineCall(("cs0.e",), tmp_path, environment), lambda _: None)
        assert result.completion == Completion(None, 11)

    def test_ends_what_takes_too_long(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(("begun",), seconds=60)}, tmp_path / "bin")
        result = runner.run(EngineCall(("calcos",), tmp_path, environment, timeout=0.3), lambda _: None)
        assert result.completion.timed_out
        assert 0.3 <= result.usage.wall_seconds < 30
        assert result.tail == ("begun",)

    def test_ends_what_is_given_up(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(("begun",), seconds=60)}, tmp_path / "bin")
        call = EngineCall(("calcos", "x.fits"), tmp_path, environment, 50.0, lambda: True)
        result = runner.run(call, lambda _: None)
        assert result.completion == Completion(None, 15)
        assert result.usage.wall_seconds < 30

    def test_runs_what_is_not_given_up(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(status=3)}, tmp_path / "bin")
        call = EngineCall(("calcos",), tmp_path, environment, is_given_up=lambda: False)
        assert runner.run(call, lambda _: None).completion == Completion(3)

    def test_runs_several_at_once(self, tmp_path: Path) -> None:
        scripts = {"calcos": Script(("one",)), "cs0.e": Script(("two",), status=4)}
        runner, environment = self.runner_of(scripts, tmp_path / "bin")

        def run(program: str) -> EngineResult:
            return runner.run(EngineCall((program,), tmp_path, environment), lambda _: None)

        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(run, ["calcos", "cs0.e"] * 4))
        assert [result.completion.status for result in results] == [0, 4] * 4
        assert [result.tail for result in results] == [("one",), ("two",)] * 4

    def test_knows_the_room_on_the_machine(self, tmp_path: Path) -> None:
        runner, _ = self.runner_of({}, tmp_path / "bin")
        capacity = runner.capacity()
        assert capacity.cores >= 0
        assert capacity.memory is None or capacity.memory >= 0

    def test_combines_for_no_engine_that_it_does_not_know(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(), "calacs.e": Script()}, tmp_path / "bin")
        assert runner.combination("calacs.e", environment) == ()
        assert runner.combination("calcos", environment) == (), "it is not the calcos of this interpreter"
        with pytest.raises(EngineNotFound):
            runner.combination("cs0.e", environment)

    def test_says_how_to_install_what_is_missing(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script()}, tmp_path / "bin")
        assert runner.locate("calcos", environment).name == "calcos"
        with pytest.raises(EngineNotFound, match=r"calacs\.e is not installed") as raised:
            runner.locate("calacs.e", environment)
        assert "conda-forge" in raised.value.advice
        with pytest.raises(EngineNotFound) as raised:
            runner.run(EngineCall(("runastrodriz",), tmp_path, environment), lambda _: None)
        assert "caldp[engines]" in raised.value.advice
        assert raised.value.exit_code is ExitCode.STAGE1_ERROR

    def test_lets_an_interruption_through(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(("begun",), seconds=60)}, tmp_path / "bin")

        def interrupt(_event: Event) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            runner.run(EngineCall(("calcos",), tmp_path, environment), interrupt)

    def test_runs_what_was_prepared_as_ever(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script(("works",), status=3)}, tmp_path / "bin")
        call = EngineCall(("calcos",), tmp_path, {**environment, "jref": "/refs/"})
        runner.prepare(["calcos", "runastrodriz", "calacs.e"], environment)
        runner.prepare(["calcos"], environment)
        results = [runner.run(call, lambda _: None) for _ in range(2)]
        runner.close()
        runner.close()
        results.append(runner.run(call, lambda _: None))
        assert [(result.completion, result.tail) for result in results] == [(Completion(3), ("works",))] * 3

    def test_needs_no_preparation_to_be_closed(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script()}, tmp_path / "bin")
        runner.close()
        assert runner.run(EngineCall(("calcos",), tmp_path, environment), lambda _: None).completion == Completion(0)

    def test_identifies_a_program(self, tmp_path: Path) -> None:
        scripts = {"calacs.e": Script(("10.5.0 (16-Mar-2026)",)), "cs0.e": Script(("3.5.0",))}
        runner, environment = self.runner_of(scripts, tmp_path / "bin")
        first, second = (runner.identify(program, environment) for program in scripts)
        assert (first.program, first.path) == ("calacs.e", str(runner.locate("calacs.e", environment)))
        assert (first.version, second.version) == ("10.5.0 (16-Mar-2026)", "3.5.0")
        assert re.fullmatch("[0-9a-f]{64}", first.sha256)
        assert first.sha256 != second.sha256
        assert runner.identify("calacs.e", environment) == first

    @pytest.mark.parametrize("script", [Script(("ERROR",), status=2), Script(seconds=60), Script(status=SIGSEGV)])
    def test_identifies_a_program_that_does_not_tell_its_version(self, script: Script, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calacs.e": script}, tmp_path / "bin")
        found = runner.identify("calacs.e", environment)
        assert (found.version, found.build) == ("", "")
        assert re.fullmatch("[0-9a-f]{64}", found.sha256)

    def test_cannot_identify_what_is_missing(self, tmp_path: Path) -> None:
        runner, environment = self.runner_of({"calcos": Script()}, tmp_path / "bin")
        with pytest.raises(EngineNotFound, match=r"calacs\.e is not installed"):
            runner.identify("calacs.e", environment)
