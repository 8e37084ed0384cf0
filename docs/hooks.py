"""MkDocs hooks: pages say ``{{ name }}`` where a table or list is generated, so that it cannot go stale."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MARK = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)


def on_page_markdown(markdown: str, config: Any, **_rest: Any) -> str:
    """Put generated text in the place of each mark; an unknown mark fails the build."""
    return _MARK.sub(lambda mark: _GENERATED[mark[1]](Path(config["docs_dir"])), markdown)


def _decisions(docs: Path) -> str:
    """List the pages of decisions by file name, which begins with the date."""
    pages = sorted(page for page in (docs / "decisions").glob("*.md") if page.name != "index.md")
    return "\n".join(f"- [{_title(page)}]({page.name})" for page in pages)


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


_GENERATED: dict[str, Callable[[Path], str]] = {"decisions": _decisions}
