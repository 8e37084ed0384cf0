"""The recipe for conda-forge asks for what pyproject.toml asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"astropy": "astropy-base", "isal": "python-isal", "matplotlib": "matplotlib-base"}
"""Names of conda-forge that differ: parts that leave out what caldp does not use, and a package of another language."""


def recipe() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
    return found


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return found


def in_conda(requirements: list[str]) -> list[str]:
    parsed = [Requirement(line) for line in requirements]
    return [f"{NAMES.get(each.name, each.name)} {each.specifier}" for each in parsed]


def test_requirements_are_those_of_the_project() -> None:
    found, ours = recipe()["requirements"], project()["project"]
    python = f"python {ours['requires-python']}"
    assert found["run"] == [python, *in_conda(ours["dependencies"])]
    assert found["run_constraints"] == in_conda(ours["optional-dependencies"]["engines"])
    assert found["host"] == [python, "pip", *in_conda(project()["build-system"]["requires"])]


def test_commands_and_licence_are_those_of_the_project() -> None:
    ours = project()["project"]
    assert recipe()["build"]["python"]["entry_points"] == [f"{name} = {what}" for name, what in ours["scripts"].items()]
    assert recipe()["about"]["summary"] == ours["description"]
    assert recipe()["about"]["license"] == ours["license"]
    assert (ROOT / recipe()["about"]["license_file"]).is_file()
