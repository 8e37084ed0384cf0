"""The check of the documentation finds what is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BROKEN = """
[a page that is not there](nowhere.md)
[a heading that is not there](index.md#nowhere)
[a heading of this page that is not there](#nowhere)
[a place on the server](/nowhere)
[a folder](reference/)
[an object that is not there][caldp.nowhere]
"""
WARNINGS = (
    "'nowhere.md', but the target is not found",
    "does not contain an anchor '#nowhere'",
    "there is no such anchor on this page",
    "absolute link '/nowhere'",
    "unrecognized relative link 'reference/'",
    "Could not find cross-reference target 'caldp.nowhere'",
    "unlisted.md",
)


def command(site: Path) -> list[str]:
    """Return the command of the check, for this interpreter."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (words,) = project["tool"]["tox"]["env"]["docs"]["commands"]
    return [sys.executable, "-m", *(word.replace("{env_tmp_dir}", str(site)) for word in words)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The configuration of the project, with three short pages: to build its own takes half a minute."""
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "docs" / "caldp_docs", docs / "caldp_docs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "docs" / "hooks.py", docs)
    pages = ("index.md", "tutorial.md", "reference/settings.md")
    for page in pages:
        (docs / page).parent.mkdir(exist_ok=True)
        (docs / page).write_text(f"# {page}\n", encoding="utf-8")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[0]
    (tmp_path / "mkdocs.yml").write_text(f"{settings}\nnav: [{', '.join(pages)}]\n", encoding="utf-8")
    (tmp_path / "src").symlink_to(ROOT / "src")
    return tmp_path


@pytest.mark.docs
def test_a_broken_link_fails_the_check(site: Path) -> None:
    (site / "docs" / "unlisted.md").write_text("# Not in the table of contents\n", encoding="utf-8")
    (site / "docs" / "tutorial.md").write_text(f"# Broken\n{BROKEN}", encoding="utf-8")
    done = subprocess.run(command(site), cwd=site, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert [words for words in WARNINGS if words not in done.stderr] == [], done.stderr
    assert done.stderr.count("WARNING -") == len(WARNINGS), done.stderr
