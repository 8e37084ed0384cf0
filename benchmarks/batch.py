"""Scale of batches: driver, resume and status with many datasets; and throughput beside ``xargs -P``.

    python benchmarks/batch.py [driver] [resume] [resume-s3] [status] [throughput] [kills]
        [--datasets N] [--jobs N] [--pairs N]

Without a choice all but the kills are measured. Each runs in a process of its own, whose peak of memory (ru_maxrss) is
printed.

* ``driver``: a batch of N datasets (10^6) whose jobs take no time; memory, and CPU time a dataset of 2000 of them;
* ``resume``: a second run over 10^4 finished datasets, in a directory and in S3 on loopback;
* ``status``: status of 10^5 finished datasets in S3 on loopback, by requests and time, with journals and without;
* ``throughput``: 24 small datasets of the simulator on all cores, by ``caldp batch run`` and ``xargs -P`` in turn, and
  their engines by hand (see ``batch_throughput.py``);
* ``kills``: 100 kills (-9) of driver, child, engine and warm server, each followed by a resume (see
  ``batch_kills.py``).

Wall times mean something only on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen
from batch_kills import kills
from batch_throughput import throughput

from caldp.adapters.store.directory import DirectoryStore
from caldp.app.batch.files import BatchFiles
from caldp.app.batch.follow import FollowBatch
from caldp.app.batch.plan import BatchOptions
from caldp.app.batch.run_batch import RunBatch
from caldp.app.ports.launcher import Launch, Report
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.files import BatchHead, batch_id
from caldp.domain.batch.job import AttemptEnd
from caldp.domain.batch.manifest import Entry
from caldp.domain.batch.queue import Machine
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import RECORD, TreeLayout
from caldp.domain.output.lease import RunIdentity
from caldp.domain.output.location import FileLocation
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import FileRecord, RunRecord
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings

LAYOUT: Final = TreeLayout()
PROCESSED: Final = "messages/datasets-processed/"
DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
SOME: Final = 2000
Put = Callable[[str, bytes], None]
Fill = Callable[[Put], None]


def name_of(number: int) -> str:
    """Return a made-up dataset's name."""
    digits = ""
    for _ in range(7):
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return f"j{digits}0"


def common_request() -> RunRequest:
    settings = Settings(profile="onsite", crds_context="hst_0729.pmap")
    return RunRequest(DatasetName.parse(name_of(0)), FileLocation("/in"), FileLocation("/out"), settings)


def record_of(request: RunRequest, dataset: str, digest: str, files: int = 30) -> bytes:
    """Write a record of the usual size."""
    products = tuple(FileRecord(f"{dataset}_{number}.fits", 1000, sha256="0" * 64) for number in range(files))
    record = RunRecord(
        "20261126T000000Z-00000000", DatasetName.parse(dataset), ExitCode.SUCCESS, datetime(2026, 11, 26, tzinfo=UTC),
        str(request.source), str(request.target), "onsite", "tree", request.to_plain(), digest, products=products,
        packages={f"package-{number}": "1.0" for number in range(200)},
    )  # fmt: skip
    return record.to_json().encode()


def batch_of(store: ObjectStore, count: int) -> RunBatch:
    """Make a batch."""
    entries = [Entry(name_of(number)) for number in range(count)]
    common = common_request()
    head = BatchHead(batch_id(common, entries), "", common.to_plain(), count)
    files = BatchFiles(store)
    head = files.create(head, entries)
    return RunBatch(files, LAYOUT, common, head, entries, RunIdentity("20261126T000000Z-00000001"), "/out")


@frozen
class Obliging(DirectoryStore):
    """A directory in which every dataset that is asked for is done, without a file for each."""

    template: list[bytes] = field(factory=list)

    def get_part(self, key: str, start: int, size: int) -> bytes | None:
        return (self.get_bytes(key) or b"")[start : start + size]

    def get_bytes(self, key: str) -> bytes | None:
        if key.startswith(PROCESSED):
            return b""
        if key.endswith(RECORD):
            common = common_request()
            (digest,) = common.digests([key.split("/")[2]])
            if not self.template:
                self.template.append(record_of(common, name_of(0), "@" * 64))
            return self.template[0].replace(b"@" * 64, digest.encode())
        return super().get_bytes(key)


@define
class Instant:
    """Jobs that are done as soon as they are asked for."""

    most_together = 1
    _running: list[int] = field(factory=list)

    def start(self, launch: Launch) -> None:
        self._running += launch.numbers

    def poll(self, seconds: float) -> Sequence[Report]:
        del seconds
        ends = [Report(number, end=AttemptEnd(status=0)) for number in self._running]
        self._running = []
        return ends

    def stop(self, *, running: bool) -> None:
        pass

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        del launches
        return ()

    def close(self) -> None:
        pass


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(text: str) -> None:
    print(text, flush=True)


