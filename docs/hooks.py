"""MkDocs hooks: pages say ``{{ name }}`` where a table or list is generated, so that it cannot go stale."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from caldp.domain.exit_codes import ExitCode, is_memory_error, meaning
from caldp.domain.settings import PROFILES, Settings, describe

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


def _exit_codes(_docs: Path) -> str:
    rows = [(str(int(code)), f"`{code.name}`", meaning(code), "yes" * is_memory_error(code)) for code in ExitCode]
    return _table(("Status", "Name", "Meaning", "Memory"), rows)


def _settings(_docs: Path) -> str:
    defaults = Settings(profile="")
    return _table(
        ("Setting", "Environment variable", "Default", "Meaning"),
        [
            (_code(item.name), _code(item.env), _code(_shown(getattr(defaults, item.name))), item.doc)
            for item in describe()
        ],
    )


def _profiles(_docs: Path) -> str:
    """Put the profiles that we ship side by side."""
    names = [setting.name for setting in describe() if any(setting.name in values for values in PROFILES.values())]
    rows = [(_code(name), *(_code(_shown(values.get(name))) for values in PROFILES.values())) for name in names]
    return _table(("Setting", *PROFILES), rows)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return "" if value is None else str(getattr(value, "value", value))


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


_GENERATED: dict[str, Callable[[Path], str]] = {
    "decisions": _decisions,
    "exit_codes": _exit_codes,
    "profiles": _profiles,
    "settings": _settings,
}
