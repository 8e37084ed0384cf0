"""Extension of Sphinx: generated text and files, and links to the names in docstrings.

Pages say ``{{ name }}`` where a table or list is generated, so that it cannot go stale.
"""

from __future__ import annotations

import ast
import inspect
import posixpath
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pydoc import locate
from typing import Any, Final

from docutils import nodes
from pygments.lexers import TextLexer
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.roles import XRefRole

import caldp
from caldp_docs import commands, modes, records, staleness, tables

_MARK: Final = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)

_GENERATED: Final[dict[str, Callable[[Path], str]]] = {
    "bookkeeping": lambda _docs: staleness.bookkeeping(),
    "commands": lambda _docs: commands.reference(),
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

_TOGETHER: Final = re.compile(r"^(?P<names>\w+(?:, \w+)+)\n(?P<text>(?:    .*\n|\n(?=    ))+)", re.MULTILINE)

_FILES: Final[dict[str, Callable[[], str]]] = {
    "reference/record.schema.json": records.json_schema,
    "reference/lock.schema.json": records.lock_json_schema,
}
"""Files of the site that are generated as a whole."""


def fill_in(app: Sphinx, _page: str, source: list[str]) -> None:
    """Put generated text in the place of each mark; an unknown mark fails the build."""
    source[0] = _MARK.sub(lambda mark: _GENERATED[mark[1]](Path(app.srcdir)), source[0])


def write_files(app: Sphinx, error: Exception | None) -> None:
    """Add the generated files."""
    for name, make in {} if error else _FILES.items():
        file = Path(app.outdir) / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(make(), encoding="utf-8")


def link_files(app: Sphinx, page: nodes.document) -> None:
    """Let links lead to the generated files, which are none of the source's."""
    name = app.env.docname
    for node in list(page.findall(pending_xref)):
        file = posixpath.normpath(posixpath.join(posixpath.dirname(name), node["reftarget"]))
        if node["reftype"] == "myst" and file in _FILES:
            address = posixpath.relpath(file, app.builder.get_target_uri(name))
            node.replace_self(nodes.reference("", "", *node.children, internal=True, refuri=address))


def import_types(_app: Sphinx, item: Any, _is_method: bool) -> None:
    """Import the names that a module imports for type checkers only, for the types in its signatures."""
    module = inspect.getmodule(item)
    for block in ast.parse(inspect.getsource(module)).body if module else ():
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for line in filter(lambda line: isinstance(line, ast.ImportFrom), block.body):
                for name in line.names:
                    setattr(module, name.asname or name.name, getattr(import_module(line.module), name.name))


def complete_docstring(_app: Sphinx, what: str, _name: str, _item: Any, _options: Any, lines: list[str]) -> None:
    """Give attributes that a class describes together an entry each. Keep the first line of what is no function.

    Napoleon would take what is before a colon there for a type; an empty comment comes before it.
    """
    if what == "class":
        lines[:] = _TOGETHER.sub(_each_by_itself, "\n".join([*lines, ""])).splitlines()
    elif what in {"attribute", "data", "property"}:
        lines[:0] = ["..", ""]


def _each_by_itself(entry: re.Match[str]) -> str:
    return "".join(f"{name}\n{entry['text']}" for name in entry["names"].split(", "))


def find_homes(_app: Sphinx, page: nodes.document) -> None:
    """Complete the names in docstrings and signatures. One that exists need not have an entry in the site."""
    for node in page.findall(pending_xref):
        if "refspecific" in node or "may_lack" in node:
            name = node["reftarget"]
            item = getattr(sys.modules.get(node.get("py:module")), name, None) or getattr(caldp, name, locate(name))
            node["may_lack"] = "may_lack" in node or item is not None
            if inspect.isclass(item) or inspect.isfunction(item):
                node["reftarget"] = f"{item.__module__}.{item.__qualname__}".removeprefix("builtins.")


def draw_dashes(_app: Sphinx, page: nodes.document) -> None:
    """Draw the dash between a parameter and its meaning, which Sphinx writes as two hyphens."""
    for text in list(page.findall(lambda node: isinstance(node, nodes.Text) and node == " -- ")):
        text.parent.replace(text, nodes.Text(" \N{EN DASH} "))


def leave_unlinked(_app: Sphinx, _env: Any, node: Any, content: Any) -> Any:
    """Make code, without a link, of a name in a docstring or signature that the site has no entry for."""
    return content if node.get("may_lack") else None


class _Mentioned(XRefRole):
    """Role of `names` in docstrings: a link if the site documents the name, else only code."""

    def process_link(self, env: Any, node: Any, *rest: Any) -> tuple[str, str]:
        node["may_lack"] = True
        node["refdomain"], node["reftype"] = "py", "obj"
        node["py:module"], node["py:class"] = env.ref_context.get("py:module"), env.ref_context.get("py:class")
        return super().process_link(env, node, *rest)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add all of it to a build."""
    (attributes,) = (field for field in PyObject.doc_field_types if field.name == "variable")
    attributes.label = "Attributes"
    app.connect("source-read", fill_in)
    app.connect("build-finished", write_files)
    app.connect("autodoc-before-process-signature", import_types)
    app.connect("autodoc-process-docstring", complete_docstring, priority=400)  # napoleon's is 500
    app.connect("doctree-read", link_files)
    app.connect("doctree-read", find_homes)
    app.connect("doctree-read", draw_dashes)
    app.connect("missing-reference", leave_unlinked, priority=800)  # after the inventories of others
    app.add_lexer("csv", TextLexer)
    app.add_role("mentioned", _Mentioned())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
