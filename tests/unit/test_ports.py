"""Each port has one contract suite and one fake, in files of its own name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


def classes(path: Path) -> list[ast.ClassDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]


def methods(node: ast.ClassDef) -> set[tuple[str, ...]]:
    """List the methods of a class, each with the names of its parameters."""
    functions = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    return {(each.name, *(one.arg for one in each.args.args)) for each in functions}


PROTOCOLS = {
    path.stem: (node.name, methods(node))
    for path in (ROOT / "src" / "caldp" / "app" / "ports").glob("*.py")
    for node in classes(path)
    if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
}
"""Protocol and its methods, by the name of the port's file."""


def test_a_file_holds_one_port() -> None:
    assert len(PROTOCOLS) >= 8
    assert {port.replace("_", "") for port in PROTOCOLS} == {name.lower() for name, _ in PROTOCOLS.values()}


@pytest.mark.parametrize("folder", ["contracts", "fakes"])
def test_suites_and_fakes_are_named_as_the_ports_are(folder: str) -> None:
    assert {path.stem for path in (TESTS / folder).glob("[!_]*.py")} == PROTOCOLS.keys()


@pytest.mark.parametrize("port", PROTOCOLS)
def test_a_suite_is_run_by_the_fake_and_by_an_adapter(port: str) -> None:
    suite = f"{PROTOCOLS[port][0]}Contract"
    assert suite in {node.name for node in classes(TESTS / "contracts" / f"{port}.py")}
    fake = TESTS / "unit" / "fakes" / f"test_{port}.py"
    assert f"({suite})" in fake.read_text(encoding="utf-8")
    assert f"tests.fakes.{port} import" in fake.read_text(encoding="utf-8")
    others = {path for path in TESTS.rglob("test_*.py") if suite in path.read_text(encoding="utf-8")} - {fake}
    assert others, "no adapter is held to the contract"


def test_nothing_but_the_fakes_stands_for_a_port() -> None:
    """A second double would be held to no contract."""
    files = [path for path in TESTS.rglob("*.py") if path.parent.name not in ("fakes", "contracts")]
    doubles = [
        f"{path.name}: {node.name}"
        for path in files
        for node in classes(path)
        for _, needed in PROTOCOLS.values()
        if not node.bases and needed <= methods(node)
    ]
    assert doubles == []
