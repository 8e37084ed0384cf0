"""Stand-in for a client of AWS Batch that runs the jobs of arrays as child processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from typing import Any

from attrs import define, field


@define
class Child:
    """One job, and how it came to its end if something but its process decided that."""

    process: subprocess.Popen[bytes]
    index: int
    fate: dict[str, Any] = field(factory=dict)

    def summary(self, job: str) -> dict[str, Any]:
        """Describe the job as ListJobs does."""
        code = self.process.poll()
        state = "RUNNING" if code is None else "SUCCEEDED" if code == 0 else "FAILED"
        container = {} if code is None else {"exitCode": code if code >= 0 else 128 - code}
        found = {
            "jobId": f"{job}:{self.index}", "status": state, "arrayProperties": {"index": self.index},
            "startedAt": 1000, "stoppedAt": 4000, "container": container,
        }  # fmt: skip
        return found | self.fate


@define
class PretendBatch:
    """Client of an account whose jobs run here.

    Attributes
    ----------
    environment
        Environment of jobs.
    requests
        Number of requests, by name.
    orders
        Jobs as they were submitted.
    """

    environment: Mapping[str, str]
    requests: Counter[str] = field(factory=Counter)
    orders: list[dict[str, Any]] = field(factory=list)
    jobs: dict[str, list[Child]] = field(factory=dict)

    def submit_job(self, **order: Any) -> dict[str, str]:
        """Start all jobs of an array, or one by itself."""
        self.requests["submit_job"] += 1
        job = f"job-{len(self.orders)}"
        self.orders.append(order)
        size = order.get("arrayProperties", {}).get("size", 1)
        self.jobs[job] = [
            Child(
                subprocess.Popen(
                    order["containerOverrides"]["command"],
                    env={**self.environment, **({"AWS_BATCH_JOB_ARRAY_INDEX": str(index)} if size > 1 else {})},
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                ),
                index,
            )
            for index in range(size)
        ]
        return {"jobId": job}

    def describe_jobs(self, jobs: list[str]) -> dict[str, Any]:
        """Describe arrays by their counts, and single jobs."""
        self.requests["describe_jobs"] += 1
        assert len(jobs) <= 100
        return {"jobs": [self._described(job) for job in jobs if job in self.jobs]}

    def _described(self, job: str) -> dict[str, Any]:
        children = [child.summary(job) for child in self.jobs[job]]
        name = {"jobId": job, "jobName": self.orders[int(job.rpartition("-")[2])]["jobName"]}
        if len(children) == 1:
            return {**children[0], **name, "arrayProperties": {}}
        counts = Counter(child["status"] for child in children)
        status = "PENDING" if counts["RUNNING"] else "FAILED" if counts["FAILED"] else "SUCCEEDED"
        return {**name, "status": status, "arrayProperties": {"statusSummary": dict(counts), "size": len(children)}}

    def get_paginator(self, operation: str) -> PretendBatch:
        """Return what pages through the answers to ListJobs."""
        assert operation == "list_jobs"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """List jobs: of an array in one state, or of a queue by name."""
        self.requests["list_jobs"] += 1
        if "arrayJobId" in asked:
            job = asked["arrayJobId"]
            found = [child.summary(job) for child in self.jobs[job]]
            yield {"jobSummaryList": [child for child in found if child["status"] == asked["jobStatus"]]}
            return
        (wanted,) = asked["filters"][0]["values"]
        known = map(self._described, self.jobs)
        yield {"jobSummaryList": [job for job in known if fnmatch(job["jobName"], wanted)]}

    def terminate_job(self, jobId: str, reason: str) -> None:  # noqa: N803
        """End all jobs of an array."""
        self.requests["terminate_job"] += 1
        for child in self.jobs[jobId]:
            if child.process.poll() is None:
                os.killpg(child.process.pid, signal.SIGTERM)
                child.fate["statusReason"] = reason

    def cancel_job(self, jobId: str, reason: str) -> None:  # noqa: N803
        """Cancel the jobs of an array that wait: none does."""
        self.requests["cancel_job"] += 1

    def end(self) -> None:
        """Kill whatever still runs."""
        for child in (child for children in self.jobs.values() for child in children):
            if child.process.poll() is None:
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
