"""Journal of a driver: lines of JSON that tell what became of datasets, and their replay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import define, field

from caldp.domain.batch.job import AttemptEnd, Job, JobState

_STATES: Final = {state.value: state for state in JobState}


def started_line(time: str, job: Job) -> str:
    """Write that an attempt begins, or that it was submitted."""
    return _line(
        time,
        "submitted" if job.state is JobState.SUBMITTED else "started",
        job,
        attempt=job.attempts,
        memory_mib=job.memory_mib,
    )


def ended_line(time: str, job: Job, end: AttemptEnd) -> str:
    """Write how an attempt ended, and the state of its dataset from now on."""
    return _line(
        time, "ended", job, attempt=job.attempts, state=job.state.value, kind=end.kind.value, status=end.status,
        seconds=round(end.seconds, 1), peak_mib=end.peak_mib, memory_mib=job.memory_mib,
        memory_tries=job.memory_tries, retries=job.retries, preemptions=job.preemptions,
        cause=job.cause, advice=job.advice, digest=job.digest,
    )  # fmt: skip


def found_line(time: str, job: Job) -> str:
    """Write that a dataset was found to be done, without an attempt."""
    return _line(time, "found", job, state=job.state.value, digest=job.digest)


def driver_line(time: str, event: str, **details: Any) -> str:
    """Write of the driver itself: ``begun``, ``stopped``, ``finished``."""
    return json.dumps({"time": time, "event": event, **details}, separators=(",", ":"))


def _line(time: str, event: str, job: Job, **details: Any) -> str:
    kept = {name: value for name, value in details.items() if value not in ("", None, 0)}
    return json.dumps({"time": time, "event": event, "dataset": job.dataset, **kept}, separators=(",", ":"))


@define
class Replay:
    """Jobs of a batch as journals tell of them.

    Attributes
    ----------
    jobs
        The jobs, by dataset.
    torn
        Number of lines that could not be read, such as the last one of a driver that was killed.
    began
        Time at which the last attempt of a dataset began, ISO 8601, by dataset; of those that have not ended.
    last
        Time of the latest line.
    """

    jobs: Mapping[str, Job]
    torn: int = 0
    began: dict[str, str] = field(factory=dict)
    last: str = ""

    def take(self, lines: Iterable[str]) -> None:
        """Take in the lines of a journal, in their order."""
        for line in lines:
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                self._take(data)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                self.torn += 1

    def _take(self, data: Any) -> None:
        time, event = str(data["time"]), data["event"]
        self.last = max(self.last, time)
        job = self.jobs.get(data.get("dataset", ""))
        if job is None:
            return
        if event in ("started", "submitted"):
            job.state = JobState.RUNNING if event == "started" else JobState.SUBMITTED
            job.memory_mib, job.attempts = int(data.get("memory_mib", 0)), int(data["attempt"])
            if event == "started":
                self.began[job.dataset] = time
            return
        job.state = _STATES[data["state"]]
        job.digest = str(data.get("digest", ""))
        self.began.pop(job.dataset, None)
        if event != "ended":
            return
        job.attempts, job.memory_mib = int(data.get("attempt", 0)), int(data.get("memory_mib", 0))
        job.memory_tries, job.retries = int(data.get("memory_tries", 0)), int(data.get("retries", 0))
        job.preemptions = int(data.get("preemptions", 0))
        job.status = data.get("status", 0 if job.state is JobState.DONE else None)
        job.cause, job.advice = str(data.get("cause", "")), str(data.get("advice", ""))
        job.seconds = float(data.get("seconds", 0.0))
        job.peak_mib = max(job.peak_mib, int(data.get("peak_mib", 0)))
