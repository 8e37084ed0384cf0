"""The frame around the code agrees with itself: what README, .ci/run, tox, the workflows and the constraints say."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
TEST_COMMAND = "pytest -n logical --cov --cov-report=term"


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def ci_lines() -> list[str]:
    """Return what .ci/run runs, without the definitions of its functions."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", " ", "}"))]


def test_ci_ends_with_the_test_command_that_the_readme_gives() -> None:
    assert ci_lines()[-1].removesuffix(" </dev/null") == TEST_COMMAND
    for page in ("README.md", "CONTRIBUTING.md"):
        assert TEST_COMMAND in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("environment", ["lint", "format", "types", "imports", "security", "docs", "tests"])
def test_ci_runs_what_each_tox_environment_runs(environment: str) -> None:
    tox = pyproject()["tool"]["tox"]
    assert environment in tox["env_list"]
    (command,) = tox["env"][environment]["commands"]
    words = [word for word in command if isinstance(word, str) and not word.startswith("{")]
    started = words if environment == "tests" else ["check", environment, *words]
    assert any(shlex.split(line)[: len(started)] == started for line in ci_lines())


def test_the_published_site_is_the_one_that_the_check_builds() -> None:
    published = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text(encoding="utf-8"))
    checked = pyproject()["tool"]["tox"]["env"]["docs"]
    (command,) = checked["commands"]
    assert command[command.index("-b") + 1] == published["sphinx"]["builder"]
    assert command[command.index("-b") + 2] == Path(published["sphinx"]["configuration"]).parent.name
    assert [item["extra_requirements"] for item in published["python"]["install"]] == [checked["extras"]]
    assert f">={published['build']['tools']['python']}" == pyproject()["project"]["requires-python"]


@pytest.mark.parametrize(("earlier", "today"), [("flake8", "lint"), ("black", "format"), ("bandit", "security")])
def test_tox_knows_its_environments_by_the_founding_readmes_names(earlier: str, today: str, tmp_path: Path) -> None:
    words = ("config", "-e", f"{earlier},{today}", "-k", "commands", "--workdir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "tox", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    commands = [line for line in done.stdout.splitlines() if line.startswith("commands = ")]
    assert len(commands) == 2
    assert commands[0] == commands[1]


def test_the_extras_of_the_founding_readme_are_there() -> None:
    assert {"dev", "test"} <= pyproject()["project"]["optional-dependencies"].keys()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md"])
def test_links_of_the_pages_outside_of_the_documentation_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"(?:\]\(|^\[[^]]+\]: )([^)\s]+)", text, re.MULTILINE)
    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []


