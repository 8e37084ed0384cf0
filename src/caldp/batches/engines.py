"""Engines of batches: their names, their options, and their launchers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from attrs import Attribute, evolve, field, frozen

from caldp.batches.jobs import driver_word
from caldp.domain.batch.files import NEED_DRIVER
from caldp.domain.calibration.plan import usual_commands
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import DatasetName

if TYPE_CHECKING:
    from caldp.adapters.launchers.warm_jobs import WarmJobs
    from caldp.app.batch.run_batch import RunBatch
    from caldp.app.ports.launcher import Launcher
    from caldp.domain.batch.job import Limits
    from caldp.domain.batch.queue import Machine
    from caldp.domain.run.request import RunRequest

ENGINES: Final = ("local", "slurm", "aws-batch", "parsl")
"""Names of engines: child processes of this machine, arrays of Slurm and of AWS Batch, and whatever Parsl reaches."""
_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {"aws-batch": ("queue", "definition"), "parsl": ("config",)}
_ADVICE: Final = {
    "aws-batch": "Give the submit option queue=NAME, and definition=NAME if that is not caldp.",
    "parsl": "Give the submit option config=FILE.py, or none for this machine.",
}
_SHOWN: Final = {"aws-batch": "AWS Batch", "parsl": "Parsl"}


@frozen
class Engine:
    """Choice of an engine.

    Attributes
    ----------
    name
        One of `ENGINES`.
    options
        Further options for the submission of jobs: of sbatch, such as ``--partition=long``; for AWS Batch
        ``queue=NAME``, which is needed, and ``definition=NAME``, the beginning of the names of job definitions; for
        Parsl ``config=FILE.py``, a Python file that is run and sets ``config``.
    """

    name: str = field(default="local")
    options: tuple[str, ...] = ()

    @name.validator
    def _check(self, _attribute: Attribute[str], name: str) -> None:
        if name not in ENGINES:
            raise UsageError(f"There is no engine {name[:80]!r}.", advice=f"There are {', '.join(ENGINES)}.")

    @property
    def is_here(self) -> bool:
        """True if jobs are child processes of this one."""
        return self.name == "local"

    def named(self, option: str, default: str | None = None) -> str:
        """Return the value of an option.

        Raises
        ------
        UsageError
            If it is needed and not there, or the engine does not know one that is there.
        """
        values = dict(text.partition("=")[::2] for text in self.options)
        unknown = values.keys() - set(_OPTIONS[self.name])
        value = values.get(option, default)
        if unknown or value is None or value == "" != default:
            what = f"takes no option {min(unknown)[:80]!r}" if unknown else f"needs a {option}"
            raise UsageError(f"{_SHOWN[self.name]} {what}.", advice=_ADVICE[self.name])
        return value

    def check(self, request: RunRequest) -> None:
        """Raise `UsageError` if jobs of this engine cannot do what a request asks for, or it is not installed."""
        if self.name == "parsl":
            from caldp.factories import check_parsl

            check_parsl(self.named("config", ""))
        if self.name != "aws-batch":
            return
        self.named("queue")
        if request.source.local_paths or not request.target.bucket:
            raise UsageError(
                "Jobs of AWS Batch have no files of this machine.",
                advice="Expected inputs from astroquery: or s3://bucket/prefix, and an output s3://bucket/prefix.",
            )

    def require_cluster(self) -> None:
        """Raise `UsageError` for an engine whose jobs end with the driver."""
        if self.name in NEED_DRIVER:
            where = "this machine" if self.name == "local" else "Parsl"
            raise UsageError(
                f"Jobs of {where} cannot be submitted: they end with their driver.",
                advice="Use caldp batch run, or name a cluster as the engine, such as slurm.",
            )


HERE: Final = Engine()


@frozen
class Started:
    """An engine that is ready for jobs.

    Attributes
    ----------
    launcher
        Its launcher.
    limits
        Numbers of attempts, and the sizes of memory that it has.
    machine
        Memory and places of the machine that the jobs share; None for a cluster.
    """

    launcher: Launcher
    limits: Limits
    machine: Machine | None = None


def start_engine(
    engine: Engine,
    use_case: RunBatch,
    limits: Limits,
    environment: Mapping[str, str],
    jobs: int | None,
    memory_mib: int | None,
    numbers: Collection[int],
    gathered: Mapping[int, str] = MappingProxyType({}),
    warm: WarmJobs | None = None,
) -> Started:
    """Make the launcher of an engine for a batch.

    Parameters
    ----------
    engine
        The choice.
    use_case
        The batch.
    limits
        Numbers of attempts as the user wishes.
    environment
        Environment of the jobs.
    jobs, memory_mib
        As for `caldp.batch`.
    numbers
        Numbers of the datasets that are to run, in their order.
    gathered
        CRDS context of each dataset, by number, whose rules and references are in the cache of this machine.
    warm
        Server for jobs of this machine, which the launcher closes; None for none.

    Raises
    ------
    UsageError
        If options or a configuration make no sense.
    LaunchError
        If the engine cannot be used.
    """
    from caldp.factories import make_aws_batch_launcher, make_local_launcher, make_slurm_launcher, this_machine

    words = ("batch", "job", use_case.root, use_case.head.batch)

    def command(number: int) -> Sequence[str]:
        context = gathered.get(number, "")
        return (*words, str(number), *(("--gathered", context) if context else ()))

    datasets = [DatasetName.parse(use_case.entries[number].dataset) for number in numbers]

    def rules() -> Mapping[str, Any] | None:
        from caldp.container import rules_ahead

        contexts = set(gathered.values())
        instruments = {name.instrument.value for name in datasets if not name.is_mosaic}
        context = contexts.pop() if len(contexts) == 1 else ""
        return rules_ahead(use_case.common, environment, context, instruments)

    home = Path(use_case.common.settings.home, f"caldp-batch-{words[-1]}").expanduser().absolute()
    cluster = evolve(limits, most_mib=memory_mib or 0)
    match engine.name:
        case "slurm":
            launcher = make_slurm_launcher(
                lambda name: (*words, "--launch", name), environment, home, engine.options, jobs or 0
            )
            return Started(launcher, cluster)
        case "aws-batch":
            launcher = make_aws_batch_launcher(
                environment, engine.named("queue"), engine.named("definition", "caldp"), ("caldp", *words, "--launch")
            )
            return Started(launcher, cluster)
        case "parsl" if engine.named("config", ""):
            launcher, sizes = _parsl(
                engine, use_case, lambda number: (*words, str(number)), environment, home, jobs or 0
            )
            return Started(launcher, evolve(cluster, ladder=sizes or cluster.ladder))
    machine = this_machine(memory_mib, jobs)
    if engine.name == "parsl":
        launcher, _ = _parsl(engine, use_case, command, environment, home, machine.places)
    else:
        launcher = make_local_launcher(
            command,
            environment,
            use_case.common.settings,
            warm,
            rules=rules,
            programs=dict.fromkeys(command.program for name in datasets for command in usual_commands(name)),
        )
    return Started(launcher, evolve(limits, most_mib=machine.memory_mib), machine)


def _parsl(
    engine: Engine,
    use_case: RunBatch,
    command: Callable[[int], Sequence[str]],
    environment: Mapping[str, str],
    home: Path,
    at_once: int,
) -> tuple[Launcher, tuple[int, ...]]:
    from caldp.factories import make_parsl_launcher

    driver, store = use_case.owner.run, use_case.files.store

    def say(word: str) -> None:
        store.put_bytes(use_case.place.word(driver), word.encode())

    return make_parsl_launcher(
        command,
        partial(driver_word, use_case.root, use_case.head.batch, driver),
        say,
        environment,
        engine.named("config", ""),
        home,
        at_once,
    )
