"""Identity of engines: real programs, and packages where they are installed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from caldp.adapters.engines.identity import commit_of, executable_digest, package_identity
from caldp.adapters.engines.subprocess import SubprocessRunner
from tests.support.scripted import Script, environment_with, install

RECORD = (
    "../../../bin/calcos,sha256={script},220\n"
    "calcos/__init__.py,sha256={code},10\n"
    "calcos/__pycache__/__init__.cpython-311.pyc,,\n"
    "calcos-3.6.2.dist-info/METADATA,sha256=ccc,30\n"
    "calcos-3.6.2.dist-info/RECORD,,\n"
)


def installed(prefix: Path, *, script: str = "aaa", code: str = "bbb", record: str = RECORD) -> Path:
    """Make an installation as pip does; return the program."""
    place = prefix / "lib" / "python3.11" / "site-packages" / "calcos-3.6.2.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: calcos\nVersion: 3.6.2\n")
    (place / "RECORD").write_text(record.format(script=script, code=code))
    return install(prefix / "bin", "calcos", Script())


def test_a_package_is_the_same_wherever_it_is_installed(tmp_path: Path) -> None:
    first = package_identity("calcos", installed(tmp_path / "a", script="aaa"))
    second = package_identity("calcos", installed(tmp_path / "b", script="other path in its first line"))
    assert first == second
    assert first[0] == "3.6.2"
    assert first[1] == f"sha256:{hashlib.sha256(b'calcos/__init__.py,sha256=bbb,10').hexdigest()}"


def test_a_changed_module_is_another_build_of_the_same_version(tmp_path: Path) -> None:
    first = package_identity("calcos", installed(tmp_path / "a"))
    second = package_identity("calcos", installed(tmp_path / "b", code="ddd"))
    assert first[0] == second[0]
    assert first[1] != second[1]


def test_a_link_leads_to_where_a_program_is_installed(tmp_path: Path) -> None:
    program = installed(tmp_path / "a")
    link = tmp_path / "bin" / "calcos"
    link.parent.mkdir()
    link.symlink_to(program)
    assert package_identity("calcos", link) == package_identity("calcos", program)


def test_a_program_beside_no_package_has_no_version(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", "calcos", Script())
    assert package_identity("calcos", program) == ("", "")


def test_a_package_without_a_list_of_files_has_no_build(tmp_path: Path) -> None:
    assert package_identity("calcos", installed(tmp_path, record="")) == ("3.6.2", "")


def test_the_digest_of_an_executable_is_of_its_bytes(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", "calacs.e", Script())
    assert executable_digest(program) == hashlib.sha256(program.read_bytes()).hexdigest()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_program_that_may_not_be_read_has_no_digest(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", "calacs.e", Script())
    program.chmod(0o111)
    assert executable_digest(program) == ""


def test_a_program_that_is_gone_has_no_digest(tmp_path: Path) -> None:
    assert executable_digest(tmp_path / "calacs.e") == ""


@pytest.mark.parametrize(
    ("lines", "commit"),
    [
        (
            ("git tag: 3.2.0-6-g5c1c1775", "git branch: main", "HEAD @: 5c1c17759397d0c2"),
            "3.2.0-6-g5c1c1775 5c1c17759397d0c2",
        ),
        (("HEAD @: 5c1c17759397d0c2",), "5c1c17759397d0c2"),
        (("Usage: calacs.e [options] input",), ""),
        ((), ""),
    ],
)
def test_tag_and_commit_are_read(lines: tuple[str, ...], commit: str) -> None:
    assert commit_of(lines) == commit


def test_asking_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    install(tmp_path / "bin", "calacs.e", Script(("10.5.0",), files={"trailer.tra": b"x"}))
    found = SubprocessRunner().identify("calacs.e", environment_with(tmp_path / "bin"))
    assert found.version == "10.5.0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "tmp"]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.hstcal
@pytest.mark.parametrize("program", ["calacs.e", "calwf3.e", "cs0.e"])
def test_a_program_of_hstcal_tells_version_and_commit(program: str) -> None:
    found = SubprocessRunner().identify(program, dict(os.environ))
    assert found.path == shutil.which(program)
    assert found.version[:1].isdigit()
    assert found.build
    assert found.sha256 == hashlib.sha256(Path(found.path).read_bytes()).hexdigest()


@pytest.mark.engines
@pytest.mark.parametrize("program", ["calcos", "runastrodriz", "runsinglehap", "runmultihap"])
def test_an_engine_in_python_has_its_package_s_version(program: str) -> None:
    found = SubprocessRunner().identify(program, dict(os.environ))
    assert found.version[:1].isdigit()
    assert found.build.startswith("sha256:")
