"""The docker commands through their console scripts, with a docker and an aws that write down how they were called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.support.measured import MEASURED
from tests.support.recorder import Recorder

SCRIPTS = Path(sys.executable).parent
SECRET = "abracadabra"


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    directory = tmp_path / "bin"
    directory.mkdir()
    recorder = Recorder(directory)
    recorder.install("docker")
    return recorder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The directory that we work in, with nothing of ours in the environment."""
    directory = tmp_path / "work"
    directory.mkdir()
    return directory


def run(recorder: Recorder, home: Path, command: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(recorder.directory), "/usr/bin", "/bin"])
    environment = {"PATH": path, "HOME": str(home.parent / "user"), **MEASURED, **environ}
    return subprocess.run(
        [str(SCRIPTS / command), *words],
        cwd=home, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def options(words: tuple[str, ...], name: str) -> list[str]:
    return [value for option, value in pairwise(words) if option == name]


def test_the_readmes_pipeline_command_mounts_the_current_directory_and_runs_off_site(
    recorder: Recorder, home: Path
) -> None:
    done = run(recorder, home, "caldp-docker-run-pipeline", "J8CB010B0", "file:in", "file:out")
    assert done.returncode == 0, done.stderr
    (call,) = recorder.calls
    assert call.words[:2] == ("docker", "run")
    assert call.words[-8:] == (
        "caldp:latest", "caldp", "process", "j8cb010b0", "file:in", "file:out", "--profile", "caldp-config-offsite",
    )  # fmt: skip
    assert options(call.words, "--volume") == [f"{home}:/home/developer"]
    variables = options(call.words, "--env")
    assert "CRDS_PATH=/home/developer/crds_cache" in variables, "downloads go to crds_cache in CALDP_HOME"
    assert "jref=/home/developer/crds_cache/references/hst/acs/" in variables
    assert "CALDP_DOCKER=1" in variables
    assert "--rm" in call.words
    assert done.stderr.startswith("+ docker run "), "what is run is shown"


@pytest.mark.parametrize(("readonly", "ending"), [("0", ""), ("1", ":ro")])
def test_a_cache_is_mounted_read_only_if_it_is_to_be(
    recorder: Recorder, home: Path, tmp_path: Path, readonly: str, ending: str
) -> None:
    cache = tmp_path / "cache"
    run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", CRDS_PATH=str(cache), CRDS_READONLY_CACHE=readonly)
    (call,) = recorder.calls
    assert f"{cache}:/grp/crds/cache{ending}" in options(call.words, "--volume")
    assert "CRDS_PATH=/grp/crds/cache" in options(call.words, "--env")


def test_central_store_is_never_written_to(recorder: Recorder, home: Path) -> None:
    run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", CRDS_PATH="/grp/crds/cache", CRDS_READONLY_CACHE="0")
    run(recorder, home, "caldp", "docker", "run", "j8cb010b0", "--profile", "onsite")
    for call in recorder.calls:
        assert "/grp/crds/cache:/grp/crds/cache:ro" in options(call.words, "--volume")


def test_caldp_home_is_the_containers_home_or_none_is(recorder: Recorder, home: Path, tmp_path: Path) -> None:
    run(recorder, home, "caldp-docker-run-container", "pwd", CALDP_HOME=str(tmp_path / "elsewhere"))
    run(recorder, home, "caldp-docker-run-container", "pwd", CALDP_HOME="none")
    mounted, bare = recorder.calls
    assert options(mounted.words, "--volume") == [f"{tmp_path / 'elsewhere'}:/home/developer"]
    assert options(bare.words, "--volume") == []


def test_any_command_runs_in_a_container_with_the_readmes_parameters(recorder: Recorder, home: Path) -> None:
    run(
        recorder, home, "caldp-docker-run-container", "calacs.e", "--version", "-t",
        CALDP_DOCKER_RUN_PARS="-it -p 8888:8888", CALDP_CONFIG="caldp-config-aws", CALDP_DOCKER_IMAGE="my/caldp:3",
    )  # fmt: skip
    (call,) = recorder.calls
    assert call.words[-7:] == ("-it", "-p", "8888:8888", "my/caldp:3", "calacs.e", "--version", "-t")
    assert "--rm" not in call.words
    assert "CRDS_DOWNLOAD_MODE=plugin" in options(call.words, "--env")


def test_a_shell_is_interactive(recorder: Recorder, home: Path) -> None:
    run(recorder, home, "caldp", "docker", "shell")
    (call,) = recorder.calls
    assert call.words[-4:] == ("--rm", "-it", "caldp:latest", "/bin/bash")


def test_aws_configuration_goes_along_and_no_secret_is_on_a_command_line(
    recorder: Recorder, home: Path, tmp_path: Path
) -> None:
    aws = tmp_path / "user" / ".aws"
    aws.mkdir(parents=True)
    done = run(
        recorder, home, "caldp-docker-run-pipeline", "j8cb010b0",
        AWS_SECRET_ACCESS_KEY=SECRET, AWS_PROFILE="hst", AWS_CONFIG_FILE="/x", CRDS_CONTEXT="hst_0729.pmap",
    )  # fmt: skip
    (call,) = recorder.calls
    assert f"{aws}:/home/developer/.aws:ro" in options(call.words, "--volume")
    passed = options(call.words, "--env")
    assert {"AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "CRDS_CONTEXT"} <= set(passed)
    assert "AWS_CONFIG_FILE" not in passed, "a path of this machine"
    assert SECRET not in " ".join(call.words) + done.stderr + done.stdout
    assert call.environment["AWS_SECRET_ACCESS_KEY"] == SECRET, "docker takes it from its environment"


def test_variables_of_mast_and_of_calibration_go_along_by_name(recorder: Recorder, home: Path) -> None:
    given = {
        "MAST_API_TOKEN": SECRET,
        "ASTROMETRY_COMPUTE_APOSTERIORI": "off",
        "ASTROMETRY_APPLY_APRIORI": "off",
        "OMP_NUM_THREADS": "2",
        "CALDP_TIMEOUT": "600",
    }
    apart = {
        "HLA_CLASSIC_BASEPATH": "/hla",
        "CALDP_WORK_DIR": "/w",
        "LD_LIBRARY_PATH": "/lib",
        "ASTROMETRY_OF_MINE": "1",
    }
    done = run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", **given, **apart)
    (call,) = recorder.calls
    passed = options(call.words, "--env")
    assert given.keys() <= set(passed)
    assert not apart.keys() & set(passed)
    assert SECRET not in " ".join(call.words) + done.stderr + done.stdout
    assert call.environment["MAST_API_TOKEN"] == SECRET, "docker takes it from its environment"


def test_a_configuration_script_goes_along_with_its_variables(recorder: Recorder, home: Path) -> None:
    (home / "my-config").write_text(
        "export CRDS_CONTEXT=hst_1.pmap AWS_PROFILE=hst AWS_SECRET_ACCESS_KEY=abracadabra\n"
    )
    done = run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", "file:.", "file:.", "my-config")
    assert done.returncode == 0, done.stderr
    (call,) = recorder.calls
    assert call.words[-2:] == ("--profile", "my-config")
    assert {"CRDS_CONTEXT=hst_1.pmap", "AWS_PROFILE", "AWS_SECRET_ACCESS_KEY"} <= set(options(call.words, "--env"))
    assert (call.environment["AWS_PROFILE"], call.environment["AWS_SECRET_ACCESS_KEY"]) == ("hst", SECRET)
    assert SECRET not in " ".join(call.words) + done.stderr + done.stdout


def test_a_path_or_profile_that_the_container_does_not_see_is_refused(
    recorder: Recorder, home: Path, tmp_path: Path
) -> None:
    absolute = run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", "file:/data/in")
    assert absolute.returncode == 2
    assert "caldp: The container does not see /data/in." in absolute.stderr
    (tmp_path / "mine.toml").write_text("extends = 'offsite'")
    outside = run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", "file:.", "file:.", "../mine.toml")
    assert outside.returncode == 2
    assert "does not see the profile" in outside.stderr
    assert recorder.calls == ()


def test_a_profile_of_the_project_goes_along(recorder: Recorder, home: Path) -> None:
    (home / ".caldp").mkdir()
    (home / ".caldp" / "lab.toml").write_text("extends = 'offsite'\ncrds_context = 'hst_1.pmap'")
    run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0", "file:.", "file:.", "lab")
    (call,) = recorder.calls
    assert call.words[-2:] == ("--profile", "lab")
    assert "CRDS_CONTEXT=hst_1.pmap" in options(call.words, "--env")


def test_the_containers_status_is_ours(recorder: Recorder, home: Path) -> None:
    recorder.install("docker", {"run": (23, "")})
    assert run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0").returncode == 23
    recorder.install("docker", {"run": (137, "")})
    assert run(recorder, home, "caldp-docker-run-pipeline", "j8cb010b0").returncode == 137


def test_without_docker_there_is_a_sentence(recorder: Recorder, home: Path) -> None:
    (recorder.directory / "docker").unlink()
    done = run(recorder, home, "caldp", "docker", "push", PATH=str(recorder.directory))
    assert done.returncode == 1
    assert "caldp: docker is not installed" in done.stderr
    assert "Install Docker or Podman" in done.stderr
    assert "Traceback" not in done.stderr


def test_podman_is_taken_where_there_is_no_docker(recorder: Recorder, home: Path) -> None:
    (recorder.directory / "docker").unlink()
    recorder.install("podman")
    assert run(recorder, home, "caldp", "docker", "push", PATH=str(recorder.directory)).returncode == 0
    assert [call.words[:2] for call in recorder.calls] == [("podman", "push")]


@pytest.mark.parametrize(
    ("option", "variable", "taken"),
    [("", "", "docker"), ("podman", "", "podman"), ("", "podman", "podman"), ("docker", "podman", "docker")],
)
def test_an_engine_can_be_chosen(recorder: Recorder, home: Path, option: str, variable: str, taken: str) -> None:
    recorder.install("podman")
    words = ("--engine", option) if option else ()
    assert run(recorder, home, "caldp", "docker", "push", *words, CALDP_CONTAINER_ENGINE=variable).returncode == 0
    assert [call.words[0] for call in recorder.calls] == [taken]


def test_an_engine_that_is_none_is_refused(recorder: Recorder, home: Path) -> None:
    done = run(recorder, home, "caldp", "docker", "push", CALDP_CONTAINER_ENGINE="rm")
    assert (done.returncode, recorder.calls) == (2, ())
    assert done.stderr == "caldp: 'rm' is no container engine that caldp knows.\n       Give docker or podman.\n"


def test_an_engine_that_cannot_be_started_has_a_sentence(recorder: Recorder, home: Path) -> None:
    (recorder.directory / "docker").chmod(0o644)
    done = run(recorder, home, "caldp", "docker", "push", "--engine", str(recorder.directory / "docker"))
    assert done.returncode == 1
    assert "docker cannot be started: Permission denied." in done.stderr


def test_a_stop_reaches_the_engine_itself(recorder: Recorder, home: Path) -> None:
    """The command becomes the engine: nothing stands between that could end first."""
    (recorder.directory / "docker").write_text('#!/bin/sh\ntrap "exit 42" TERM\necho $$\nwhile :; do sleep 0.1; done\n')
    command = [str(SCRIPTS / "caldp"), "docker", "shell", "sleep"]
    environment = {"PATH": f"{recorder.directory}:/usr/bin:/bin", "HOME": str(home)}
    with subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.terminate()
        assert process.wait(60) == 42


def test_a_build_takes_network_proxies_and_the_clones_version_along(recorder: Recorder, home: Path) -> None:
    recorder.install("podman")
    (home / "Dockerfile").write_text("FROM scratch")
    (home / "scripts").mkdir()
    shutil.copy(REPOSITORY / "scripts" / "version.py", home / "scripts")
    done = run(
        recorder, home, "caldp", "docker", "build", "--engine", "podman", "--network", "host",
        HTTPS_PROXY=f"http://me:{SECRET}@proxy:3128", CALDP_BUILD_VERSION="0.3.7", SOURCE_DATE_EPOCH="1700000000",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (call,) = recorder.calls
    assert options(call.words, "--build-arg") == ["CSYS_VER=caldp:latest", "CALDP_BUILD_VERSION=0.3.7", "HTTPS_PROXY"]
    assert options(call.words, "--network") == ["host"]
    assert options(call.words, "--format") == ["docker"]
    assert options(call.words, "--timestamp") == ["1700000000"]
    assert SECRET not in done.stdout + done.stderr + " ".join(call.words)
    assert SECRET in call.environment["HTTPS_PROXY"]


def test_a_clone_with_an_impossible_version_is_not_built(recorder: Recorder, home: Path) -> None:
    (home / "Dockerfile").write_text("FROM scratch")
    (home / "scripts").mkdir()
    shutil.copy(REPOSITORY / "scripts" / "version.py", home / "scripts")
    done = run(recorder, home, "caldp-image-build", CALDP_BUILD_VERSION="0.2.28")
    assert (done.returncode, recorder.calls) == (1, ())
    assert "CALDP_BUILD_VERSION has the version 0.2.28, which is before 0.3.0" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_image_is_built_from_a_clone(recorder: Recorder, home: Path) -> None:
    (home / "Dockerfile").write_text("FROM scratch")
    (home / "ca.pem").write_text("-")
    run(recorder, home, "caldp-image-build", CALDP_DOCKER_IMAGE="my/caldp:3")
    run(
        recorder, home, "caldp-image-build", "--ca-certificates", "ca.pem",
        CALDP_CLONE=str(home), CAL_BASE_IMAGE="stsci/hst-pipeline:stable",
    )  # fmt: skip
    plain, based = recorder.calls
    assert options(plain.words, "--tag") == ["caldp", "my/caldp:3"]
    assert options(plain.words, "--build-arg") == ["CSYS_VER=my/caldp:3"]
    assert options(based.words, "--build-arg") == [
        "CAL_BASE_IMAGE=stsci/hst-pipeline:stable",
        "CSYS_VER=stsci/hst-pipeline:stable",
    ]
    assert options(based.words, "--secret") == ["id=ca_certificates,src=ca.pem"]
    assert based.words[-1] == str(home)


def test_a_clones_image_configuration_names_what_is_built(recorder: Recorder, home: Path) -> None:
    shutil.copytree(REPOSITORY / "scripts", home / "scripts", symlinks=True)
    (home / "Dockerfile").write_text("FROM scratch")
    config = home / "scripts" / "caldp-image-config"
    text = config.read_text().replace("REPO=caldp\n", "REPO=my/caldp\n").replace("TAG=latest", "TAG=7")
    config.write_text(text + "export CAL_BASE_IMAGE=stsci/hst-pipeline:stable\n")
    run(recorder, home, "caldp-image-build")
    run(recorder, home, "caldp-image-build", "--image", "other:1", "--base", "base:1")
    run(recorder, home, "caldp-image-build", CALDP_DOCKER_IMAGE="other:2", CAL_BASE_IMAGE="base:2")
    images = [options(call.words, "--tag")[1] for call in recorder.calls]
    bases = [options(call.words, "--build-arg")[0].partition("=")[2] for call in recorder.calls]
    assert (images, bases) == (
        ["my/caldp:7", "other:1", "other:2"],
        ["stsci/hst-pipeline:stable", "base:1", "base:2"],
    )


def test_the_installed_image_configuration_names_what_is_pushed_and_run(recorder: Recorder, tmp_path: Path) -> None:
    """As after ``pip install .`` with an edited file, in an environment of its own."""
    home, config = tmp_path / "work", tmp_path / "venv" / "bin" / "caldp-image-config"
    home.mkdir()
    venv.create(tmp_path / "venv", symlinks=True)
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "ours.pth").write_text("\n".join(entry for entry in sys.path if entry.endswith(("src", "site-packages"))))
    config.write_text("export CALDP_DOCKER_IMAGE=my/caldp:7\n")
    for words in (("push",), ("run", "j8cb010b0"), ("shell", "pwd")):
        subprocess.run(
            [tmp_path / "venv" / "bin" / "python", "-m", "caldp", "docker", *words], cwd=home, check=True,
            env={"PATH": f"{recorder.directory}:/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True,
        )  # fmt: skip
    assert all("my/caldp:7" in call.words for call in recorder.calls)
    assert len(recorder.calls) == 3


def test_a_build_needs_a_dockerfile(recorder: Recorder, home: Path) -> None:
    done = run(recorder, home, "caldp-image-build")
    assert (done.returncode, recorder.calls) == (2, ())
    assert "There is no Dockerfile in ." in done.stderr


def test_an_image_is_pushed(recorder: Recorder, home: Path) -> None:
    assert run(recorder, home, "caldp-image-push", CALDP_DOCKER_IMAGE="my/caldp:3").returncode == 0
    assert recorder.calls[0].words == ("docker", "push", "my/caldp:3")


def test_docker_is_logged_into_ecr_in_a_role_and_the_password_is_piped(recorder: Recorder, home: Path) -> None:
    keys = {"AccessKeyId": "AKIA", "SecretAccessKey": SECRET, "SessionToken": "token"}
    recorder.install(
        "aws",
        {
            "sts get-caller-identity": (0, json.dumps({"Account": "123456789012"})),
            "sts assume-role": (0, json.dumps({"Credentials": keys})),
            "ecr get-login-password": (0, "password-of-12-hours\n"),
        },
    )
    done = run(recorder, home, "caldp-ecr-login", "hst-repro-role", AWS_REGION="eu-west-1", AWS_PROFILE="me")
    assert done.returncode == 0, done.stderr
    _, assume, ask, login = recorder.calls
    assert "arn:aws:iam::123456789012:role/hst-repro-role" in assume.words
    assert ask.words == ("aws", "ecr", "get-login-password", "--region", "eu-west-1")
    assert ask.environment["AWS_SECRET_ACCESS_KEY"] == SECRET
    assert "AWS_PROFILE" not in ask.environment
    assert login.words == (
        "docker", "login", "--username", "AWS", "--password-stdin", "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    )  # fmt: skip
    assert login.stdin == "password-of-12-hours"
    assert "password-of-12-hours" not in done.stdout + done.stderr


def test_a_failing_aws_says_why(recorder: Recorder, home: Path) -> None:
    recorder.install("aws", {"sts get-caller-identity": (255, "Unable to locate credentials")})
    done = run(recorder, home, "caldp-ecr-login")
    assert done.returncode == 1
    assert "aws sts get-caller-identity failed: Unable to locate credentials" in done.stderr
    assert [call.words[0] for call in recorder.calls] == ["aws"]
