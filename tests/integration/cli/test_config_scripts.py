"""``source caldp-config-onsite``, ``-offsite`` and ``-aws``, in the shells that people have."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

SCRIPTS = REPOSITORY / "scripts"
CALDP = Path(sys.executable).with_name("caldp")
NAMES = ("onsite", "offsite", "aws")
SHELLS = [
    "bash",
    pytest.param("zsh", marks=pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")),
]
PRINT = "; env -0"
ENVIRONMENT = {"HOME": "/home/me", "PATH": "/usr/bin:/bin", "CRDSBUCKET": "s3://crds"}

pytestmark = pytest.mark.parametrize("shell", SHELLS)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A directory in which pip has put caldp and the scripts; nothing of it is on PATH."""
    place = tmp_path / "an environment" / "bin"
    place.mkdir(parents=True)
    for name in NAMES:
        shutil.copy(SCRIPTS / f"caldp-config-{name}", place)
    (place / "caldp").symlink_to(CALDP)
    return place


def run(shell: str, command: str, *, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell without start-up files."""
    options = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"]}[shell]
    return subprocess.run(
        [shell, *options, "-c", command],
        cwd=cwd, env={**ENVIRONMENT, **environ}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def variables(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Read what ``env -0`` has printed."""
    assert done.returncode == 0, done.stderr
    pairs = (pair.partition("=") for pair in done.stdout.split("\0") if pair)
    return {name: value for name, _, value in pairs if name not in ("_", "SHLVL")}


@pytest.mark.parametrize("name", NAMES)
def test_a_script_exports_what_profile_env_prints(shell: str, name: str, installed: Path, tmp_path: Path) -> None:
    sourced = variables(run(shell, f"source '{installed}/caldp-config-{name}'{PRINT}", cwd=tmp_path))
    printed = variables(run(shell, f'eval "$({CALDP} profile env {name})"{PRINT}', cwd=tmp_path))
    assert sourced == printed
    assert sourced["CALDP_PROFILE_ENV"] == name
    assert sourced["jref"].startswith(sourced["CRDS_PATH"] + "/references/hst/")


@pytest.mark.parametrize("strict", ["", "set -eu; ", "set -euo pipefail; set -x; "])
def test_no_other_name_stays_and_options_of_the_shell_stay(
    shell: str, strict: str, installed: Path, tmp_path: Path
) -> None:
    listed = "printf '%s\\n' \"options $-\"; { set; typeset -f; } | sed 's/=.*//' | sort -u; pwd"
    before = run(shell, f"{strict}set --; {listed}", cwd=tmp_path)
    after = run(shell, f"{strict}set --; source caldp-config-offsite; {listed}", cwd=tmp_path, PATH=f"{installed}:/bin")
    exported = variables(run(shell, f"source '{installed}/caldp-config-offsite'{PRINT}", cwd=tmp_path))
    new = set(after.stdout.splitlines()) - set(before.stdout.splitlines()) - exported.keys()
    assert after.returncode == 0, after.stderr
    assert {name for name in new if not name.startswith(("BASH_", "ZSH_", "_", "PIPESTATUS", "pipestatus"))} == set()


def test_it_is_found_on_path_from_anywhere_and_by_a_link(shell: str, installed: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "caldp-config-onsite").symlink_to(installed / "caldp-config-onsite")
    for path in (installed, elsewhere):
        done = run(shell, f"source caldp-config-onsite{PRINT}", cwd=elsewhere, PATH=f"{path}:/usr/bin:/bin")
        assert variables(done)["CRDS_PATH"] == "/grp/crds/cache"
    done = run(shell, f"cd '{installed}'; source ./caldp-config-onsite{PRINT}", cwd=elsewhere)
    assert variables(done)["CRDS_PATH"] == "/grp/crds/cache"


def test_one_after_another_leaves_nothing_of_the_first(shell: str, installed: Path, tmp_path: Path) -> None:
    both = run(shell, f"cd '{installed}'; source ./caldp-config-aws; source ./caldp-config-onsite{PRINT}", cwd=tmp_path)
    one = run(shell, f"cd '{installed}'; source ./caldp-config-onsite{PRINT}", cwd=tmp_path)
    names = ("CRDS_DOWNLOAD_MODE", "CRDS_SERVER_URL", "CRDS_READONLY_CACHE", "CALDP_PROFILE_ENV")
    assert [variables(both).get(name) for name in names] == [variables(one).get(name) for name in names]


def test_a_failure_returns_to_the_shell(shell: str, installed: Path, tmp_path: Path) -> None:
    command = f"source '{installed}/caldp-config-onsite' || echo \"status $?\"; echo still here"
    wrong = run(shell, command, cwd=tmp_path, CRDS_READONLY_CACHE="perhaps")
    assert wrong.stdout.splitlines() == ["status 2", "still here"]
    assert "caldp: environment CRDS_READONLY_CACHE: crds_readonly_cache is 'perhaps'" in wrong.stderr
    (installed / "caldp").unlink()
    missing = run(shell, command, cwd=tmp_path)
    assert missing.stdout.splitlines() == ["status 127", "still here"]


def test_who_runs_it_is_told_to_source_it(shell: str, installed: Path, tmp_path: Path) -> None:
    done = run(shell, f"'{installed}/caldp-config-aws'", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "Source this in bash or zsh:  source caldp-config-aws",
        'In other shells:  eval "$(caldp profile env aws)"',
    ]
