"""The image, built once by ``caldp docker build``, and a user who runs containers of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from tests.conftest import CONTAINER_RIG, REPOSITORY

SCRIPTS = Path(sys.executable).parent
ENGINES_IMAGE = "localhost/engines"
"""The rig's stand-in for stsci/hst-pipeline: Debian's Python with calcos and drizzlepac, without HSTCAL."""


@frozen
class User:
    """A user with a directory to work in.

    Attributes
    ----------
    home
        Current directory of the commands, which becomes the container's home.
    environment
        Variables of the commands.
    """

    home: Path
    environment: dict[str, str]

    def run(self, command: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end."""
        return subprocess.run(
            [SCRIPTS / command, *words], cwd=self.home, env={**self.environment, **environ},
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=900,
        )  # fmt: skip

    def start(self, command: str, *words: str, **environ: str) -> subprocess.Popen[str]:
        """Start a command of ours, with both its streams as one."""
        return subprocess.Popen(
            [SCRIPTS / command, *words], cwd=self.home, env={**self.environment, **environ},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def engine(self, *words: str) -> str:
        """Return what the engine itself says."""
        done = subprocess.run(["docker", *words], env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@pytest.fixture(scope="session")
def rig_environment() -> dict[str, str]:
    """Variables with which ``docker`` and ``podman`` work here; on a new machine the rig takes five minutes."""
    directory = os.environ.get("CONTAINER_RIG_DIR", "/var/tmp/container-rig")
    done = subprocess.run([CONTAINER_RIG, "start", REPOSITORY], capture_output=True, text=True, check=True, timeout=900)
    path = done.stdout.strip().removeprefix("export PATH=").removesuffix(":$PATH")
    return {
        "PATH": f"{path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "CONTAINERS_CONF": f"{directory}/containers.conf",
        "BUILDAH_ISOLATION": "chroot",
    }


@pytest.fixture(scope="session")
def image(rig_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The image, built from this repository as a user builds it. Layers of earlier builds are used again."""
    builder = User(REPOSITORY, {**rig_environment, "HOME": str(tmp_path_factory.mktemp("builder"))})
    name = f"localhost/caldp-test:{os.getpid()}"
    done = builder.run(
        "caldp-image-build", "--image", name, "--base", ENGINES_IMAGE, "--network", "host",
        "--ca-certificates", "/etc/ssl/certs/ca-certificates.crt", CALDP_BUILD_VERSION="0.3.0.dev77",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    yield name
    builder.engine("image", "rm", "--no-prune", name)


@pytest.fixture
def user(image: str, rig_environment: dict[str, str], tmp_path: Path) -> User:
    """A user who reaches nothing outside."""
    home = tmp_path / "a directory"
    home.mkdir()
    (tmp_path / "user").mkdir()
    environment = {
        **rig_environment,
        "HOME": str(tmp_path / "user"),
        "CALDP_DOCKER_IMAGE": image,
        "CALDP_DOCKER_RUN_PARS": "--rm --network none",
    }
    return User(home, environment)
