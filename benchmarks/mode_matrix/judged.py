"""One run of the engines by hand that caldp judges: its own step of calibration, without everything around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from benchmarks.mode_matrix.runs import Ran, assign, edited, last_words, run_engine, variables
from benchmarks.mode_matrix.site import Site
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.calibration_runner import Capacity, EngineCall, EngineResult
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import FetchedInputs, ReferencedInputs, WorkDirectory
from caldp.app.process.steps.calibrate import calibrate
from caldp.app.process.steps.fetch import observe
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.judgement import Completion
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.settings import Settings
from caldp.domain.run.usage import ResourceUsage

_TAIL = 200


# ruff: noqa: ARG002  a port's methods have its parameters
@frozen
class Hands:
    """Runs engines as somebody does by hand; implements the port CalibrationRunner.

    Attributes
    ----------
    log
        File for their output.
    statuses
        Program and status of each run.
    """

    log: Path
    statuses: list[tuple[str, int]] = field(factory=list)

    def prepare(self, programs: Iterable[str], environment: Mapping[str, str]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def locate(self, program: str, environment: Mapping[str, str]) -> Path:
        """Take it as there."""
        return Path(program)

    def identify(self, program: str, environment: Mapping[str, str]) -> EngineIdentity:
        """Leave the build open."""
        return EngineIdentity(program, program)

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        """Run it."""
        before = len(self.log.read_text(errors="replace").splitlines()) if self.log.exists() else 0
        status = run_engine(call.argv, call.directory, self.log, call.environment)
        self.statuses.append((call.argv[0], status))
        tail = tuple(self.log.read_text(errors="replace").splitlines()[before:][-_TAIL:])
        return EngineResult(Completion(status if status >= 0 else None), ResourceUsage(), tail)

    def capacity(self) -> Capacity:
        """Return one core."""
        return Capacity(1)

    def combination(self, program: str, environment: Mapping[str, str]) -> tuple[str, ...]:
        """Return no way to calibrate exposures by themselves."""
        return ()


def by_hand_judged(site: Site, wishes: Mapping[str, str], place: Path) -> tuple[Ran, Ran]:
    """Run the engines once, with references from CRDS in this process, and judge them; return both ends.

    The environment of this process must be that of the observation: `variables`.
    """
    work, fits = WorkDirectory(place), AstropyFits()
    assign(edited(site, wishes, work.data), site.context)
    files = {path.name: path for path in sorted(work.data.iterdir())}
    hands = Hands(place / "engines.log")
    hands.log.touch()
    inputs = FetchedInputs(observe(DatasetName.parse(site.dataset), files, fits), files)
    referenced = ReferencedInputs(inputs, Assignment(site.context, ()), variables(site))
    settings = Settings(profile="onsite", exposures_at_once=1)
    result = calibrate(referenced, work, hands, fits, settings, lambda _event: None)
    made = {path.name: path for path in sorted(work.data.glob("*.fits")) if path.name not in files}
    statuses = " ".join(str(status) for _, status in hands.statuses)
    programs = tuple(dict.fromkeys(program for program, _ in hands.statuses))
    is_good = bool(hands.statuses) and not any(status for _, status in hands.statuses)
    failure = result.failure
    why = failure.message if failure else " | ".join(result.notes)
    return (
        Ran(statuses, is_good, made, last_words(hands.log), programs, tuple(files)),
        Ran(str(int(failure.status)) if failure else "0", failure is None, made, why, programs),
    )
