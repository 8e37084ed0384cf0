"""Time of filling an empty CRDS cache for one dataset, ours against that of the CRDS client.

    python -m benchmarks.references [--pairs 3] [--megabytes 880] [--latency 0.05] [--rate 20]

Both assign the references of a simulated observation and fetch mappings and references into an empty cache, each in a
process of its own, in turns: ``crds bestrefs --sync-references=1``, and the worker that ``caldp process`` runs. The
files are padded to the sizes that those of a WFC3/UVIS exposure with CTE correction have: five images of two chips,
and small tables. The server is on the loopback interface; a connection costs a round trip, a request another, and each
connection has a rate of its own. In the end both caches must hold the same files, by their checksums.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from caldp.simulation import SimulatedObservation, simulate
from tests.support.crds_server import CrdsServer

SHARES = (164, 164, 164, 164, 164, 33, 17, 6, 3, 1)
"""Megabytes of BIASFILE, BIACFILE, DARKFILE, DRKCFILE, PFLTFILE, SNKCFILE, PCTETAB and smaller ones."""
OURS = """
import os, sys
from pathlib import Path
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.crds import CrdsReferences
from caldp.domain.run.settings import Settings
service = CrdsReferences(Path(os.environ["CRDS_PATH"]), str, readonly=False, environment=dict(os.environ),
                         fits=AstropyFits(), at_once=Settings(profile="benchmark").transfers)
raws = [Path(name).absolute() for name in sys.argv[1:]]
service.prepare()
for raw in raws:  # as the step before does
    AstropyFits().facts(raw)
service.assign(raws, lambda _event: None)
"""
_PIECE = 1 << 18


class Catalogue(CrdsServer):
    """A stand-in of the CRDS server that takes checksums once."""

    def __init__(self, cache: Path, context: str) -> None:
        super().__init__(cache, context)
        self._info = super().rpc_get_file_info_map("hst")

    def rpc_get_file_info_map(self, *arguments: Any) -> dict[str, Any]:
        names = arguments[1] if len(arguments) > 1 and arguments[1] else self._info
        return {name: self._info[name] for name in names}


@contextmanager
def serving(catalogue: Catalogue, latency: float, rate: float) -> Iterator[None]:
    """Serve a catalogue's files, each connection at a rate; seconds, bytes a second."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            time.sleep(latency)
            super().setup()

        def do_POST(self) -> None:
            time.sleep(latency)
            body = catalogue.call(json.loads(self.rfile.read(int(self.headers["Content-Length"])))).body
            self._head(len(body))
            self.wfile.write(body)

        def do_GET(self) -> None:
            time.sleep(latency)
            path = catalogue.path(self.path.rpartition("/")[2])
            size, done, begun = path.stat().st_size, 0, time.monotonic()
            self._head(size)
            with path.open("rb") as stream, suppress(ConnectionError):
                while done < size:
                    done += self.connection.sendfile(stream, done, min(_PIECE, size - done))
                    time.sleep(max(0.0, begun + done / rate - time.monotonic()))

        def _head(self, size: int) -> None:
            self.send_response_only(200)
            self.send_header("Content-Length", str(size))
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        catalogue.url = f"http://127.0.0.1:{listener.server_address[1]}"
        threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield
        listener.shutdown()


def pad(observation: SimulatedObservation, megabytes: float) -> None:
    """Give the references of an observation the sizes of real ones, in proportion, with noise in a further HDU."""
    chance = np.random.default_rng(1990)
    paths = sorted((observation.crds_cache / "references" / "hst").glob("*.fits"))
    for path, share in zip(paths, SHARES, strict=True):
        pixels = int(share / sum(SHARES) * megabytes * 1e6) // 4
        fits.append(path, chance.integers(0, 1 << 31, pixels, dtype="i4"))


def seconds(command: list[str], observation: SimulatedObservation, server: str, place: Path) -> tuple[float, float]:
    """Run a command with an empty cache and copies of the raw files; return its wall and CPU times, s."""
    shutil.copytree(observation.inputs, place / "data")
    cache = place / "crds_cache"
    (cache / "config" / "hst").mkdir(parents=True)
    # Simulated names do not tell their instrument.
    (cache / "config" / "hst" / "ref_cache_subdir_mode").write_text("flat")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(place), "CRDS_PATH": str(cache), "CRDS_SERVER_URL": server,
        "CRDS_OBSERVATORY": "hst", "CRDS_READONLY_CACHE": "0",
    }  # fmt: skip
    raws = sorted(path.name for path in (place / "data").glob("*_rawtag.fits"))
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run([*command, *raws], cwd=place / "data", env=environment, capture_output=True, check=False)
    took, after = time.perf_counter() - begun, os.times()
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} failed:\n{(done.stdout + done.stderr).decode()[-3000:]}")
    return took, after.children_user + after.children_system - before.children_user - before.children_system


def checksums(cache: Path) -> dict[str, str]:
    """Take the checksums of the mappings and references of a cache."""
    files = [path for kind in ("mappings", "references") for path in (cache / kind / "hst").rglob("*.*")]
    return {path.name: hashlib.file_digest(path.open("rb"), "sha256").hexdigest() for path in files}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--megabytes", type=float, default=sum(SHARES))
    parser.add_argument("--latency", type=float, default=0.05, help="seconds of a round trip")
    parser.add_argument("--rate", type=float, default=20.0, help="megabytes a second of a connection")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caldp-benchmark-") as directory:
        scratch = Path(directory)
        observation = simulate("cos", scratch / "simulated")
        pad(observation, options.megabytes)
        catalogue = Catalogue(observation.crds_cache, observation.context)
        theirs = [sys.executable, "-m", "crds.bestrefs", "--update-bestrefs", "--sync-references=1"]
        theirs += ["--new-context", observation.context, "--files"]
        ratios = []
        with serving(catalogue, options.latency, options.rate * 1e6):
            for number in range(options.pairs):
                places = [scratch / f"{kind}{number}" for kind in ("crds", "caldp")]
                crds, crds_cpu = seconds(theirs, observation, catalogue.url, places[0])
                ours, our_cpu = seconds([sys.executable, "-c", OURS], observation, catalogue.url, places[1])
                one, other = (checksums(place / "crds_cache") for place in places)
                same = "the same" if one == other else "OTHER"
                ratios.append(crds / ours)
                print(
                    f"crds bestrefs {crds:6.1f} s ({crds_cpu:4.1f} s of CPU)   caldp {ours:6.1f} s ({our_cpu:4.1f} s of"
                    f" CPU)   {crds / ours:5.2f} times as fast, {len(other)} files, {same} contents",
                    flush=True,
                )
                for place in places:
                    shutil.rmtree(place)
        print(f"caldp is {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
