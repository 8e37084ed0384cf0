"""Kills (-9) of driver, child, engine, and servers with what they fork, at random moments, each followed by a resume.

Run by ``benchmarks/batch.py kills --datasets N`` (N kills, 100 by default; in some rounds the victim has ended). A
batch of real child processes runs over simulated exposures; its engine is a script that takes a moment and leaves the
products of a real run. In each round a victim is drawn, killed at a random moment of the time that a batch takes, and
the batch is resumed until it ends by itself. Counted are

* lost: datasets of the manifest that are not done at the end of a round;
* twice at once: moments at which two engines worked on one dataset;
* false: messages *processed* without the products that the record names, by size and SHA-256;
* orphans: processes of the round that are there ten seconds after a kill of the driver, or after the end.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import define, field
from batch_throughput import BIN, SERVERLESS, copied

from caldp.simulation import simulate

NAMES: Final = tuple(f"lsim{number}a1q" for number in range(10, 14))
ENGINE: Final = """#!{python} -S
import os, shutil, sys, time
name = [word for word in sys.argv if word.endswith(".fits")][0][:9]
beginning = open({log!r}, "a")
beginning.write(f"begin {{name}} {{os.getpid()}}\\n"); beginning.flush()
time.sleep({seconds})
for file in os.listdir({products!r}):
    if file.startswith(name):
        shutil.copyfile(os.path.join({products!r}, file), file)
