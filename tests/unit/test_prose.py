"""Docstrings begin with a noun or a verb: no headless clause, no riddle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADLESS = re.compile(
    r"(?:What|Who|Whom|Whose|Where|How|Whether|Which|Why|When)(?:ever)?\b|That \w+ "
    r"|(?:Is|Are) (?:told|given|called)\b|Says (?:what|where|how|which)\b"
)
"""Beginnings of a clause whose subject a reader would have to guess."""

Documented = ast.Module | ast.ClassDef | ast.FunctionDef


def documented(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield name and docstring of a module, of its classes and functions, and of attributes that have one."""
    for node in ast.walk(tree):
        if isinstance(node, Documented) and (text := ast.get_docstring(node)):
            yield getattr(node, "name", "module"), text
        if isinstance(node, ast.Module | ast.ClassDef):
            for before, after in zip(node.body, node.body[1:], strict=False):
                match before, after:
                    case (ast.Assign() | ast.AnnAssign(), ast.Expr(value=ast.Constant(value=str() as text))):
                        yield ast.unparse(before).partition(":")[0], text


def descriptions(docstring: str) -> Iterator[str]:
    """Yield the descriptions of parameters, attributes and results in a numpydoc docstring."""
    yield from re.findall(r"^[\w*][\w*, .`]*\n {4}(\S.*)$", docstring, re.MULTILINE)


@pytest.mark.parametrize("room", ["src", "tests", "benchmarks", "docs"])
def test_docstrings_begin_with_a_noun_or_a_verb(room: str) -> None:
    headless = [
        f"{path.relative_to(ROOT)}: {name}: {text.splitlines()[0]}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name, text in documented(ast.parse(path.read_text(encoding="utf-8")))
        if HEADLESS.match(text)
    ]
    assert headless == []


def test_descriptions_of_parameters_begin_with_a_noun_or_a_verb() -> None:
    headless = [
        f"{path.relative_to(ROOT)}: {name}: {description}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for name, text in documented(ast.parse(path.read_text(encoding="utf-8")))
        for description in descriptions(text)
        if HEADLESS.match(description)
    ]
    assert headless == []


@pytest.mark.parametrize(
    ("text", "is_headless"),
    [
        ("What an output holds.", True),
        ("Whether it is so.", True),
        ("Whatever it takes.", True),
        ("Is told what happens.", True),
        ("Callback for run events.", False),
        ("Tell whether it is so.", False),
        ("Whole runs.", False),
    ],
)
def test_a_headless_clause_is_recognised(text: str, is_headless: bool) -> None:
    assert bool(HEADLESS.match(text)) is is_headless
