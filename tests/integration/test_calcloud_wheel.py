"""Wheel for CALCLOUD's lambdas: ours and attrs, nothing else. The whole contract's tests must pass with it."""

import json
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACT_TESTS = REPOSITORY / "tests" / "unit" / "calcloud"
TEST_TOOLS = ("pytest", "iniconfig", "packaging", "pluggy", "pygments")
PYTEST_INI = "[pytest]\naddopts = -p no:cacheprovider --import-mode=importlib -W error\n"
TEST_OF_THE_PLACE = """
import sys
import caldp

def test_it_is_the_installed_caldp():
    assert caldp.__file__.startswith(sys.prefix)
"""


def run(python: Path, *arguments: str, cwd: Path, path: Path | None = None) -> str:
    """Run a Python that knows nothing of our environment; what it prints, or a failure that shows it."""
    done = subprocess.run(
        [str(python), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PYTHONPATH": str(path)} if path else {},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_distributions(names: Iterable[str], destination: Path) -> None:
    """Copy installed packages, so that the test needs no network."""
    for name in names:
        for file in metadata.files(name) or []:
            if ".." not in file.parts:
                target = destination / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)


@pytest.fixture(scope="module")
def lambda_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has our wheel and attrs."""
    base = tmp_path_factory.mktemp("lambda")
    run(Path(sys.executable), "-m", "hatchling", "build", "-t", "wheel", "-d", str(base), cwd=REPOSITORY)
    (wheel,) = base.glob("caldp-*.whl")
    venv.create(base / "venv", with_pip=True)
    python = base / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-index", "--no-deps", str(wheel), cwd=base)
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=base)
    copy_distributions(["attrs"], Path(packages.strip()))
    return python


def test_the_environment_has_the_wheel_and_attrs_only(lambda_python: Path, tmp_path: Path) -> None:
    listing = json.loads(run(lambda_python, "-m", "pip", "list", "--format=json", cwd=tmp_path))
    assert {package["name"] for package in listing} - {"pip", "setuptools"} == {"attrs", "caldp"}


def test_scripts_to_be_sourced_are_installed_beside_the_commands(lambda_python: Path) -> None:
    names = ("caldp-config-aws", "caldp-config-offsite", "caldp-config-onsite", "caldp-image-config")
    for name in names:
        installed = lambda_python.with_name(name)
        assert installed.read_text() == (REPOSITORY / "scripts" / name).read_text()
        assert not installed.is_symlink()
    assert lambda_python.with_name("caldp").exists()


def test_the_whole_contracts_tests_pass_there(lambda_python: Path, tmp_path: Path) -> None:
    tools, tests = tmp_path / "tools", tmp_path / "tests"
    copy_distributions(TEST_TOOLS, tools)
    shutil.copytree(CONTRACT_TESTS, tests, ignore=shutil.ignore_patterns("__pycache__"))
    (tests / "pytest.ini").write_text(PYTEST_INI)
    (tests / "test_place.py").write_text(TEST_OF_THE_PLACE)
    report = run(lambda_python, "-m", "pytest", "-q", str(tests), cwd=tests, path=tools)
    summary = re.fullmatch(r"(\d+) passed in .*", report.splitlines()[-1])
    assert summary, report
    assert int(summary[1]) > 300, "too few tests ran"


def test_nothing_else_is_loaded(lambda_python: Path, tmp_path: Path) -> None:
    script = (
        "import sys, json; before = set(sys.modules)\n"  # a sitecustomize, as Debian has one, is not ours
        "import caldp.calcloud, caldp.exit_codes, caldp.sysexit; print(json.dumps(list(set(sys.modules) - before)))"
    )
    loaded = json.loads(run(lambda_python, "-I", "-c", script, cwd=tmp_path))
    roots = {name.partition(".")[0] for name in loaded}
    assert roots - set(sys.stdlib_module_names) == {"attr", "attrs", "caldp"}
