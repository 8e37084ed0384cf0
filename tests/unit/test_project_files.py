"""The frame around the code agrees with itself: what README, .ci/run, tox, the workflows and the constraints say."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

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


def test_ci_passes_over_a_python_without_venv_and_says_what_is_needed(tmp_path: Path) -> None:
    """Debian's Python lacks ensurepip unless python3-venv is installed."""
    for name in ("python3.11", "python3"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; *) exit 0;; esac\n")
        program.chmod(0o755)
    script, tools = tmp_path / "repository" / ".ci" / "run", {"bash", "dirname"}
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", script)
    for tool in tools:
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    done = subprocess.run([script], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "found none" in done.stderr
    assert "apt-get install python3-venv" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("failing", ["", "pip", "ruff", "mypy", "lint-imports", "bandit", "mkdocs", "pytest"])
def test_a_failing_check_ends_ci(failing: str, tmp_path: Path) -> None:
    script, tools = tmp_path / "repository" / ".ci" / "run", tmp_path / "tools"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", script)
    tools.mkdir()
    programs = ["pip", "ruff", "mypy", "lint-imports", "bandit", "mkdocs", "pytest"]
    bodies = {name: f"echo {name} says $1; exit {int(name == failing)}" for name in programs}
    for name, body in {**bodies, "python3.11": "test $2 != venv || mkdir -p .ci/venv"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    done = subprocess.run([script], env={"PATH": f"{tools}:/bin:/usr/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == int(failing != ""), done.stderr
    said = [line.split()[0] for line in done.stdout.splitlines() if " says" in line]
    checks = ["ruff", "ruff", *programs[2:-1]]
    ran = ["pip"] if failing == "pip" else ["pip", *checks] if failing in checks else ["pip", *checks, "pytest"]
    assert said == ran


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
