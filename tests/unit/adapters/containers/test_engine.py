"""Docker and Podman, where their command lines differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.containers.docker import DockerCli
from caldp.adapters.containers.engine import ContainerEngine, find_engine
from caldp.domain.errors import UsageError
from caldp.domain.run.settings import Settings


@pytest.mark.parametrize(
    ("program", "uid", "words"),
    [
        ("docker", 1000, ["--user", "1000:100"]),
        ("docker", 0, ["--user", "0:100"]),
        ("podman", 0, ["--user", "0:100"]),
        ("podman", 1000, ["--userns", "keep-id", "--user", "1000:100"]),
        ("/opt/bin/podman", 1000, ["--userns", "keep-id", "--user", "1000:100"]),
    ],
)
def test_files_of_a_mounted_home_belong_to_its_owner(program: str, uid: int, words: list[str]) -> None:
    assert ContainerEngine(program).user_words(uid, 100) == words


def test_without_a_mounted_home_the_images_own_user_is_taken() -> None:
    docker = DockerCli({"CALDP_HOME": "none"}, ContainerEngine("docker"))
    assert "--user" not in docker.run(Settings(profile="x"), "caldp", ["true"])


def test_what_is_installed_is_found_on_the_callers_path(tmp_path: Path) -> None:
    assert find_engine({"PATH": str(tmp_path)}).program == "docker", "so that the message names it"
    for name in ("podman", "docker"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        assert find_engine({"PATH": str(tmp_path)}).program == name


@pytest.mark.parametrize("wanted", ["nerdctl", "docker --host evil", "/bin/sh"])
def test_another_program_is_refused(wanted: str) -> None:
    with pytest.raises(UsageError):
        find_engine({"PATH": ""}, wanted)


@pytest.mark.parametrize(
    ("program", "epoch", "words"),
    [
        ("docker", "", []),
        ("docker", "1700000000", ["--build-arg", "SOURCE_DATE_EPOCH=1700000000"]),
        ("podman", "", ["--format", "docker"]),
        ("podman", "1700000000", ["--format", "docker", "--timestamp", "1700000000"]),
    ],
)
def test_an_image_has_the_time_that_is_given(program: str, epoch: str, words: list[str]) -> None:
    assert ContainerEngine(program).build_words(epoch) == words


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "1.5", "\u0661"])
def test_a_time_that_is_none_is_refused_before_anything_is_built(tmp_path: Path, epoch: str) -> None:
    (tmp_path / "Dockerfile").touch()
    docker = DockerCli({"SOURCE_DATE_EPOCH": epoch}, ContainerEngine("docker"))
    with pytest.raises(UsageError, match="is no time") as caught:
        docker.build(tmp_path, "caldp")
    assert "git log" in caught.value.advice
