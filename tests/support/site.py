"""Place where a user runs the console script."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attrs import field, frozen

CALDP = str(Path(sys.executable).with_name("caldp"))


@frozen
class Site:
    """A place where a user runs caldp: a directory, and an environment that knows a CRDS cache.

    Attributes
    ----------
    directory
        The current directory of the commands.
    environment
        Variables that the user has exported.
    """

    directory: Path
    environment: dict[str, str] = field(factory=dict)

    def run(self, *arguments: str, **exports: str) -> subprocess.CompletedProcess[str]:
        """Run ``caldp`` with these arguments and further exports."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.directory)} | self.environment | exports
        return subprocess.run(
            [CALDP, *arguments],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def files(self) -> list[str]:
        """List every file below the directory, sorted, but not the user's own cache: matplotlib lists fonts there."""
        files = (path.relative_to(self.directory) for path in self.directory.rglob("*") if path.is_file())
        return sorted(str(path) for path in files if path.parts[0] != ".cache")
