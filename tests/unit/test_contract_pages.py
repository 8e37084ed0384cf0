"""Pages of agreed and measured facts, and the tests that rest on them, cite each other by names that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "reference" / "contracts").glob("*.md"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "index.md"], ids=lambda page: page.stem)
def test_a_page_names_the_tests_that_rest_on_it(page: Path) -> None:
    cited = re.findall(r"`(tests/[^`]+)`", page.read_text(encoding="utf-8"))
    assert cited
    assert [path for path in cited if not (ROOT / path).exists()] == []


def test_pages_that_modules_cite_exist() -> None:
    modules = [path for room in ("src", "tests", "benchmarks") for path in (ROOT / room).rglob("*.py")]
    cited = {
        page: path.name
        for path in modules
        for page in re.findall(r"docs/reference/contracts/[\w-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert len(cited) > 5
    assert {page: module for page, module in cited.items() if not (ROOT / page).exists()} == {}


def test_no_module_cites_facts_by_a_section_number() -> None:
    """Sections of a document beside the repository are unknown to whoever has the repository alone."""
    modules = [path for room in ("src", "tests", "benchmarks") for path in (ROOT / room).rglob("*.py")]
    document = "CONTRACTS" + ", section"
    assert [str(path) for path in modules if document in path.read_text(encoding="utf-8")] == []
