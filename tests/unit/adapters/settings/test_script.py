"""Configuration scripts: variables that a clean shell exports after it has sourced one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from caldp.adapters.settings import script as reader
from caldp.adapters.settings.script import is_script, read_exports
from caldp.adapters.settings.toml import TomlProfiles
from caldp.domain.errors import InvalidSetting
from caldp.domain.run.settings import resolve

ENVIRONMENT = {"HOME": "/home/me", "PATH": os.environ["PATH"]}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(*lines: str, name: str = "my-config") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return _write


def test_a_script_of_the_public_programs_kind_is_read(write: Write) -> None:
    script = write(
        "#! /bin/bash -eu",
        "export CRDS_SERVER_URL=https://hst-crds.stsci.edu",
        "if [[ ${CALDP_DOCKER:-} == 1 ]]; then export CRDS_PATH=/grp/crds/cache",
        "else export CRDS_PATH=${CRDS_PATH:-${HOME}/crds_cache}; fi",
        "export iref=${CRDS_PATH}/references/hst/wfc3/",
        "scratch=/tmp",
        "echo configured",
    )
    assert read_exports(script, ENVIRONMENT) == {
        "CRDS_SERVER_URL": "https://hst-crds.stsci.edu",
        "CRDS_PATH": "/home/me/crds_cache",
        "iref": "/home/me/crds_cache/references/hst/wfc3/",
    }


def test_the_shell_is_clean(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    start = tmp_path / "start"
    start.write_text("export STARTED=1\n")
    environment = {**ENVIRONMENT, "BASH_ENV": str(start), "ENV": str(start), "AWS_SECRET_ACCESS_KEY": "abracadabra"}
    script = write("export SEEN=$(env | cut -d= -f1 | grep -v '^_$' | sort | tr '\\n' ' ')")
    seen = read_exports(script, {**environment, "CRDSBUCKET": "s3://crds", "CALDP_PROFILE_ENV": "onsite"})["SEEN"]
    given = {"HOME", "PATH", "CRDSBUCKET", "CALDP_PROFILE_ENV", "PWD", "SHLVL"}
    assert given <= set(seen.split()) <= given | {"USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR"}


def test_values_of_any_kind_come_through(write: Write) -> None:
    script = write("export A='one\ntwo' B='x=y' C=\"it's\"", "f() { :; }", "export -f f", "D=4", "set -- x y")
    assert read_exports(script, ENVIRONMENT) == {"A": "one\ntwo", "B": "x=y", "C": "it's"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["export A=1", "exit 3"], r"ends with status 3"),
        (["set -eu", "export A=$UNDEFINED"], r"ends with status"),
        (["export A=1", "while :; do :; done"], r"has not ended within"),
        (["export A=1", "sleep 60"], r"has not ended within"),
        (["export A=1", "yes"], r"prints or writes too much|ends with status"),
        (["export A=1", "if"], r"ends with status"),
    ],
)
def test_a_script_that_fails_or_does_not_end_is_refused(
    write: Write, lines: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_SECONDS", 1)
    with pytest.raises(InvalidSetting, match=message):
        read_exports(write(*lines), ENVIRONMENT)


def test_what_a_script_says_is_passed_on(write: Write) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_exports(write("echo 'no disk here' >&2", "exit 1"), ENVIRONMENT)
    assert caught.value.advice == "It says: no disk here"


def test_nothing_that_a_script_started_goes_on(write: Write, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    script = write("export A=1", f"(sleep 1; touch {alive}) &")
    assert read_exports(script, ENVIRONMENT) == {"A": "1"}
    time.sleep(1.5)
    assert not alive.exists()


def test_a_script_runs_once_for_the_settings_and_the_environment_of_a_run(write: Write, tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = write(f"echo run >> {count}", "export CALDP_TIMEOUT=60 AWS_PROFILE=hst")
    profiles = TomlProfiles((), ENVIRONMENT)
    assert resolve(*profiles.layers(str(script))).settings.timeout == 60.0
    assert profiles.environment(str(script)) == {"AWS_PROFILE": "hst"}
    assert count.read_text() == "run\n"
    script.write_text(script.read_text().replace("60", "61"))
    assert resolve(*profiles.layers(str(script))).settings.timeout == 61.0, "a changed script is read again"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("export A=1", True),
        ("# comment\n  export A=1\n", True),
        ("source caldp-config-offsite\n", True),
        (". ./other\n", True),
        ("#!/bin/sh\nA=1\n", True),
        ("#! /bin/bash -eu\n", True),
        ("#!/usr/bin/env zsh\n", True),
        ("#!/usr/bin/env python\nimport os\n", False),
        ("crds_path = /missing/quotes\n", False),
        ("\x7fELF\0export A=1", False),
        ("exported = 1", False),
        ("", False),
    ],
)
def test_what_looks_like_a_script(text: str, expected: bool) -> None:
    assert is_script(text) is expected


def test_a_script_is_found_by_its_bare_name_here(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    script = write("export CALDP_TIMEOUT=60")
    monkeypatch.chdir(script.parent)
    assert TomlProfiles((), ENVIRONMENT).locate("my-config") == ("my-config", script)


def test_of_names_on_path_only_the_readmes_are_scripts(write: Write, tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"}
    for name in ("caldp-config-lab", "lab"):
        write("export CALDP_TIMEOUT=60", name=name).chmod(0o755)
    profiles = TomlProfiles((), environment)
    assert profiles.locate("caldp-config-lab") == ("caldp-config-lab", tmp_path / "caldp-config-lab")
    with pytest.raises(InvalidSetting, match="no profile 'lab'"):
        profiles.locate("lab")


def test_no_file_runs_a_script_by_naming_it(write: Write, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = write(f"touch {ran}", "export A=1")
    for extended in (str(script), "./my-config", "my-config"):
        profile = write(f"extends = '{extended}'", name="mine.toml")
        with pytest.raises(InvalidSetting):
            resolve(*TomlProfiles((tmp_path,), ENVIRONMENT).layers(str(profile)))
    TomlProfiles((tmp_path,), ENVIRONMENT).sources()
    assert not ran.exists()


@pytest.mark.parametrize("shipped", ["aws", "offsite"])
def test_a_script_that_sources_ours_starts_from_its_profile(write: Write, shipped: str, tmp_path: Path) -> None:
    scripts = Path(__file__).resolve().parents[4] / "scripts"
    environment = {**ENVIRONMENT, "PATH": f"{tmp_path}/bin:{ENVIRONMENT['PATH']}", "CRDSBUCKET": "s3://crds"}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / f"caldp-config-{shipped}").symlink_to(scripts / f"caldp-config-{shipped}")
    script = write(f"source caldp-config-{shipped}", "export CRDS_CLIENT_RETRY_COUNT=9")
    settings = resolve(*TomlProfiles((), environment).layers(str(script))).settings
    assert settings.context_from_output is (shipped == "aws")
    assert settings.crds_environment["CRDS_CLIENT_RETRY_COUNT"] == "9"
    assert settings.crds_path == "/home/me/crds_cache"
