"""The program that combines exposures: only for a calcos that pip has installed for this very interpreter."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from caldp.adapters.engines import combination
from caldp.adapters.engines.combination import PROVEN, combination_of

SCRIPT = f"#!{sys.executable}\nimport sys\nfrom calcos import main\nsys.exit(main())\n"
METADATA = "Metadata-Version: 2.1\nName: calcos\nVersion: 3.6.2\n"


@pytest.fixture
def calcos(tmp_path: Path, mocker: MockerFixture) -> Path:
    """A calcos as pip installs it, in what is said to be the directory of our programs."""
    package = tmp_path / "lib" / "python3.11" / "site-packages" / "calcos-3.6.2.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text(METADATA)
    program = tmp_path / "bin" / "calcos"
    program.parent.mkdir()
    program.write_text(SCRIPT)
    program.chmod(0o755)
    mocker.patch.object(sysconfig, "get_path", return_value=str(program.parent))
    return program


def test_our_own_calcos(calcos: Path) -> None:
    assert combination_of("calcos", calcos, {}) == (
        sys.executable, "-P", str(Path(combination.__file__).with_name("cos_combination.py"))
    )  # fmt: skip


def test_a_calcos_of_another_place(calcos: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "bin" / "calcos"
    other.parent.mkdir(parents=True)
    shutil.copy(calcos, other)
    assert combination_of("calcos", other, {}) == ()


@pytest.mark.parametrize(
    "script",
    ["#!/bin/sh\nexec calcos -s $@\n", "", "#!/usr/bin/env python3\n", "#!/no/such/python\n", f"#!{os.devnull}\n"],
)
def test_a_script_of_somebody_else_in_its_place(script: str, calcos: Path) -> None:
    calcos.write_text(script)
    assert combination_of("calcos", calcos, {}) == ()


def test_a_version_that_is_not_proven(calcos: Path, mocker: MockerFixture) -> None:
    later = evolve(PROVEN["calcos"], versions=frozenset({"3.7.0"}))
    mocker.patch.dict(combination.PROVEN, {"calcos": later})
    assert combination_of("calcos", calcos, {}) == ()


def test_a_calcos_without_a_package(calcos: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "lib")
    assert combination_of("calcos", calcos, {}) == ()


def test_a_package_that_python_would_find_first(calcos: Path, tmp_path: Path) -> None:
    (tmp_path / "mine" / "calcos").mkdir(parents=True)
    elsewhere = {"PYTHONPATH": f"{tmp_path / 'nothing'}:{tmp_path / 'mine'}"}
    assert combination_of("calcos", calcos, elsewhere) == ()
    assert combination_of("calcos", calcos, {"PYTHONPATH": str(tmp_path / "nothing")}) != ()


def test_another_engine(calcos: Path) -> None:
    assert combination_of("runastrodriz", calcos.with_name("runastrodriz"), {}) == ()
