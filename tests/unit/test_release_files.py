"""Files of a release: fragments of changes, the citation, the workflow."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("added", "changed", "deprecated", "removed", "fixed")


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def workflow() -> dict[str, Any]:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_distribution_is_later_than_the_public_program() -> None:
    """crds.client.api asks this distribution for its version when the context of a build is wanted."""
    assert Version(version("caldp")) > Version("0.2.28")


def test_every_fragment_has_a_name_that_towncrier_knows() -> None:
    fragments = [path.name for path in (ROOT / "changes").iterdir() if path.name != "README.md"]
    assert [name for name in fragments if not re.fullmatch(rf"\+[a-z0-9-]+\.({'|'.join(KINDS)})\.md", name)] == []


def test_fragments_become_a_section_above_the_older_ones(tmp_path: Path) -> None:
    place = tmp_path / "clone"
    (place / "changes").mkdir(parents=True)
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, place)
    for kind in KINDS:
        (place / "changes" / f"+one.{kind}.md").write_text(f"Thing that was {kind}.\n")
    words = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", "9.9.9", "--date", "2030-01-31"]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 0, done.stderr
    text, before = ((where / "CHANGELOG.md").read_text(encoding="utf-8") for where in (place, ROOT))
    section = text[text.index("## 9.9.9 (2030-01-31)") :]
    assert re.findall(r"^- (.*)$", section, re.MULTILINE)[: len(KINDS)] == [f"Thing that was {kind}." for kind in KINDS]
    head, marker, rest = before.partition("<!-- towncrier release notes start -->\n")
    assert text.startswith(head + marker)
    assert text.rstrip().endswith(rest.strip())


def test_the_citation_says_what_the_project_says() -> None:
    citation: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    ours = project()
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert citation["title"] == ours["name"]
    assert citation["authors"] == ours["authors"]
    assert citation["license"] == ours["license"]
    assert citation["abstract"].rstrip(".") == ours["description"]
    assert citation["keywords"] == ours["keywords"]
    assert set(citation) == {"cff-version", "message", "title", "abstract", "type", "authors", "keywords", "license"}


def test_only_a_tag_publishes_and_what_builds_cannot() -> None:
    jobs = workflow()["jobs"]
    assert workflow()["permissions"] == {"contents": "read"}
    assert "permissions" not in jobs["distributions"]
    assert jobs["publish"]["if"] == "github.ref_type == 'tag'"
    assert jobs["publish"]["environment"] == "release"
    assert not [step for step in jobs["publish"]["steps"] if "checkout" in step.get("uses", "")]
    writing = [step for step in jobs["image"]["steps"] if re.search("push|attest", str(step))]
    assert len(writing) == 2
    assert {step["if"] for step in writing} == {"github.ref_type == 'tag'"}


@pytest.mark.parametrize("job", ["distributions", "publish", "image"])
def test_no_text_from_outside_is_put_into_a_script(job: str) -> None:
    """Names of tags and branches reach scripts as variables, which no shell takes for code."""
    scripts = [step["run"] for step in workflow()["jobs"][job]["steps"] if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []
