"""Commands that install packages here, by the traces of each installer."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from caldp.adapters.health import installers
from caldp.adapters.health.installers import find_installers
from caldp.adapters.support.constraints import constraints_file
from caldp.domain.calibration.engines import Installers
from caldp.domain.errors import CaldpError


def program(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


@pytest.fixture
def _with_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which pip is installed, whatever made that of the tests."""
    monkeypatch.setattr(installers, "find_spec", lambda _name: ModuleSpec("pip", None))


@pytest.mark.usefixtures("_with_pip")
def test_the_active_environments_own_pip_is_called_by_its_name(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "pip")
    assert find_installers({"PATH": str(tmp_path / "bin")}, tmp_path).python == "pip install --constraint"


@pytest.mark.usefixtures("_with_pip")
def test_of_an_environment_that_is_not_active_the_python_is_named(tmp_path: Path) -> None:
    program(tmp_path / "other" / "pip")
    found = find_installers({"PATH": str(tmp_path / "other")}, Path("/my env"))
    assert found.python == "'/my env/bin/python' -m pip install --constraint"


def test_an_environment_of_uv_has_no_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installers, "find_spec", lambda _name: None)
    assert find_installers({}, tmp_path).python == f"uv pip install --python {tmp_path}/bin/python --constraints"


def test_a_tool_of_uv_is_installed_anew(tmp_path: Path) -> None:
    (tmp_path / "uv-receipt.toml").touch()
    assert find_installers({}, tmp_path).python == "uv tool install --force --constraints"


@pytest.mark.parametrize(
    ("environment", "tool", "command"),
    [
        ({}, "conda", ""),
        ({"CONDA_PREFIX": "/c"}, "conda", "conda install --channel conda-forge"),
        ({"CONDA_PREFIX": "/c"}, "micromamba", "micromamba install --channel conda-forge"),
        ({"CONDA_PREFIX": "/c", "PIXI_PROJECT_MANIFEST": "/p/pixi.toml"}, "conda", "pixi add"),
    ],
)
def test_packages_of_conda_forge_go_into_the_active_environment(
    environment: dict[str, str], tool: str, command: str, tmp_path: Path
) -> None:
    program(tmp_path / tool)
    assert find_installers({**environment, "PATH": str(tmp_path)}, tmp_path).conda == command


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_every_command_is_one_that_a_shell_understands(shell: str, tmp_path: Path) -> None:
    """Stand-ins write down how they are called, and the file of constraints is one word of its call."""
    for name in ("conda", "pip", "caldp"):
        program(tmp_path / name)
        (tmp_path / name).write_text(f'#!/bin/sh\nprintf "[%s]" {name} "$@" >> {tmp_path}/log\necho "/a b/c.txt"\n')
    command = Installers().command(("calacs.e", "runastrodriz"))
    path = f"{tmp_path}:{os.defpath}"
    done = subprocess.run(
        [shutil.which(shell) or shell, "-c", f"{command} && echo $PATH"],
        env={"PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    said = (tmp_path / "log").read_text()
    assert said.startswith("[conda][create][--yes][--name][hstcal][--channel][conda-forge][hstcal]")
    assert said.endswith("[caldp][constraints][--path][pip][install][--constraint][/a b/c.txt][caldp[engines]]")
    assert done.stdout.splitlines()[-1] == f"{path}:/a b/c.txt/bin", "other programs of that environment come last"


def test_constraints_of_a_wheel_win_over_those_of_a_clone(tmp_path: Path) -> None:
    package = tmp_path / "src" / "caldp"
    package.mkdir(parents=True)
    with pytest.raises(CaldpError):
        constraints_file(package)
    (tmp_path / "constraints.txt").write_text("clone\n")
    assert constraints_file(package).read_text() == "clone\n"
    (package / "constraints.txt").write_text("wheel\n")
    assert constraints_file(package).read_text() == "wheel\n"
