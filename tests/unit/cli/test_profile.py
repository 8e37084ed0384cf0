"""``caldp profile`` and ``caldp explain`` in-process."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.cli.exports import exports_of
from caldp.cli.main import main
from caldp.views.exports import DIALECTS, render

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory of our own, with no profile and no variable of anybody's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL", "CRDS_READONLY_CACHE", "CALDP_PROFILE_ENV"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_list_has_ours_and_the_projects(own_place: Path, capsys: Capture) -> None:
    write(own_place / ".caldp" / "lab.toml", "extends = 'offsite'\ndescription = 'Our cluster.'")
    assert main(["profile", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["PROFILE", "FILE", "DESCRIPTION"]
    assert lines[1].startswith("onsite   (part of caldp)")
    assert lines[-1].endswith("Our cluster.")
    assert main(["profile", "list", "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)[-1]
    assert (entry["name"], entry["extends"], entry["problem"]) == ("lab", "offsite", "")


def test_a_shown_profile_is_toml_and_says_the_same(own_place: Path, capsys: Capture) -> None:
    assert main(["profile", "show", "aws"]) == 0
    shown = capsys.readouterr().out
    values = tomllib.loads(shown)
    assert values["crds_environment"]["CRDS_S3_ENABLED"] == "1"
    assert "timeout" not in values, "what a profile leaves out is not shown"
    write(own_place / "copy.toml", shown)
    assert main(["profile", "show", "copy.toml"]) == 0
    assert tomllib.loads(capsys.readouterr().out) == values


def test_resolved_says_where_each_value_came_from(
    own_place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    write(own_place / "mine.toml", "extends = 'onsite'\ntimeout = 60")
    monkeypatch.setenv("CRDS_PATH", "/my/cache")
    assert main(["profile", "show", "mine.toml", "--resolved"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert 'crds_path = "/my/cache"  # environment CRDS_PATH' in lines
    assert f"timeout = 60.0  # {own_place / 'mine.toml'}" in lines
    assert 'crds_server_url = "https://hst-serverless-mode.stsci.edu"  # profile onsite' in lines
    assert "keep_work = false  # default" in lines
    assert main(["profile", "show", "mine.toml", "--resolved", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["crds_path"] == {"value": "/my/cache", "origin": "environment CRDS_PATH"}


def test_what_is_secret_by_its_name_is_not_shown(own_place: Path, capsys: Capture) -> None:
    write(own_place / "mine.toml", "[engine_environment]\nMAST_API_TOKEN = 'abracadabra'\nASTROMETRY_X = 'on'")
    assert main(["profile", "show", "mine.toml"]) == 0
    shown = capsys.readouterr().out
    assert "abracadabra" not in shown
    assert tomllib.loads(shown)["engine_environment"] == {"ASTROMETRY_X": "on", "MAST_API_TOKEN": "***"}


def evaluated(profile: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Let a shell evaluate a profile's variables, and return its environment afterwards."""
    lines = render(exports_of(profile, environ), DIALECTS["sh"])
    shell = subprocess.run(
        ["/bin/sh", "-c", f"{lines}\nenv"], env=dict(environ), capture_output=True, text=True, check=True
    )
    return dict(line.partition("=")[::2] for line in shell.stdout.splitlines())


def test_a_shell_gets_what_the_configuration_script_gave() -> None:
    onsite = evaluated("onsite", {"PATH": "/bin"})
    assert onsite["CRDS_PATH"] == "/grp/crds/cache"
    assert onsite["jref"] == onsite["uref"] == "/grp/crds/cache/references/hst/"
    aws = evaluated("aws", {"PATH": "/bin:/usr/bin", "HOME": "/home/me", "CRDSBUCKET": "s3://crds"})
    assert aws["CRDS_REFERENCE_URI"] == "s3://crds/references/hst/"
    assert aws["CRDS_DOWNLOAD_PLUGIN"].endswith("-c ${FILE_SHA1SUM}"), "the shell leaves CRDS's marks alone"
    assert (Path(aws["PATH"].split(":")[0]) / "crds_s3_get").is_file()


def test_a_read_only_cache_is_flat() -> None:
    assert evaluated("offsite", {"PATH": "/bin", "CRDS_PATH": "/c"})["iref"] == "/c/references/hst/wfc3/"
    flat = {"PATH": "/bin", "CRDS_PATH": "/c", "CRDS_READONLY_CACHE": "1"}
    assert evaluated("offsite", flat)["iref"] == "/c/references/hst/"


def test_one_profile_after_another_leaves_nothing_of_the_first() -> None:
    fresh = {"PATH": "/bin", "HOME": "/home/me"}
    first = evaluated("aws", {**fresh, "CRDSBUCKET": "s3://crds"})
    then = evaluated("offsite", first)
    expected = evaluated("offsite", {**fresh, "CRDSBUCKET": "s3://crds"})
    assert {name for name in then if name.startswith("CRDS_")} == {
        name for name in expected if name.startswith("CRDS_")
    }
    assert then["CRDS_SERVER_URL"] == "https://hst-crds.stsci.edu"


def test_what_the_user_set_stays_from_profile_to_profile() -> None:
    first = evaluated("offsite", {"PATH": "/bin", "HOME": "/home/me", "CRDS_PATH": "/mine"})
    assert evaluated("onsite", first)["CRDS_PATH"] == "/mine"


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("csh", "setenv CRDS_PATH '/my cache';"),
        ("fish", "set -gx CRDS_PATH '/my cache';"),
        ("sh", "export CRDS_PATH='/my cache'"),
    ],
)
def test_every_shell_has_its_own_way(shell: str, line: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("CRDS_PATH", "/my cache")
    assert main(["profile", "env", "offsite", "--shell", shell]) == 0
    assert line in capsys.readouterr().out.splitlines()


def test_explain_takes_a_code_a_name_or_a_signal(capsys: Capture) -> None:
    assert main(["explain", "23", "svm_error", "-11", "137", "31"]) == 0
    output = capsys.readouterr().out
    for text in ("STAGE1_ERROR[23]", "SVM_ERROR[40]", "SIGSEGV (signal 11)", "SIGKILL (signal 9)"):
        assert text in output
    assert output.count("CALCLOUD runs such a job again") == 1
    assert main(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 20
