"""Cost of a run's record: digests and identities beside a whole run of HST association ldfd01010 (1.4 GB of products).

    python benchmarks/record.py [--pairs N] [--no-previews]

One run is measured from inside:

* *waiting*: wall time for which the run itself stood still for the record. On a machine with a spare core this is the
  record's cost: digests that were not ready, and questions to engines and the system. The step *record* has
  it all but for these questions;
* *CPU*: share of the digests in all CPU time, engines included. On a machine without a spare core this is their cost.

With ``--pairs`` further runs follow in turns with and without digests; on a busy machine their wall times say little.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve

import caldp
from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.process.digests import Digests
from caldp.container import build_pipeline, make_machine, make_packages
from caldp.domain.hst.digests import FileDigest
from caldp.domain.run.events import Step
from caldp.domain.run.record import RunRecord

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "hst"


@define
class Costs:
    """Seconds: of digests by CPU time of their threads, and of waits of the main thread by wall time; and bytes."""

    digest_cpu: float = 0.0
    digested: int = 0
    waits: float = 0.0

    def waiting(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Count the wall time of work that the main thread waits for."""

        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*arguments, **options)
            finally:
                if threading.current_thread() is threading.main_thread():
                    self.waits += time.perf_counter() - started

        return timed


class MeasuredFits(AstropyFits):
    """Measures the digests that it makes, or makes none."""

    def __init__(self, costs: Costs, *, digests: bool) -> None:
        self._costs = costs
        self._digests = digests
        self._lock = threading.Lock()

    def digest(self, path: Path) -> FileDigest | None:
        if not self._digests:
            return None
        started = time.thread_time()
        found = super().digest(path)
        with self._lock:
            self._costs.digest_cpu += time.thread_time() - started
            self._costs.digested += 0 if found is None else found.size
        return found


def run(directory: Path, *, previews: bool, digests: bool = True) -> tuple[RunRecord, float, Costs]:
    """Process ldfd01010 and return the record, the wall time in seconds, and the costs."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CRDS_PATH": str(SHARED / "crds_cache"),
        "CRDS_CONTEXT": "hst_0729.pmap",
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "CRDS_READONLY_CACHE": "1",
        "CALDP_HOME": str(directory),
        "CALDP_PREVIEWS": str(int(previews)),
    }
    request = caldp.make_request(
        "ldfd01010", f"file:{SHARED / 'inputs'}", f"file:{directory / 'out'}", environment=environment
    )
    costs = Costs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Digests, "of", costs.waiting(Digests.of))
        described = costs.waiting(lambda: (make_packages(), make_machine()))()
        assert all(described)
        pipeline = build_pipeline(request, environment)
        pipeline = evolve(pipeline, fits=MeasuredFits(costs, digests=digests))
        patch.setattr(pipeline.runner, "identify", costs.waiting(pipeline.runner.identify))
        started = time.perf_counter()
        outcome = pipeline()
        seconds = time.perf_counter() - started
    if not outcome.ok:
        sys.exit(f"ldfd01010 failed: {outcome.record.failures}")
    return outcome.record, seconds, costs


def cpu(record: RunRecord) -> float:
    """Add up the CPU time of all steps; s."""
    return sum(step.usage.user_seconds + step.usage.system_seconds for step in record.steps)


def show(record: RunRecord, seconds: float, costs: Costs) -> None:
    """Print what a run and its record took."""
    took: Mapping[Step, float] = {step.step: step.usage.wall_seconds for step in record.steps}
    print(f"wall time      {seconds:7.1f} s   " + ", ".join(f"{step} {wall:.1f}" for step, wall in took.items()))
    print(f"waiting        {costs.waits:7.2f} s   {100 * costs.waits / seconds:.1f} % of the wall time")
    share, speed = costs.digest_cpu / cpu(record), costs.digested / costs.digest_cpu / 1e6
    print(
        f"CPU of digests {costs.digest_cpu:7.2f} s   {100 * share:.1f} % of {cpu(record):.1f} s; "
        f"{costs.digested / 1e9:.2f} GB at {speed:.0f} MB/s, each byte twice"
    )
    print(f"record         {len(record.to_json()) / 1e3:7.1f} kB")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=0, help="further pairs of runs, with and without digests")
    parser.add_argument("--no-previews", action="store_true", help="draw no previews")
    options = parser.parse_args()
    print(f"load           {os.getloadavg()[0]:7.1f}     on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="caldp-record-") as directory:
        show(*run(Path(directory), previews=not options.no_previews))
    for _ in range(options.pairs):
        walls = []
        for digests in (True, False):
            with tempfile.TemporaryDirectory(prefix="caldp-record-") as directory:
                walls.append(run(Path(directory), previews=not options.no_previews, digests=digests)[1])
        print(f"pair           {walls[0]:7.1f} s   without {walls[1]:.1f} s   load {os.getloadavg()[0]:.1f}")
    print(f"load           {os.getloadavg()[0]:7.1f}     afterwards")


if __name__ == "__main__":
    main()
