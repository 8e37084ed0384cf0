"""The image and its containers, for real: what is in it, and what a run in it sees, owns and answers."""

from __future__ import annotations

import json
import os
import shutil
import signal
from itertools import takewhile
from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation, compare_with_truth
from tests.integration.containers.conftest import ENGINES_IMAGE, User

pytestmark = [pytest.mark.containers, pytest.mark.engines, pytest.mark.timeout(1800)]

MB = 1_000_000


def cached(simulated: SimulatedObservation) -> dict[str, str]:
    return {"CRDS_PATH": str(simulated.crds_cache), "CRDS_CONTEXT": simulated.context}


def test_it_says_what_it_is_and_what_it_was_made_of(user: User, image: str) -> None:
    (found,) = json.loads(user.engine("image", "inspect", image))
    config = found["Config"]
    assert config["User"] == "developer"
    assert f"CSYS_VER={ENGINES_IMAGE}" in config["Env"]
    assert config["Labels"]["org.opencontainers.image.title"] == "caldp"
    assert found["Healthcheck"]["Test"] == ["CMD", "caldp", "--version"]
    done = user.run("caldp", "docker", "shell", "caldp", "--version")
    assert "caldp 0.3.0.dev77" in done.stdout.splitlines()
    assert any(line.startswith("calcos 3.") for line in done.stdout.splitlines())


def test_compiled_modules_know_their_source_by_its_hash(user: User) -> None:
    """The time of a source would make each build's modules other ones. The flags: PEP 552."""
    script = (
        "import caldp, pathlib; caches = pathlib.Path(caldp.__file__).parent.rglob('*.pyc'); "
        "print(*{path.read_bytes()[4] for path in caches})"
    )
    done = user.run("caldp", "docker", "shell", "--", "python", "-c", script)
    assert done.stdout.split() == ["3"], done.stdout + done.stderr


def test_our_layers_add_little_to_the_base(user: User, image: str) -> None:
    """The packages beside the engines take some 60 MB; nothing of pip's and of the build's stays behind."""
    layers = json.loads(user.engine("history", "--format", "json", image))
    base = json.loads(user.engine("history", "--format", "json", ENGINES_IMAGE))
    ours = sum(layer["size"] for layer in layers) - sum(layer["size"] for layer in base)
    assert 5 * MB < ours < 100 * MB
    script = r"find / -xdev \( -path '*/pip/http*' -o -name '*.whl' -o -path '/tmp/*' -o -path '/build/*' \) -print"
    found = [
        set(user.engine("run", "--rm", "--user", "0", "--network", "none", name, "sh", "-c", script).splitlines())
        for name in (ENGINES_IMAGE, image)
    ]
    assert found[0], "the wheels of pip itself, at least"
    assert found[1] == found[0]


def test_a_mounted_input_is_processed_with_a_cache_that_is_read_only(
    user: User, simulated: SimulatedObservation
) -> None:
    shutil.copytree(simulated.inputs, user.home / "inputs")
    before = sorted(path.relative_to(simulated.crds_cache) for path in simulated.crds_cache.rglob("*"))
    done = user.run(
        "caldp-docker-run-pipeline", simulated.dataset, "file:inputs", "file:out",
        CRDS_READONLY_CACHE="1", **cached(simulated),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    product = user.home / "out" / "data" / "cos" / simulated.dataset / simulated.product
    assert compare_with_truth(product, simulated.truth).agrees
    assert (user.home / "out" / "messages" / "datasets-processed" / simulated.dataset).is_file()
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in user.home.rglob("*")}
    assert owners == {(os.getuid(), os.getgid())}, "files belong to whoever runs the container"
    assert sorted(path.relative_to(simulated.crds_cache) for path in simulated.crds_cache.rglob("*")) == before
    assert user.engine("ps", "--all", "--quiet", "--filter", f"ancestor={user.environment['CALDP_DOCKER_IMAGE']}") == ""


def test_the_demonstration_runs_without_a_network(user: User) -> None:
    done = user.run("caldp", "docker", "shell", "--profile", "demo", "--", "caldp", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "agrees" in done.stdout


@pytest.mark.parametrize(("readonly", "status"), [("1", 1), ("0", 0)])
def test_a_cache_is_written_to_only_if_it_may_be(user: User, tmp_path: Path, readonly: str, status: int) -> None:
    (tmp_path / "cache").mkdir()
    done = user.run(
        "caldp", "docker", "shell", "touch", "/grp/crds/cache/new",
        CRDS_PATH=str(tmp_path / "cache"), CRDS_READONLY_CACHE=readonly,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert ("Read-only file system" in done.stderr) == bool(status)
    assert (tmp_path / "cache" / "new").exists() == (not status)


def test_aws_configuration_can_be_read_and_not_written(user: User) -> None:
    aws = Path(user.environment["HOME"]) / ".aws"
    aws.mkdir()
    (aws / "config").write_text("[profile me]\nregion = eu-west-1\n")
    script = "cat ~/.aws/config; touch ~/.aws/new; echo $AWS_PROFILE"
    done = user.run("caldp", "docker", "shell", "--", "sh", "-c", script, AWS_PROFILE="me")
    assert done.stdout.splitlines() == ["[profile me]", "region = eu-west-1", "me"]
    assert "Read-only file system" in done.stderr
    assert [path.name for path in aws.iterdir()] == ["config"]


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_the_status_is_that_of_the_run(user: User, simulated: SimulatedObservation, engine: str) -> None:
    (user.home / "nothing").mkdir()
    words = (simulated.dataset, "file:nothing", "file:out")
    native = user.run("caldp-process", *words, "caldp-config-offsite", **cached(simulated))
    done = user.run("caldp-docker-run-pipeline", *words, "--engine", engine, **cached(simulated))
    assert native.returncode not in {0, 1, 125, 126, 127}
    assert done.returncode == native.returncode, done.stderr
    assert native.stderr.splitlines()[-1] in done.stderr
    assert f"+ {engine} run " in done.stderr


def test_a_status_of_a_command_is_passed_on(user: User) -> None:
    assert user.run("caldp", "docker", "shell", "--", "sh", "-c", "exit 42").returncode == 42
    assert user.run("caldp", "docker", "shell", "no-such-program").returncode == 127


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_reaches_the_run_and_leaves_no_container(
    user: User, simulated: SimulatedObservation, number: signal.Signals
) -> None:
    shutil.copytree(simulated.inputs, user.home / "inputs")
    words = (simulated.dataset, "file:inputs", "file:out")
    with user.start("caldp-docker-run-pipeline", *words, **cached(simulated)) as process:
        assert process.stdout is not None
        said = list(takewhile(lambda line: "CALCOS version" not in line, process.stdout))
        process.send_signal(number)
        said += process.stdout.readlines()
        assert process.wait(120) == 128 + number, "".join(said)
    messages = [path.parent.name for path in (user.home / "out" / "messages").glob("*/*")]
    assert "datasets-processed" not in messages
    assert user.engine("ps", "--all", "--quiet", "--filter", f"ancestor={user.environment['CALDP_DOCKER_IMAGE']}") == ""
