"""Jobs as tasks of Parsl, whose executors and providers know HTCondor, PBS, LSF, Kubernetes and others."""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from caldp.adapters.launchers.parsl_config import memory_of
from caldp.adapters.launchers.parsl_task import RUNNING, WAITING, Task, run_task
from caldp.app.ports.launcher import Launch, Report
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.errors import CaldpError, LaunchError, UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.secrets import visible

if TYPE_CHECKING:
    from parsl.config import Config
    from parsl.dataflow.dflow import DataFlowKernel

_MOST: Final = 10_000
_PATIENCE: Final = 30.0  # seconds for answers of Parsl's own processes
_ON_ITS_WAY: Final = 10.0  # seconds in which a result reaches this process that the interchange has sent
End = Future[AttemptEnd]


@frozen
class ParslPlan:
    """Way in which Parsl is used.

    Attributes
    ----------
    config
        Configuration, made complete by `caldp.adapters.launchers.parsl_config.settle`.
    scrap
        Directory of Parsl's files that is removed with all that is in it, before and after; None to leave them.
    at_once
        Greatest number of jobs that Parsl has at the same time; 0 for as many as it can well keep.
    """

    config: Config = field(repr=False)
    scrap: Path | None = None
    at_once: int = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of memory that executors give to a worker; MiB, ascending, empty if none of them tells."""
        return tuple(sorted({memory_of(executor) for executor in self.config.executors} - {0}))

    def labels(self, memory_mib: int) -> list[str]:
        """Return the labels of executors for a job: those with the smallest memory that holds it, else the greatest."""
        sizes = {executor.label: memory_of(executor) for executor in self.config.executors}
        known = self.sizes
        if not known:
            return list(sizes)
        size = next((each for each in known if each >= memory_mib), known[-1])
        return [label for label, memory in sizes.items() if memory == size]


class ParslLauncher:
    """Hands jobs to Parsl in this process; implements the port Launcher.

    Workers, and the jobs on them, end some time after this process: Parsl gives them up when its heartbeat is missing.

    Parameters
    ----------
    plan
        Configuration.
    task
        Return the job of a dataset, given its number.
    say
        Leave the word for jobs that they look for: see `caldp.adapters.launchers.parsl_task`. May raise `CaldpError`.
    """

    most_together = _MOST

    def __init__(self, plan: ParslPlan, task: Callable[[int], Task], say: Callable[[str], None]) -> None:
        self._plan, self._task, self._say = plan, task, say
        self._kernel: DataFlowKernel | None = None
        self._queue: deque[tuple[int, int]] = deque()  # number and memory of jobs that Parsl has not got yet
        self._handed: dict[End, int] = {}
        self._ends: SimpleQueue[End] = SimpleQueue()
        self._told: list[Report] = []
        self._word = ""
        self._idle_since: float | None = None
        self._is_well = True

    def start(self, launch: Launch) -> None:
        """Hand jobs to Parsl; the first ones start it.

        Raises
        ------
        UsageError
            If Parsl cannot be started with this configuration.
        """
        kernel = self._kernel or self._started()
        self._queue.extend((number, launch.memory_mib) for number in launch.numbers)
        self._hand_on(kernel)

    def _started(self) -> DataFlowKernel:
        from parsl.dataflow.dflow import DataFlowKernel

        if self._plan.scrap is not None:
            shutil.rmtree(self._plan.scrap, ignore_errors=True)
        try:
            self._kernel = DataFlowKernel(self._plan.config)
        except Exception as error:
            raise UsageError(
                f"Parsl cannot be started: {_words(error)}.", advice="Check the configuration (submit option config)."
            ) from error
        return self._kernel

    def _hand_on(self, kernel: DataFlowKernel) -> None:
        most = self._plan.at_once or _MOST
        while self._queue and len(self._handed) < most:
            number, memory_mib = self._queue.popleft()
            end = kernel.submit(
                run_task, (self._task(number),), self._plan.labels(memory_mib), False, None, {}
            )  # fmt: skip
            self._handed[end] = number
            end.add_done_callback(self._ends.put)

    def poll(self, seconds: float) -> Sequence[Report]:
        """Wait for the end of a job."""
        news, self._told = self._told, []
        news += self._ended(0.0 if news else seconds)
        if self._kernel is not None:
            self._look_after()
            if self._word and self._handed and self._is_idle(self._kernel):
                news += self._given_up()
            self._hand_on(self._kernel)
        return news

    def _ended(self, seconds: float) -> Iterator[Report]:
        if not self._handed:
            time.sleep(seconds)
        while self._handed:
            try:
                end = self._ends.get(timeout=seconds)
            except Empty:
                return
            seconds = 0.0
            number = self._handed.pop(end, None)
            if number is not None:
                yield Report(number, end=self._end(end))

    def _end(self, future: End) -> AttemptEnd:
        """Tell how a job ended; its worker may have been lost."""
        from parsl.executors.high_throughput.errors import ManagerLost, WorkerLost

        error = future.exception()
        if error is None:
            return future.result()
        self._look_after()
        if isinstance(error, ManagerLost | WorkerLost):
            return AttemptEnd(EndKind.LOST)
        return AttemptEnd(
            EndKind.EXITED,
            int(ExitCode.GENERIC_ERROR),
            f"Parsl's worker fails: {_words(error)}",
            "The workers need the same caldp and Python: see worker_init in the configuration.",
        )

    def _look_after(self) -> None:
        """Raise `LaunchError` if an executor can start no workers, or its interchange has ended."""
        for executor in self._kernel.executors.values() if self._kernel else ():
            if getattr(executor, "bad_state_is_set", False):
                what = f"can start no workers: {_words(getattr(executor, 'executor_exception', None))}"
                advice = "Check the configuration (submit option config), and the programs of the batch system."
            elif _is_dead(executor):
                what = "has lost its interchange, which has ended"
                advice = "Repeat the command: datasets that are done are left alone."
            else:
                continue
            self._is_well = False
            raise LaunchError(f"Parsl's executor {executor.label} {what}.", advice=advice)

    def _is_idle(self, kernel: DataFlowKernel) -> bool:
        """Tell whether no worker has had a job for so long that no result can be on its way to this process."""
        if self._at_work(kernel):
            self._idle_since = None
            return False
        now = time.monotonic()
        if self._idle_since is None:
            self._idle_since = now
        return now - self._idle_since >= _ON_ITS_WAY

    @staticmethod
    def _at_work(kernel: DataFlowKernel) -> bool:
        """Tell whether any worker has a job, as far as executors know."""
        from parsl.executors.high_throughput.executor import HighThroughputExecutor

        executors = [executor for executor in kernel.executors.values() if executor.label != "_parsl_internal"]
        return any(
            not isinstance(executor, HighThroughputExecutor) or any(manager["tasks"] for manager in _managers(executor))
            for executor in executors
        )

    def _given_up(self) -> Iterator[Report]:
        """Tell the ends of jobs that wait for workers which never came; they do not begin if these still come."""
        for number in self._handed.values():
            yield Report(number, end=AttemptEnd(EndKind.CANCELLED))
        self._handed = {}

    def stop(self, *, running: bool) -> None:
        """Leave the word for jobs that begin or run."""
        self._told += [Report(number, end=AttemptEnd(EndKind.CANCELLED)) for number, _ in self._queue]
        self._queue.clear()
        word = RUNNING if running else WAITING
        if self._word not in (word, RUNNING):
            with suppress(CaldpError):  # the next call tries again
                self._say(word)
                self._word = word

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        """Return nothing: jobs of an earlier driver end after it. Until they have, their claims hold."""
        del launches
        return ()

    def close(self) -> None:
        """End Parsl, and with it workers and jobs."""
        kernel, self._kernel = self._kernel, None
        if kernel is None:
            return
        self._handed = {}
        self._queue.clear()
        for executor in kernel.executors.values():
            _forget(executor)
        ending = threading.Thread(target=_clean, args=(kernel,), daemon=True)
        ending.start()
        ending.join(_PATIENCE)
        if self._plan.scrap is not None and self._is_well:
            shutil.rmtree(self._plan.scrap, ignore_errors=True)


def _managers(executor: Any) -> Sequence[Mapping[str, Any]]:
    """Ask the interchange for the pools of workers that it knows, with the number of tasks of each."""
    found: Sequence[Mapping[str, Any]] = executor.command_client.run("MANAGERS", timeout_s=_PATIENCE)
    return found


def _is_dead(executor: Any) -> bool:
    """Tell whether an executor has lost its interchange."""
    process = getattr(executor, "interchange_proc", None)
    return process is not None and process.poll() is not None


def _forget(executor: Any) -> None:
    """Make an executor fit to be closed: Parsl would ask an interchange for ever that is not there any more."""
    outgoing = getattr(executor, "outgoing_q", None)
    if outgoing is not None:
        outgoing.zmq_socket.linger = 0  # nobody needs to get what is still to be sent
    if _is_dead(executor):
        with suppress(Exception):  # workers end without heartbeats, too
            executor.provider.cancel(list(executor.job_ids_to_block))
        executor.set_bad_state_and_fail_all(RuntimeError("The interchange has ended."))


def _clean(kernel: DataFlowKernel) -> None:
    with suppress(Exception):  # it leaves what its heartbeats end
        kernel.cleanup()


def _words(error: BaseException | None) -> str:
    return visible(f"{type(error).__name__}: {' '.join(str(error).split())}".strip(": "))[:600].rstrip(".")
