"""The image's locks agree with pyproject.toml, with the constraints, and with what the packages themselves need."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
IMAGE = {
    "python_version": "3.12",
    "python_full_version": "3.12.12",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "os_name": "posix",
}
"""The image's Python, in the words of the markers."""


def roots(lock: str) -> list[str]:
    """Return the requirements from which a lock is made."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if lock == "build":
        return lines(ROOT / "locks" / "build.in")
    dependencies: list[str] = project["project"]["dependencies"]
    return [*dependencies, *(project["project"]["optional-dependencies"]["engines"] if lock == "engines" else [])]


def lines(path: Path) -> list[str]:
    """Return the requirements of a file, those with hashes on a line each."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(requirements: Iterable[str]) -> dict[str, str]:
    """Return the versions by name, of the image's Python only."""
    parsed = [Requirement(line.partition("--hash")[0]) for line in requirements]
    return {
        canonicalize_name(each.name): str(each.specifier)
        for each in parsed
        if each.marker is None or each.marker.evaluate(IMAGE)
    }


def needed(requirements: Iterable[str]) -> set[str]:
    """Return the names of all that requirements need, by the metadata of what is installed here."""
    found: set[str] = set()
    waiting = [(Requirement(line), "") for line in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({**IMAGE, "extra": extra}):
            continue
        for wanted in ("", *sorted(requirement.extras)):
            key = f"{canonicalize_name(requirement.name)}[{wanted}]"
            if key not in found:
                found.add(key)
                waiting += [(Requirement(line), wanted) for line in requires(requirement.name) or ()]
    return {key.partition("[")[0] for key in found}


@pytest.mark.parametrize("lock", ["build", "caldp", "engines"])
class TestLock:
    def test_every_line_is_one_version_with_hashes(self, lock: str) -> None:
        for line in lines(ROOT / "locks" / f"{lock}.txt"):
            assert re.fullmatch(r"[a-z0-9.-]+==\S+(?: ; [^-]+)?(?:\s+--hash=sha256:[0-9a-f]{64})+", line), line[:120]

    def test_versions_are_those_that_we_test_with(self, lock: str) -> None:
        tested = pins(lines(ROOT / "constraints.txt"))
        locked = pins(lines(ROOT / "locks" / f"{lock}.txt"))
        assert {name: tested.get(name) for name in locked} == locked

    def test_versions_satisfy_the_project(self, lock: str) -> None:
        locked = pins(lines(ROOT / "locks" / f"{lock}.txt"))
        for requirement in map(Requirement, roots(lock)):
            version = locked[canonicalize_name(requirement.name)].removeprefix("==")
            assert requirement.specifier.contains(version), requirement

    @pytest.mark.engines
    def test_nothing_is_lacking_and_nothing_is_too_much(self, lock: str) -> None:
        assert set(pins(lines(ROOT / "locks" / f"{lock}.txt"))) == needed(roots(lock))

    def test_its_head_says_how_to_renew_it(self, lock: str) -> None:
        head = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()[1]
        command = r"#    uv pip compile .*--constraint constraints\.txt --generate-hashes .*-o locks/"
        assert re.fullmatch(rf"{command}{lock}\.txt", head)

    def test_it_names_no_place(self, lock: str) -> None:
        assert "://" not in (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")


def test_what_builds_the_wheel_is_what_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["build-system"]["requires"] == roots("build")
