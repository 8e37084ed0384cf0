"""MkDocs hooks: pages say ``{{ name }}`` where a table or list is generated, so that it cannot go stale."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from caldp_docs import commands, decisions, modes, records, staleness, tables
from mkdocs.structure.files import File

_MARK: Final = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)

_GENERATED: Final[dict[str, Callable[[Path], str]]] = {
    "bookkeeping": lambda _docs: staleness.bookkeeping(),
    "commands": lambda _docs: commands.reference(),
    "decisions": decisions.listed,
    "engine_variables": lambda _docs: tables.engine_variables(),
    "exit_codes": lambda _docs: tables.exit_codes(),
    "lock": lambda _docs: records.lock(),
    "layouts": lambda _docs: tables.layouts(),
    "modes": modes.modes,
    "profiles": lambda _docs: tables.profiles(),
    "readers": lambda _docs: staleness.readers(),
    "readme_commands": lambda _docs: tables.readme_commands(),
    "recipes": lambda _docs: tables.recipes(),
    "record": lambda _docs: records.schema(),
    "regions": lambda _docs: staleness.regions(),
    "rungs": lambda _docs: staleness.rungs(),
    "selecting_columns": lambda _docs: staleness.selecting_columns(),
    "settings": lambda _docs: tables.settings(),
    "volatile_cards": lambda _docs: records.volatile_cards(),
}


_FILES: Final[dict[str, Callable[[], str]]] = {
    "reference/record.schema.json": records.json_schema,
    "reference/lock.schema.json": records.lock_json_schema,
}
"""Files of the site that are generated as a whole."""


def on_files(files: Any, config: Any) -> Any:
    """Add the generated files."""
    for path, make in _FILES.items():
        files.append(File.generated(config, path, content=make()))
    return files


def on_page_markdown(markdown: str, config: Any, **_rest: Any) -> str:
    """Put generated text in the place of each mark; an unknown mark fails the build."""
    return _MARK.sub(lambda mark: _GENERATED[mark[1]](Path(config["docs_dir"])), markdown)
