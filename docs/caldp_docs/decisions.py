"""The list of decisions."""

from __future__ import annotations

from pathlib import Path


def listed(docs: Path) -> str:
    """List the pages of decisions by file name, which begins with the date."""
    pages = sorted(page for page in (docs / "decisions").glob("*.md") if page.name != "index.md")
    return "\n".join(f"- [{_title(page)}]({page.name})" for page in pages)


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
