"""Versions from tags, with a real git: clones of every kind, an sdist, and the context of an image's build."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parents[3]
PUBLIC = Version("0.2.28")
"""The last version of the public program, which the CRDS library must not take for the newer one."""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CALDP"))}
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
    return {**kept, **author, "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org", **more}


def git(place: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=place, env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def version_in(place: Path, **more: str) -> str:
    script = str(place / "scripts" / "version.py")
    done = subprocess.run(
        [sys.executable, script], cwd="/", env=environment(**more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with two commits and no tag."""
    place = tmp_path / "clone"
    (place / "scripts").mkdir(parents=True)
    shutil.copy(REPOSITORY / "scripts" / "version.py", place / "scripts")
    git(place, "init", "--quiet")
    git(place, "add", ".")
    git(place, "commit", "--quiet", "--message", "first")
    git(place, "commit", "--quiet", "--message", "second", "--allow-empty")
    return place


@pytest.mark.parametrize("tag", ["v0.3.0", "v0.3.0rc1", "v1.12.0"])
def test_a_tag_is_the_version(clone: Path, tag: str) -> None:
    git(clone, "tag", tag)
    assert version_in(clone) == tag[1:]


@pytest.mark.parametrize(
    ("tag", "following"),
    [("v0.3.0", "0.3.1.dev1"), ("v0.4.9", "0.4.10.dev1"), ("v1.0.0rc1", "1.0.0rc2.dev1")],
)
def test_a_commit_after_a_tag_is_on_its_way_to_the_next(clone: Path, tag: str, following: str) -> None:
    git(clone, "tag", "--annotate", "--message", tag, tag, "HEAD~1")
    found = version_in(clone)
    assert re.fullmatch(rf"{re.escape(following)}\+g[0-9a-f]{{9}}", found)
    assert Version(found) > Version(tag)


@pytest.mark.parametrize("tag", [None, "v0.2.28", "v2-experiment", "v1.2.3.4.5", "nightly"])
def test_a_clone_without_a_tag_of_ours_is_later_than_the_public_program(clone: Path, tag: str | None) -> None:
    if tag:
        git(clone, "tag", tag)
    commit = git(clone, "rev-parse", "HEAD")[:9]
    assert version_in(clone) == f"0.3.0.dev0+g{commit}"
    assert PUBLIC < Version(version_in(clone)) < Version("0.3.0")


def test_a_shallow_clone_without_tags_can_be_built(clone: Path, tmp_path: Path) -> None:
    git(clone, "tag", "v0.5.0", "HEAD~1")
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-tags", f"file://{clone}", "shallow")
    assert version_in(tmp_path / "shallow").startswith("0.3.0.dev0+g")


def test_files_without_a_repository_or_without_git(clone: Path) -> None:
    assert version_in(clone, PATH="/nowhere") == "0.3.0.dev0"
    shutil.rmtree(clone / ".git")
    assert version_in(clone) == "0.3.0.dev0"


def test_the_tags_of_a_repository_around_it_are_not_ours(clone: Path) -> None:
    git(clone, "tag", "v7.0.0")
    inner = clone / "vendored"
    shutil.copytree(clone / "scripts", inner / "scripts")
    assert version_in(inner) == "0.3.0.dev0"


def test_the_repository_of_a_hook_is_not_ours(clone: Path, tmp_path: Path) -> None:
    git(clone, "tag", "v0.3.0")
    git(tmp_path, "init", "--quiet", "other")
    assert version_in(clone, GIT_DIR=str(tmp_path / "other" / ".git")) == "0.3.0"


def test_a_build_that_sees_no_repository_is_given_the_version(clone: Path) -> None:
    assert version_in(clone, CALDP_BUILD_VERSION="0.3.1.dev4+g1a2b3c4") == "0.3.1.dev4+g1a2b3c4"


@pytest.mark.parametrize("given", ["0.2.28", "1.0", "v0.3.0", "0.3.0; import os", "0.3.0+A/B"])
def test_a_version_that_is_none_of_ours_ends_the_build(clone: Path, given: str) -> None:
    done = subprocess.run(
        [sys.executable, str(clone / "scripts" / "version.py")],
        env=environment(CALDP_BUILD_VERSION=given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "CALDP_BUILD_VERSION" in done.stderr.splitlines()[-1]


def test_an_sdist_keeps_its_version_and_makes_the_same_wheel(tmp_path: Path) -> None:
    """The wheel is built from the unpacked sdist, where there is no repository and no variable."""

    def build(kind: str, place: Path, **more: str) -> None:
        words = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(tmp_path)]
        subprocess.run(words, cwd=place, env=environment(**more), capture_output=True, check=True)

    build("sdist", REPOSITORY, CALDP_BUILD_VERSION="0.3.0rc7")
    with tarfile.open(tmp_path / "caldp-0.3.0rc7.tar.gz") as archive:
        names = archive.getnames()
        archive.extractall(tmp_path, filter="data")
    assert not [name for name in names if "__pycache__" in name or "/.git/" in name]
    build("wheel", tmp_path / "caldp-0.3.0rc7")
    with zipfile.ZipFile(tmp_path / "caldp-0.3.0rc7-py3-none-any.whl") as wheel:
        metadata = wheel.read("caldp-0.3.0rc7.dist-info/METADATA").decode()
    assert HeaderParser().parsestr(metadata)["Version"] == "0.3.0rc7"
