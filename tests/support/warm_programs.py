"""Programs that are forked from a warm server, and the same programs started as usual."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm import WarmServer

SCRIPT = f"#!{sys.executable}\nimport sys\nexec(sys.argv[1])\n"
"""A program that does what its first argument says."""
ENVIRONMENT = {"PATH": "/bin:/usr/bin", "LANG": "C.UTF-8", "jref": "/none/"}


@frozen
class Programs:
    """A server, its script, and the directory in which programs run."""

    server: WarmServer
    script: Path
    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the server."""
        return self.server.environment

    def fork(self, code: str, *arguments: str, **more: str) -> Supervised:
        """Fork a program."""
        return self.fork_script(self.script, "program", code, *arguments, **more)

    def fork_script(self, script: Path, *argv: str, **more: str) -> Supervised:
        """Fork a program that may be another script."""
        return self.server.start(script, argv, self.directory, {**self.environment, **more}, 60.0)

    def warm(self, code: str, *arguments: str, **more: str) -> tuple[int, str]:
        """Fork a program; return its status and what it said."""
        return heard(self.fork(code, *arguments, **more))

    def cold(self, code: str, *arguments: str, **more: str) -> tuple[int, str]:
        """Start a program as usual; return its status and what it said."""
        argv, environment = ["program", code, *arguments], {**self.environment, **more}
        return heard(Supervised(argv, executable=self.script, directory=self.directory, environment=environment))


@contextmanager
def programs(
    directory: Path,
    modules: Sequence[str] = (),
    environment: Mapping[str, str] = ENVIRONMENT,
    packages: Sequence[str] = ("calcos",),
) -> Iterator[Programs]:
    """Start a server of programs that run in a directory; end it."""
    script = directory / "a place" / "program"
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT)
    script.chmod(0o755)
    work = directory / "work"
    work.mkdir(exist_ok=True)
    server = WarmServer(Path(sys.executable), script, modules, packages, environment)
    try:
        yield Programs(server, script, work)
    finally:
        server.close()


def heard(child: Supervised, seconds: float = 60.0) -> tuple[int, str]:
    """Wait for a program's end; return its status and what it said."""
    with child:
        ended = child.wait(seconds)
        assert ended is not None
        return ended.code, child.stdout.read().decode()
