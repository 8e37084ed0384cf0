"""The check of the documentation finds what is broken."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGES = ("tutorial", "reference/settings")
BROKEN = """
[a page that is not there](nowhere.md)
[a heading that is not there](index.md#nowhere)
[a heading of this page that is not there](#nohow)
[a place on the server](/no/server)
[a folder](reference/)
![a picture that is not there](nowhere.png)
{py:func}`caldp.nowhere`
{py:class}`caldp.domain.run.settings.Settings`

```{eval-rst}
.. autofunction:: caldp.api.nowhere
.. autofunction:: example.untyped
```
"""
WARNINGS = (
    "target not found: 'nowhere.md'",
    "local id not found in doc 'index': 'nowhere'",
    "target not found: 'nohow'",
    "target not found: '/no/server'",
    "target not found: 'reference/'",
    "image file not readable: nowhere.png",
    "py:func reference target not found: caldp.nowhere",
    "py:class reference target not found: caldp.domain.run.settings.Settings",
    "failed to import 'nowhere' from module 'caldp.api'",
    "py:class reference target not found: Nothing",
    "unlisted.md: WARNING: document isn't included in any toctree",
)

EXAMPLE = '''
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caldp.domain.run.settings import Settings


class Place:
    """A place.

    Attributes
    ----------
    near, far
        Distances.
    """

    near: int
    far: float

    @property
    def name(self) -> str:
        """Its name: a word."""


def find(settings: Settings) -> Place:
    """Find a `Place` by `settings`."""


def untyped(thing: Nothing) -> None:
    """Do nothing."""
'''


def command(site: Path) -> list[str]:
    """Return the command of the check, for this interpreter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (words,) = project["tool"]["tox"]["env"]["docs"]["commands"]
    assert words[0] == "sphinx-build"
    return [sys.executable, "-m", "sphinx", *(word.replace("{env_tmp_dir}", str(site)) for word in words[1:])]


def build(site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(site), cwd=site, capture_output=True, text=True, check=False)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The configuration of the project, with three short pages: to build its own takes half a minute."""
    docs = tmp_path / "docs"
    for folder in ("caldp_docs", "static"):
        shutil.copytree(ROOT / "docs" / folder, docs / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    (docs / "example.py").write_text(EXAMPLE, encoding="utf-8")
    for page in PAGES:
        (docs / page).parent.mkdir(exist_ok=True)
        (docs / f"{page}.md").write_text(f"# {page}\n", encoding="utf-8")
    contents = "\n".join(PAGES)
    (docs / "index.md").write_text(f"# Site\n\n```{{toctree}}\n{contents}\n```\n", encoding="utf-8")
    return tmp_path


@pytest.mark.docs
def test_a_broken_link_fails_the_check(site: Path) -> None:
    (site / "docs" / "unlisted.md").write_text("# Not in the table of contents\n", encoding="utf-8")
    (site / "docs" / "tutorial.md").write_text(f"# Broken\n{BROKEN}", encoding="utf-8")
    done = build(site)
    assert done.returncode != 0
    assert [words for words in WARNINGS if words not in done.stderr] == [], done.stderr
    assert done.stderr.count("WARNING: ") == len(WARNINGS), done.stderr


@pytest.mark.docs
def test_an_unknown_mark_fails_the_check(site: Path) -> None:
    (site / "docs" / "tutorial.md").write_text("# Mark\n\n{{ nowhere }}\n", encoding="utf-8")
    done = build(site)
    assert done.returncode != 0
    assert "KeyError" in done.stderr or "'nowhere'" in done.stderr, done.stderr


@pytest.mark.docs
def test_generated_parts_and_docstrings_are_whole(site: Path) -> None:
    directives = ".. autoclass:: example.Place\n   :members:\n.. autofunction:: example.find"
    text = f"# Settings\n\n{{{{ settings }}}}\n\n[Schema](record.schema.json)\n\n```{{eval-rst}}\n{directives}\n```\n"
    (site / "docs" / "reference" / "settings.md").write_text(text, encoding="utf-8")
    done = build(site)
    assert (done.returncode, done.stderr) == (0, "")
    page = (site / "site" / "reference" / "settings" / "index.html").read_text(encoding="utf-8")
    words = " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())
    assert "CALDP_" in words
    assert "near (int) \N{EN DASH} Distances." in words
    assert "far (float) \N{EN DASH} Distances." in words
    assert "Its name: a word." in words
    assert "settings: Settings" in words
    assert page.count('href="#example.Place"') >= 2
    schema = site / "site" / "reference" / "settings" / unescape(re.findall(r'href="([^"]*schema\.json)"', page)[0])
    assert json.loads(schema.read_text(encoding="utf-8"))["properties"]["schema"]
