"""Place where a user runs batches, and the processes that these leave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import field, frozen

from caldp.batches.outputs import batch_status
from caldp.domain.errors import CaldpError
from caldp.views.batch import status_json
from tests.support.site import CALDP
from tests.support.stopped_runs import until

STUBBORN = "#!/bin/sh\ntrap '' TERM INT HUP\nwhile :; do sleep 1; done\n"
"""An engine that takes no notice of signals."""


@frozen
class BatchSite:
    """A user's directory, and an environment in which `bin` comes first.

    Attributes
    ----------
    directory
        The current directory of commands; every process of a batch works in it or below it.
    environment
        Of commands.
    """

    directory: Path
    environment: dict[str, str]
    _started: list[subprocess.Popen[bytes]] = field(factory=list)

    def start(self, *words: str, **exports: str) -> subprocess.Popen[bytes]:
        """Start ``caldp batch``; standard error goes to the file `said`."""
        with (self.directory / "said").open("wb") as said:
            process = subprocess.Popen(
                [CALDP, "batch", *words],
                cwd=self.directory, env=self.environment | exports, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True,
            )  # fmt: skip
        self._started.append(process)
        return process

    def run(self, *words: str, **exports: str) -> subprocess.CompletedProcess[str]:
        """Run ``caldp batch`` to its end."""
        return subprocess.run(
            [CALDP, "batch", *words],
            cwd=self.directory, env=self.environment | exports, capture_output=True, text=True, timeout=600,
            check=False,
        )  # fmt: skip

    def status(self, output: str = "out", **exports: str) -> dict[str, Any]:
        """Return what ``caldp batch status OUTPUT --json`` prints of the latest batch, without a process for it."""
        place = output if "://" in output else self.directory / output
        status = batch_status(place, environment=self.environment | exports)
        found: dict[str, Any] = json.loads(status_json(status))
        return found

    def counts(self) -> dict[str, int]:
        """Return the counts of the latest batch by state; none if its status cannot be told at this moment."""
        try:
            return dict(self.status()["counts"])
        except CaldpError:
            return {}

    @property
    def said(self) -> str:
        """Text that the last command that was started has written so far."""
        return (self.directory / "said").read_text(errors="replace")

    def engine(self, script: str) -> None:
        """Put a script in the place of calcos."""
        path = self.directory / "bin" / "calcos"
        path.write_text(script)
        path.chmod(0o755)

    def real_engine(self) -> None:
        """Take the script away again."""
        (self.directory / "bin" / "calcos").unlink()

    def wait_for_batch(self) -> None:
        """Wait until the batch is there."""
        until(lambda: any(self.directory.glob("out/batches/*/batch.json")), lambda: self.said, 240.0)

    def wait_for_engines(self, count: int) -> None:
        """Wait until so many engines work."""
        until(lambda: sum("bin/calcos" in line for line in self.left().values()) >= count, lambda: self.said, 240.0)

    def messages(self) -> dict[str, str]:
        """Return the state that the output tells, by dataset."""
        # Directories vanish with their last message; glob() would raise, and walk() passes over them.
        walked = sorted(os.walk(self.directory / "out" / "messages"))
        return {name: Path(place).name.removeprefix("datasets-") for place, _, names in walked for name in names}

    def left(self) -> dict[int, str]:
        """List the living processes of this place, which work in it or have it as HOME, by process id."""
        home = os.fsencode(f"HOME={self.directory}")
        found: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    here = Path((entry / "cwd").readlink())
                    is_ours = home in (entry / "environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                if words and (is_ours or here == self.directory or self.directory in here.parents):
                    found[int(entry.name)] = words
        return found

    def end(self) -> None:
        """Kill whatever is still there."""
        for process in self._started:
            process.kill()
            process.wait()
        for pid in self.left():
            with suppress(ProcessLookupError):  # without its driver it ends by itself
                os.kill(pid, signal.SIGKILL)
