"""Version of caldp that a build gives to the distribution; ``python scripts/version.py`` prints it.

The first of these that there is:

1. ``CALDP_BUILD_VERSION`` of the environment, for builds that see no repository, as in an image.
2. ``PKG-INFO`` beside ``pyproject.toml``: an sdist has the version that it was made with.
3. The tag of the commit that is checked out, such as ``v0.3.0``.
4. The version after the newest tag before it, as a development release: ``0.3.1.dev4+g1a2b3c4``.
5. `FIRST`, as a development release: a clone without tags, or no clone at all.

The public program of this name ended at 0.2.28. Whoever asks the distribution ``caldp`` for its version, as the CRDS
library does for the context of a build, must find a later one, so no version begins below `FIRST`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from email.parser import HeaderParser
from pathlib import Path

FIRST = "0.3.0"
VARIABLE = "CALDP_BUILD_VERSION"
_ROOT = Path(__file__).resolve().parents[1]
_RELEASE = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")
_VERSION = re.compile(rf"{_RELEASE.pattern}(?:\.dev\d+)?(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?")
_DESCRIBED = re.compile(r"(?:v(?P<tag>\S+)-(?P<distance>\d+)-g)?(?P<commit>[0-9a-f]{7,40})")


def version(root: Path = _ROOT, environ: Mapping[str, str] | None = None) -> str:
    """Return the version.

    Parameters
    ----------
    root
        Directory with ``pyproject.toml``.
    environ
        Environment to go by instead of this process's.

    Raises
    ------
    ValueError
        If the first or second of these is no version, or one before `FIRST`.
    """
    environ = os.environ if environ is None else environ
    given = environ.get(VARIABLE)
    if given:
        return _checked(given, VARIABLE)
    packed = root / "PKG-INFO"
    if packed.is_file():
        return _checked(HeaderParser().parsestr(packed.read_text(encoding="utf-8"))["Version"], str(packed))
    return _described(
        _git(root, environ, "describe", "--tags", "--long", "--abbrev=9", "--always", "--match", "v[0-9]*")
    )


def _described(text: str) -> str:
    """Turn the answer of ``git describe`` into a version. A tag that is none of ours counts as none."""
    found = _DESCRIBED.fullmatch(text)
    if found is None:
        return f"{FIRST}.dev0"
    tag, commit = found["tag"] or "", found["commit"][:9]
    if not _RELEASE.fullmatch(tag) or _is_too_early(tag):
        return f"{FIRST}.dev0+g{commit}"
    if found["distance"] == "0":
        return tag
    following = re.sub(r"\d+$", lambda last: str(int(last.group()) + 1), tag)
    return f"{following}.dev{found['distance']}+g{commit}"


def _checked(text: str | None, origin: str) -> str:
    """Return a version that is one of ours, such as 0.3.0, 1.0.0rc1 or 0.3.1.dev4+g1a2b3c4."""
    if text is None or not _VERSION.fullmatch(text):
        raise ValueError(f"{origin} has the version {text!r}, which is not of the form 1.2.3, 1.2.3rc1 or 1.2.3.dev4")
    if _is_too_early(text):
        raise ValueError(f"{origin} has the version {text}, which is before {FIRST}")
    return text


def _is_too_early(text: str) -> bool:
    """Compare a version's three numbers with those of `FIRST`."""
    return tuple(map(int, re.findall(r"\d+", text)[:3])) < tuple(map(int, FIRST.split(".")))


def _git(root: Path, environ: Mapping[str, str], *words: str) -> str:
    """Ask git about the repository that begins in a directory; return nothing if there is none, or no git."""
    # A hook of git names its repository in variables, and caldp may lie within a repository of others.
    clean = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    if not (root / ".git").exists():
        return ""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],  # noqa: S607
            env=clean, capture_output=True, text=True, check=False, timeout=30, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.stdout.write(version() + "\n")