"""
SECONDS: Final = 1.0
VICTIMS: Final = ("driver", "child", "engine", "warm")


@define
class Campaign:
    """A user's directory, how long a batch takes in it that nobody disturbs, and what was seen."""

    place: Path
    environment: dict[str, str]
    seconds: float = 0.0
    seen: Counter[str] = field(factory=Counter)
    victims: Counter[str] = field(factory=Counter)

    def start(self) -> subprocess.Popen[bytes]:
        """Start, or resume, the batch."""
        with (self.place / "said").open("ab") as said:
            return subprocess.Popen(
                [BIN / "caldp", "batch", "run", *NAMES, "inputs", "out", "--jobs", "2", "--max-retries", "3"],
                cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True,
            )  # fmt: skip

    def processes(self) -> dict[int, str]:
        """List our living processes: command lines by process id."""
        mark, found = os.fsencode(f"HOME={self.place}"), {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
        return found

    def draw(self, driver: subprocess.Popen[bytes], wish: str) -> int | None:
        """Return a process of the kind that is wished for, if there is one at this moment."""
        if wish == "driver":
            return driver.pid
        ours = self.processes()
        if wish == "child":
            found = [pid for pid in ours if self.is_job(pid)]
        else:
            told = {"engine": "bin/calcos", "warm": "warm_server.py"}[wish]
            found = [pid for pid, words in ours.items() if told in words]
        return random.choice(found) if found else None

    def is_job(self, pid: int) -> bool:
        """Tell whether a process is a job that was forked: it works here, and has the name of its script."""
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            return name == "__main__.py" and Path(f"/proc/{pid}/cwd").readlink() == self.place
        except OSError:
            return False

    def watch(self, seconds: float, driver: subprocess.Popen[bytes]) -> bool:
        """Look for engines at work on one dataset for some time; True if the driver has ended."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            engines = Counter(
                next((word[:9] for word in words.split() if word.endswith(".fits")), "")
                for words in self.processes().values()
                if "bin/calcos" in words and ".fits" in words
            )
            self.seen["twice at once"] += sum(count > 1 for count in engines.values())
            if driver.poll() is not None:
                return True
            time.sleep(0.05)
        return False

    def round(self, number: int) -> None:
        """Begin a batch, kill one process of it, resume it, and look at what there is."""
        shutil.rmtree(self.place / "out", ignore_errors=True)
        (self.place / "said").unlink(missing_ok=True)
        driver = self.start()
        wish = VICTIMS[number % len(VICTIMS)]
        is_over = self.watch(random.uniform(0.1, self.seconds), driver)
        while not is_over:
            victim = self.draw(driver, wish)
            if victim is not None:
                os.kill(victim, signal.SIGKILL)
                self.victims[wish] += 1
                break
            is_over = self.watch(0.2, driver)
        if wish == "driver":
            driver.wait()
            self.count_orphans()
        while not self.watch(1.0, driver):
            pass
        for _ in range(3):
            if driver.wait() == 0:
                break
            driver = self.start()
            while not self.watch(1.0, driver):
                pass
        self.count_orphans()
        before = Counter(self.seen)
        self.judge()
        if self.seen != before:
            print(f"round {number}, {wish}:", (self.place / "said").read_text()[-3000:], sep="\n", flush=True)

    def count_orphans(self) -> None:
        limit = time.monotonic() + 10
        while (left := self.processes()) and time.monotonic() < limit:
            time.sleep(0.1)
        self.seen["orphans"] += len(left)

    def judge(self) -> None:
        """Compare messages with products."""
        for name in NAMES:
            if not (self.place / "out/messages/datasets-processed" / name).exists():
                self.seen["lost"] += 1
                continue
            directory = self.place / "out/data/cos" / name
            record = json.loads((directory / "logs/record.json").read_text())
            for product in record["products"]:
                path = next(iter(directory.rglob(Path(product["name"]).name)), None)
                digest = "" if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
                self.seen["false"] += digest != product["sha256"]


def prepare(place: Path) -> Campaign:
    """Simulate exposures, process them once with calcos, and put a script in its place that leaves the same."""
    made = simulate("cos", place / "simulated")
    raws = sorted(made.inputs.glob("lsim01a1q*"))
    (place / "inputs").mkdir()
    for name in NAMES:
        copied(raws, "sim01", name[1:6], place / "inputs")
    environment = {
        "PATH": f"{place / 'bin'}:{BIN}:{os.environ['PATH']}", "HOME": str(place), "CRDS_PATH": str(made.crds_cache),
        "CRDS_CONTEXT": made.context, "CRDS_SERVER_URL": SERVERLESS, "CRDS_READONLY_CACHE": "1",
        "CALDP_HOME": str(place / "home"), "CALDP_PREVIEWS": "false",
    }  # fmt: skip
    campaign = Campaign(place, environment)
    first = campaign.start()
    if first.wait() != 0:
        sys.exit((place / "said").read_text())
    products = place / "products"
    products.mkdir()
    for name in NAMES:
        for path in (place / "out/data/cos" / name).iterdir():
            if path.is_file() and not path.name.endswith(("_rawtag.fits", "_spt.fits")):
                shutil.copy(path, products)
    (place / "bin").mkdir()
    engine = place / "bin/calcos"
    engine.write_text(engine_script(products, place / "engines"))
    engine.chmod(0o755)
    shutil.rmtree(place / "out")
    began = time.monotonic()
    if campaign.start().wait() != 0:
        sys.exit((place / "said").read_text())
    campaign.seconds = time.monotonic() - began
    return campaign


def engine_script(products: Path, log: Path) -> str:
    return ENGINE.format(python=sys.executable, products=str(products), log=str(log), seconds=SECONDS)


def kills(count: int) -> None:
    """Run the campaign, and print what was seen."""
    with tempfile.TemporaryDirectory(prefix="caldp-kills-") as scratch:
        campaign = prepare(Path(scratch).resolve())
        rounds = 0
        while (killed := campaign.victims.total()) < count:
            campaign.round(rounds)
            rounds += 1
            if campaign.victims.total() // 10 > killed // 10 or campaign.victims.total() == count:
                report(rounds, campaign.victims, campaign.seen)


def report(rounds: int, victims: Mapping[str, int], seen: Mapping[str, int]) -> None:
    counts = ", ".join(f"{seen.get(what, 0)} {what}" for what in ("lost", "twice at once", "false", "orphans"))
    print(f"{rounds} rounds, {sum(victims.values())} kills ({dict(victims)}): {counts}", flush=True)
