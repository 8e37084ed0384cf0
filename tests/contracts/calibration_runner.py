"""What every CalibrationRunner must do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.app.ports.calibration_runner import CalibrationRunner, EngineCall
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
