"""Calibrations with scripted engines: real programs, real FITS files, and nothing of the science."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.calibration_runner import EngineCall, EngineResult
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import CalibrationResult, FetchedInputs, ReferencedInputs, WorkDirectory
from caldp.app.process.steps.calibrate import calibrate
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import Observation, Stage
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.settings import Settings
from tests.support.fits_bytes import product_bytes
from tests.support.scripted import Script, environment_with, install

FITS = AstropyFits()


class RecordingRunner(SubprocessRunner):
    """Runs programs for real, and remembers which."""

    def __init__(self) -> None:
        super().__init__(grace=0.2)
        self.programs: list[str] = []
        self.commands: list[tuple[str, ...]] = []
        self.combinations: dict[str, tuple[str, ...]] = {}

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        self.programs.append(call.argv[0])
        self.commands.append(call.argv)
        return super().run(call, tell)

    def combination(self, program: str, environment: Mapping[str, str]) -> tuple[str, ...]:
        return self.combinations.get(program) or super().combination(program, environment)


@frozen
class Bench:
    """A dataset's inputs and the engines that are to be run on it.

    Attributes
    ----------
    root
        An empty directory.
    dataset
        Its name.
    inputs
        Contents of the input files by name.
    references
        Reference files by keyword.
    """

    root: Path
    dataset: str
    inputs: Mapping[str, bytes]
    references: Mapping[str, Path] = field(factory=dict)
    runner: RecordingRunner = field(factory=RecordingRunner)

    @property
    def work(self) -> WorkDirectory:
        return WorkDirectory(self.root / "work")

    @property
    def environment(self) -> dict[str, str]:
        return environment_with(self.root / "bin")

    def observation(self) -> Observation:
        """Write the inputs into the work directory, if they are not there, and read them."""
        self.work.data.mkdir(parents=True, exist_ok=True)
        for name, content in self.inputs.items():
            (self.work.data / name).write_bytes(content)
        return observe(DatasetName.parse(self.dataset), self._files(), FITS)

    def _files(self) -> dict[str, Path]:
        return {name: self.work.data / name for name in self.inputs}

    def good(self, stage: Stage = Stage.STAGE1) -> dict[str, bytes]:
        """Make what an engine that does its job leaves behind."""
        observation = self.observation()
        performed = {
            switch: "PERFORM"
            for facts in observation.raws.values()
            for switch, state in facts.switches.items()
            if state == "PERFORM"
        }
        return {
            product.name: product_bytes(product, performed) if product.is_fits else b"trailer\n"
            for product in expect(observation).of(stage)
        }

    def install(self, name: str, script: Script) -> None:
        """Install a scripted engine."""
        install(self.root / "bin", name, script)

    def run_alone(self, program: str) -> EngineResult:
        """Run an engine by itself, in another copy of the work directory, to see what it says of itself."""
        elsewhere = self.root / f"alone-{program}"
        elsewhere.mkdir()
        for name, content in self.inputs.items():
            (elsewhere / name).write_bytes(content)
        return SubprocessRunner().run(EngineCall((program,), elsewhere, self.environment), lambda _: None)

    def calibrate(
        self,
        timeout: float = 0.0,
        simulate: int = 0,
        at_once: int = 0,
        tell: Listener = lambda _: None,
        final: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> CalibrationResult:
        """Run the step."""
        inputs = FetchedInputs(self.observation(), self._files())
        references = tuple(ReferenceFile(key, path.name, path, ()) for key, path in self.references.items())
        settings = Settings(
            profile="onsite",
            timeout=timeout,
            simulate_error=simulate,
            csys_ver="HSTDP-1",
            exposures_at_once=at_once,
        )
        return calibrate(
            ReferencedInputs(inputs, Assignment("hst_0729.pmap", references), self.environment),
            self.work,
            self.runner,
            FITS,
            settings,
            tell,
            final=final,
        )
