"""The fake of CalibrationRunner keeps the contract."""

from collections.abc import Mapping
from pathlib import Path

from caldp.app.ports.calibration_runner import CalibrationRunner
from tests.contracts.calibration_runner import CalibrationRunnerContract
from tests.fakes.calibration_runner import FakeRunner
from tests.support.scripted import Script


class TestFakeRunner(CalibrationRunnerContract):
    def runner_of(self, installed: Mapping[str, Script], directory: Path) -> tuple[CalibrationRunner, dict[str, str]]:
        return FakeRunner(installed), {}
