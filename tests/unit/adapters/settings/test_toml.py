"""Profiles in TOML files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from caldp.adapters.settings.toml import TomlProfiles, config_directories
from caldp.domain.errors import InvalidSetting
from caldp.domain.output.layout import LayoutKind
from caldp.domain.run.settings import Resolved, resolve

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return _write


def resolved(profile: str | Path, *directories: Path) -> Resolved:
    return resolve(*TomlProfiles(directories).layers(str(profile)))


def test_a_shipped_profile_is_found_by_its_name_and_by_its_scripts_name() -> None:
    for name in ("onsite", "caldp-config-onsite"):
        found = resolved(name)
        assert found.settings.profile == "onsite"
        assert found.settings.crds_path == "/grp/crds/cache"
        assert found.origins["crds_path"] == "profile onsite"


def test_a_file_extends_a_shipped_profile_and_says_where_each_value_came_from(write: Write) -> None:
    path = write(
        "mine.toml",
        """
        extends = "aws"
        description = "My bucket."
        layout = "calcloud"
        timeout = 60
        keep_work = true
        [crds_environment]
        CRDS_CLIENT_RETRY_COUNT = "9"
        """,
    )
    found = resolved(path)
    settings = found.settings
    assert (settings.profile, settings.layout, settings.timeout, settings.keep_work) == (
        "mine",
        LayoutKind.CALCLOUD,
        60.0,
        True,
    )
    assert settings.crds_environment["CRDS_CLIENT_RETRY_COUNT"] == "9"
    assert settings.crds_environment["CRDS_S3_ENABLED"] == "1", "a table is merged with what it extends"
    assert found.origins["layout"] == str(path)
    assert found.origins["crds_server_url"] == "profile aws"


def test_a_file_extends_another_beside_it(write: Write) -> None:
    write("base.toml", 'extends = "offsite"\ncrds_path = "/a"\ncrds_context = "hst_1.pmap"')
    path = write("top.toml", 'extends = "./base.toml"\ncrds_path = "/b"')
    settings = resolved(path).settings
    assert (settings.crds_path, settings.crds_context) == ("/b", "hst_1.pmap")
    assert settings.crds_server_url == "https://hst-crds.stsci.edu"


def test_the_projects_file_wins_over_the_users(write: Write, tmp_path: Path) -> None:
    write("project/lab.toml", 'crds_path = "/project"')
    write("user/lab.toml", 'crds_path = "/user"')
    write("user/night.toml", 'crds_path = "/night"')
    directories = (tmp_path / "project", tmp_path / "user")
    assert resolved("lab", *directories).settings.crds_path == "/project"
    assert resolved("caldp-config-night", *directories).settings.crds_path == "/night"
    names = [source.name for source in TomlProfiles(directories).sources()]
    assert names == [*names[:-2], "lab", "night"]


def test_the_projects_directory_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    below = tmp_path / "survey" / "night1"
    below.mkdir(parents=True)
    assert config_directories(below) == (tmp_path / "config" / "caldp",)
    (tmp_path / "survey" / ".caldp").mkdir()
    assert config_directories(below) == (tmp_path / "survey" / ".caldp", tmp_path / "config" / "caldp")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("crds_pth = '/a'", "there is no setting 'crds_pth'. | Did you mean 'crds_path'?"),
        ("crds_path = 3", "crds_path is 3. | Expected a text in quotes."),
        ("keep_work = 'false'", "keep_work is 'false'. | Expected true or false, without quotes."),
        ("timeout = true", "timeout is True. | Expected a number without quotes."),
        ("timeout = -1", "timeout is -1. | Expected a number of 0 or more."),
        ("layout = 'forest'", """layout is 'forest'. | Expected "tree" or "calcloud"."""),
        ("engine_environment = {A = 1}", "engine_environment is {'A': 1}. | Expected a table of texts in quotes."),
        ("engine_environment = 'A=1'", "engine_environment is 'A=1'. | Expected a table of texts in quotes."),
        ("switches = {FLATCORR = true}", "switches is {'FLATCORR': True}. | Expected a table of texts in quotes."),
        (
            "switches = {FLATCORR = 'OFF'}",
            "switches is {'FLATCORR': 'OFF'}. | Expected switches with PERFORM or OMIT, such as FLATCORR=OMIT.",
        ),
        ("extends = 3", "extends is 3. | Expected a text."),
    ],
)
def test_a_wrong_line_is_an_error_that_names_the_key_and_what_was_expected(
    write: Write, line: str, expected: str
) -> None:
    path = write("bad.toml", line)
    with pytest.raises(InvalidSetting) as caught:
        resolved(path)
    assert f"{caught.value.message} | {caught.value.advice}" == f"{path}: {expected}"


def test_what_is_not_toml_is_said_to_be_so(write: Write, tmp_path: Path) -> None:
    script = write("script.toml", "export CRDS_PATH=/a")
    with pytest.raises(InvalidSetting, match=r"script\.toml is not TOML") as caught:
        resolved(script)
    assert "any name that does not end in .toml" in caught.value.advice
    with pytest.raises(InvalidSetting, match="There is no profile file"):
        resolved(tmp_path / "nowhere.toml")
    huge = write("huge.toml", "#" * (1 << 21))
    with pytest.raises(InvalidSetting, match="too large"):
        resolved(huge)


def test_an_unknown_name_gets_the_nearest_one(write: Write, tmp_path: Path) -> None:
    write("laptop.toml", "")
    with pytest.raises(InvalidSetting, match="There is no profile 'lapptop'") as caught:
        resolved("lapptop", tmp_path)
    assert caught.value.advice.startswith("Did you mean 'laptop'? There are onsite,")
    assert str(tmp_path) in caught.value.advice


def test_profiles_that_extend_each_other_are_refused(write: Write) -> None:
    first = write("first.toml", "extends = './second.toml'")
    write("second.toml", "extends = './first.toml'")
    with pytest.raises(InvalidSetting, match="extends itself"):
        resolved(first)


def test_a_list_shows_what_cannot_be_used_and_why(write: Write, tmp_path: Path) -> None:
    write("onsite.toml", "crds_path = '/mine'")
    write("broken.toml", "= 3")
    write("good.toml", "extends = 'offsite'\ndescription = 'For the lab.'")
    sources = {source.name: source for source in TomlProfiles((tmp_path,)).sources() if source.path}
    assert "never used" in sources["onsite"].problem
    assert "is not TOML" in sources["broken"].problem
    assert (sources["good"].description, sources["good"].extends, sources["good"].problem) == (
        "For the lab.",
        "offsite",
        "",
    )
    assert resolved("onsite", tmp_path).settings.crds_path == "/grp/crds/cache"


def test_a_name_that_no_environment_can_hold_is_a_mistake_in_the_file(write: Write) -> None:
    path = write("mine.toml", '[engine_environment]\n"OMP=NUM" = "2"\n')
    with pytest.raises(InvalidSetting, match="engine_environment is") as caught:
        resolved(path)
    assert str(path) in caught.value.message
    assert "'OMP=NUM'" in caught.value.advice


def test_a_profile_of_a_directory_may_extend_what_there_is_not(write: Write, tmp_path: Path) -> None:
    write("lab.toml", "extends = 'nowhere'")
    (source,) = (one for one in TomlProfiles((tmp_path,)).sources() if one.name == "lab")
    assert source.problem.startswith("There is no profile 'nowhere'.")
    with pytest.raises(InvalidSetting, match="no profile 'lap'") as caught:
        resolved("lap", tmp_path)
    assert caught.value.advice.startswith("Did you mean 'lab'?")