def driver(count: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        use_case = batch_of(Obliging(Path(place)), count)
        ended = Counter[str]()
        began = cpu()
        options = BatchOptions()
        # The messages are not there yet: all is to be run.
        plan = use_case.plan(options)
        planned = cpu() - began
        spans: list[float] = []

        def tell(event: object) -> None:
            ended[type(event).__name__] += 1
            if type(event).__name__ == "BatchBegun" or ended["JobEnded"] == SOME:
                spans.append(cpu())

        use_case.run(
            plan, options, Instant(), Machine(64_000, 8), lambda: int(ended["JobEnded"] >= SOME), tell,
            stopped=lambda: ExitCode.INTERRUPTED,
        )  # fmt: skip
        each = (spans[1] - spans[0]) / SOME
        say(
            f"driver, {count} datasets: {planned:.1f} s of CPU to look through, {1e3 * each:.2f} ms of CPU a dataset, "
            f"{peak_mb():.0f} MB"
        )


def fill(count: int, put: Put) -> None:
    """Put message and record of so many datasets."""
    common = common_request()
    names = [name_of(number) for number in range(count)]
    template = record_of(common, names[0], "@" * 64)
    for name, digest in zip(names, common.digests(names), strict=True):
        dataset = DatasetName.parse(name)
        put(LAYOUT.log_key(dataset, RECORD), template.replace(b"@" * 64, digest.encode()))
        put(LAYOUT.message_key(dataset, MessageState.PROCESSED), b"")


def timed(what: str, work: Callable[[], Any]) -> Any:
    began, used = time.monotonic(), cpu()
    result = work()
    say(f"{what}: {time.monotonic() - began:.1f} s, {cpu() - used:.1f} s of CPU, {peak_mb():.0f} MB")
    return result


def run_over(use_case: RunBatch) -> None:
    options = BatchOptions()
    plan = use_case.plan(options)
    assert not plan.reasons, "all is done"
    outcome = use_case.run(
        plan, options, Instant(), Machine(64_000, 8), lambda: 0, lambda _event: None, stopped=lambda: ExitCode.SUCCESS
    )
    assert outcome.ok


def resume(count: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        made: set[Path] = set()

        def put(key: str, data: bytes) -> None:
            path = root / key
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            path.write_bytes(data)

        fill(count, put)
        use_case = batch_of(DirectoryStore(root), count)
        timed(f"resume, {count} in a directory, by records", lambda: run_over(use_case))
        timed(f"resume, {count} in a directory, by journals", lambda: run_over(use_case))


def serve_s3(fill_with: Fill, said: Connection) -> None:
    """Run an S3 server in a process of its own, and fill its bucket by a short way."""
    from moto.backends import get_backend
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    backend = get_backend("s3")["123456789012"]["aws"]
    backend.create_bucket("batches", "us-east-1")
    fill_with(lambda key, data: backend.put_object("batches", f"out/{key}", data))
    said.send(f"http://{host}:{port}")
    said.recv()  # until the other end closes


@contextmanager
def loopback_s3(fill_with: Fill) -> Iterator[tuple[ObjectStore, Counter[str]]]:
    """Give out a store in S3 on loopback, which was filled, and a count of the requests."""
    from caldp.adapters.store.s3 import make_s3_store
    from caldp.domain.output.location import S3Location

    here, there = Pipe()
    server = Process(target=serve_s3, args=(fill_with, there), daemon=True)
    server.start()
    environ = {
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": here.recv(),
    }  # fmt: skip
    store = make_s3_store(S3Location("batches", "out"), Settings(profile="bench", transfers=16), environ)
    requests = Counter[str]()
    store.client.meta.events.register(
        "before-send.s3.*", lambda event_name, **_: requests.update([event_name.rpartition(".")[2]])
    )
    try:
        yield store, requests
    finally:
        server.terminate()
        server.join()


def resume_in_s3(count: int) -> None:
    with loopback_s3(partial(fill, count)) as (store, _):
        use_case = batch_of(store, count)
        timed(f"resume, {count} in S3, by records", lambda: run_over(use_case))
        timed(f"resume, {count} in S3, by journals", lambda: run_over(use_case))


def fill_messages(count: int, put: Put) -> None:
    for number in range(count):
        put(f"{PROCESSED}{name_of(number)}", b"")


def status(count: int) -> None:
    with loopback_s3(partial(fill_messages, count)) as (store, requests):
        use_case = batch_of(store, count)
        follow = FollowBatch(use_case.files, LAYOUT, use_case.head)

        def look(what: str) -> None:
            requests.clear()
            found = timed(f"status, {count} in S3, {what}", follow.status)
            say(f"    {dict(requests)}; {dict(found.counts)}")

        look("without journals")
        put_journal(use_case, store, count)
        look("by journals")


def put_journal(use_case: RunBatch, store: ObjectStore, count: int) -> None:
    """Write the journal of a driver that has run all."""
    from caldp.app.batch.journal_writer import JournalWriter
    from caldp.domain.batch.job import Job, JobState
    from caldp.domain.batch.journal import ended_line

    journal = JournalWriter(store, use_case.place, "20261126T000000Z-00000001")
    for number in range(count):
        job = Job(name_of(number), JobState.DONE, memory_mib=512, attempts=1, digest="0" * 64)
        journal.add(ended_line("2026-11-26T00:00:00+00:00", job, AttemptEnd(status=0, seconds=60.0, peak_mib=400)))
    journal.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["driver", "resume", "resume-s3", "status", "throughput"])
    parser.add_argument("--datasets", type=int, default=0, help="number of datasets instead of the usual one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--pairs", type=int, default=3, help="number of pairs of throughput")
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    works: dict[str, Callable[[], None]] = {
        "driver": lambda: driver(given.datasets or 1_000_000),
        "resume": lambda: resume(given.datasets or 10_000),
        "resume-s3": lambda: resume_in_s3(given.datasets or 10_000),
        "status": lambda: status(given.datasets or 100_000),
        "kills": lambda: kills(given.datasets or 100),
        "throughput": lambda: throughput(given.jobs, given.datasets or 24, given.pairs),
    }
    for what in given.what:
        if given.in_process:
            works[what]()
        else:
            numbers = {"--datasets": given.datasets, "--jobs": given.jobs, "--pairs": given.pairs}
            options = [*chain.from_iterable((name, str(each)) for name, each in numbers.items()), "--in-process"]
            subprocess.run([sys.executable, __file__, what, *options], check=True)


if __name__ == "__main__":
    main()