def test_actions_are_pinned_by_commit_and_name_their_version() -> None:
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    used = re.findall(r"uses:\s*(.+)", "\n".join(pages))
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_checkouts_leave_no_credentials_to_the_steps_that_follow() -> None:
    """Packages that these steps install run code of others. zizmor asks for that: its audit artipacked."""
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        steps = [step for job in jobs for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
        assert [step.get("with", {}).get("persist-credentials") for step in steps] == [False] * len(steps), path


def frame_in(directory: Path) -> Path:
    """Copy what .ci/run reads into a directory; return the copy of .ci/run."""
    frame = directory / "repository"
    (frame / ".ci").mkdir(parents=True)
    for name in (".ci/run", ".ci/pythons", "pyproject.toml"):
        shutil.copy(ROOT / name, frame / name)
    for name in ("another-python", "browser"):
        (frame / ".ci" / name).write_text(f"#!/bin/sh\n{name}\n")
        (frame / ".ci" / name).chmod(0o755)
    return frame / ".ci" / "run"


def test_ci_passes_over_a_python_without_venv_and_says_what_is_needed(tmp_path: Path) -> None:
    """Debian's Python lacks ensurepip unless python3-venv is installed."""
    for name in ("python3.11", "python3"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; *) exit 0;; esac\n")
        program.chmod(0o755)
    script, tools = frame_in(tmp_path), {"bash", "dirname", "head", "sed"}
    for tool in tools:
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    done = subprocess.run([script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "found none" in done.stderr
    assert "apt-get install python3-venv" in done.stderr
    assert done.stdout == ""


INSTALLERS = ("pip", "uv")
CHECKS = ("ruff", "mypy", "lint-imports", "bandit", "browser", "sphinx-build", "another-python")
PROGRAMS = (*INSTALLERS, *CHECKS, "pytest")


def ci_with(tmp_path: Path, failing: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/run with stand-ins for all that it starts, of which one may fail."""
    script, tools = frame_in(tmp_path), tmp_path / "tools"
    tools.mkdir()
    body = "echo {name} says $1; env | grep ^PYT; exit {status}"
    bodies = {name: body.format(name=name, status=int(name == failing)) for name in PROGRAMS}
    for name, text in {**bodies, "python3.11": "test $2 != venv || mkdir -p .ci/venv"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    environment = {"PATH": f"{tools}:/bin:/usr/bin", **environ}
    return subprocess.run([script], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("failing", ["", *PROGRAMS])
def test_a_failing_check_ends_ci(failing: str, tmp_path: Path) -> None:
    done = ci_with(tmp_path, failing)
    assert done.returncode == int(failing != ""), done.stderr
    said = [line.split()[0] for line in done.stdout.splitlines() if " says" in line]
    checks = ["ruff", *CHECKS]
    ran = [*INSTALLERS, *checks, "pytest"]
    last = len(INSTALLERS + CHECKS) if failing in CHECKS else ran.index(failing) if failing else len(ran)
    assert said == ran[: last + 1]


def test_ci_lets_no_variable_of_the_caller_reach_python(tmp_path: Path) -> None:
    """PYTHONDONTWRITEBYTECODE above all: each of thousands of starts would compile all of its modules."""
    names = ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    done = ci_with(tmp_path, **dict.fromkeys(names, "1"))
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("PYTHON")] == []


def test_ci_has_two_workers_more_than_cores_for_the_tests_alone(tmp_path: Path) -> None:
    said = [line for line in ci_with(tmp_path).stdout.splitlines() if line.startswith(("PYTEST", "pytest", "another"))]
    workers = f"PYTEST_XDIST_AUTO_NUM_WORKERS={os.sysconf('SC_NPROCESSORS_ONLN') + 2}"
    assert said == ["another-python says", "pytest says -n", workers]


def supported() -> list[str]:
    """Return the versions of Python that pyproject.toml names, which is the one place that says so."""
    trove = "Programming Language :: Python :: "
    return [line.removeprefix(trove) for line in pyproject()["project"]["classifiers"] if line.startswith(trove)]


class TestSupportedPythons:
    def test_the_lowest_is_the_one_that_pip_and_the_checks_go_by(self) -> None:
        lowest = supported()[0]
        assert pyproject()["project"]["requires-python"] == f">={lowest}"
        assert pyproject()["tool"]["mypy"]["python_version"] == lowest
        assert pyproject()["tool"]["ruff"]["target-version"] == f"py{lowest.replace('.', '')}"
        assert f"--python-version {lowest} " in (ROOT / "constraints.txt").read_text(encoding="utf-8")

    @pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/tutorial.md"])
    def test_pages_name_them(self, page: str) -> None:
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert f"Python {supported()[0]} to {supported()[-1]}" in text
        assert not re.search(r"Python 3\.\d+ or", text)

    def test_tox_and_the_workflow_have_all(self) -> None:
        assert {f"py{version.replace('.', '')}" for version in supported()} <= pyproject()["tool"]["tox"]["env"].keys()
        workflow = (ROOT / ".github" / "workflows" / "build.yml").read_text(encoding="utf-8")
        assert f"python: {json.dumps(supported())}" in workflow

    def test_ci_looks_for_all_of_them_and_for_nothing_older(self) -> None:
        ask = f"source .ci/pythons; supported_versions; is_python {sys.executable} sys && ! is_python false sys"
        done = subprocess.run(["bash", "-ec", ask], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.stdout.split(), done.returncode) == (supported(), 0), done.stderr

    @pytest.mark.parametrize(("minor", "accepted"), [(10, False), (11, True), (13, True), (14, True)])
    def test_ci_takes_a_python_that_is_no_older(self, minor: int, accepted: bool, tmp_path: Path) -> None:
        """Stand-in: a Python that says that it is of another version."""
        stand_in = tmp_path / "python"
        told = f"import sys; sys.version_info = (3, {minor}, 0)"
        stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{told}; $2"\n')
        stand_in.chmod(0o755)
        ask = f"source .ci/pythons; is_python {stand_in} venv"
        assert (subprocess.run(["bash", "-ec", ask], cwd=ROOT, check=False).returncode == 0) is accepted


class TestAnotherPython:
    def run(self, taken: str, machine: Path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{machine}:/bin:/usr/bin", "HOME": str(machine)}
        command = [f"{machine}/frame/.ci/another-python", taken]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    @pytest.fixture
    def machine(self, tmp_path: Path) -> Path:
        """A machine with stand-ins for uv and pyenv, and no Python that works but what a test adds."""
        (tmp_path / "frame" / ".ci").mkdir(parents=True)
        for name in (".ci/another-python", ".ci/pythons", "pyproject.toml"):
            shutil.copy(ROOT / name, tmp_path / "frame" / name)
        for version in supported():
            self.add(tmp_path / f"python{version}", "exit 127")
        self.add(tmp_path / "pyenv", f"echo {tmp_path}/pyenvs")
        tools = 'mkdir -p .ci/another/bin; for name in python caldp; do cp "$0" .ci/another/bin/$name; done'
        self.add(tmp_path / "uv", f'echo "${{0##*/}} $*"; test -e .ci/another || {{ {tools}; }}')
        return tmp_path

    def add(self, program: Path, body: str) -> None:
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)

    def test_the_newest_other_one_tests_and_calibrates(self, machine: Path) -> None:
        for version in supported():
            self.add(machine / f"python{version}", "exit 0")
        done = self.run(supported()[-1], machine)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{machine}/python{supported()[-2]} is ")
        assert "python -m pytest --quiet -n logical tests/unit/domain" in done.stdout
        assert done.stdout.splitlines()[-1].startswith("caldp demo")

    def test_a_python_of_pyenv_counts_though_it_is_not_on_path(self, machine: Path) -> None:
        place = machine / "pyenvs" / "versions" / f"{supported()[1]}.7" / "bin" / "python"
        self.add(place, "exit 0")
        assert self.run(supported()[0], machine).stdout.startswith(f"{place} is ")

    def test_where_there_is_none_that_is_said_and_nothing_runs(self, machine: Path) -> None:
        self.add(machine / f"python{supported()[0]}", "exit 0")
        done = self.run(supported()[0], machine)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("There is no other Python here")

    def test_its_failure_is_told(self, machine: Path) -> None:
        self.add(machine / f"python{supported()[1]}", "exit 0")
        self.add(machine / "uv", "exit 3")
        assert self.run(supported()[0], machine).returncode == 3


class TestLowestVersions:
    """``locks/lowest.txt`` is installed by ``tox -e lowest``."""

    def test_they_are_the_bounds_of_the_project(self) -> None:
        text = (ROOT / "locks" / "lowest.txt").read_text(encoding="utf-8")
        pins = {name: Version(version) for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)$", text, re.MULTILINE)}
        extras = pyproject()["project"]["optional-dependencies"]
        named = map(Requirement, [*pyproject()["project"]["dependencies"], *extras["engines"], *extras["test"]])
        bounds = {
            canonicalize_name(each.name): Version(clause.version)
            for each in named
            for clause in each.specifier
            if clause.operator == ">="
        }
        assert {name: pins.get(name) for name in bounds} == bounds

    def test_every_requirement_has_a_lowest_version(self) -> None:
        extras = pyproject()["project"]["optional-dependencies"].values()
        lines = [*pyproject()["project"]["dependencies"], *(line for extra in extras for line in extra)]
        assert [line for line in lines if ">=" not in line] == []

    def test_its_head_says_how_to_renew_it(self) -> None:
        head = (ROOT / "locks" / "lowest.txt").read_text(encoding="utf-8").splitlines()[1]
        assert re.fullmatch(r"#    uv pip compile --resolution lowest-direct .* -o locks/lowest\.txt", head)


def test_the_constraints_pin_every_package_that_we_name_and_hold_nothing_of_one_machine() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = {match[1] for match in re.finditer(r"^([a-z0-9-]+)==\S+", text, re.MULTILINE)}
    project = pyproject()["project"]
    named = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = {re.split(r"[\[<>=]", requirement)[0].lower() for requirement in named}
    assert names <= pins
    assert not re.search(r"://|^\s*-|@|/opt|/root|/home|/tmp", text, re.MULTILINE)


def test_the_page_on_the_house_names_every_room() -> None:
    page = (ROOT / "docs" / "explanation" / "house.md").read_text(encoding="utf-8")
    table = page.partition("## Rooms")[2].partition("## ")[0]
    source = ROOT / "src" / "caldp"
    roots = {path.name + "/" * path.is_dir() for path in source.iterdir()} - {"__pycache__/", "py.typed"}
    rooms = {path.name + "/" * path.is_dir() for path in (source / "app").iterdir()} - {"__pycache__/", "__init__.py"}
    assert {name for name in roots | rooms if f"{name}`" not in table and f"`{name}" not in table} == set()


@pytest.mark.parametrize(("user", "said"), [("1000", "only root can"), ("0", "cannot be installed")])
def test_a_browser_that_cannot_be_installed_is_said_to_be_missing(user: str, said: str, tmp_path: Path) -> None:
    for name, text in {"id": f"echo {user}", "apt-get": "exit 100"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    for tool in ("bash", "timeout"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    done = subprocess.run(
        [ROOT / ".ci" / "browser"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
