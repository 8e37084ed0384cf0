"""Profiles that caldp ships, and precedence of settings (docs/reference/contracts/profiles.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import InvalidSetting
from caldp.domain.output.layout import LayoutKind
from caldp.domain.run.setting_values import Value
from caldp.domain.run.settings import PROFILES, Layer, Settings, describe, environment_layer, resolve


def from_profile(name: str, *layers: Layer) -> Settings:
    return resolve(name, (Layer(f"profile {name}", PROFILES[name]), *layers)).settings


@pytest.mark.parametrize(
    ("profile", "server", "cache", "readonly", "places"),
    [
        ("onsite", "https://hst-serverless-mode.stsci.edu", "/grp/crds/cache", True, ("file:.", "file:.")),
        ("offsite", "https://hst-crds.stsci.edu", "~/crds_cache", False, ("file:.", "file:.")),
        ("aws", "https://hst-crds-serverless.stsci.edu", "~/crds_cache", False, ("astroquery:", "")),
    ],
)
def test_the_profiles_that_we_ship(
    profile: str, server: str, cache: str, readonly: bool, places: tuple[str, str]
) -> None:
    settings = from_profile(profile)
    assert settings.profile == profile
    assert (settings.crds_server_url, settings.crds_path, settings.crds_readonly_cache) == (server, cache, readonly)
    assert (settings.input, settings.output) == places
    assert settings.layout is LayoutKind.TREE


def test_aws_reads_references_from_s3() -> None:
    assert from_profile("aws").crds_environment == {
        "CRDS_DOWNLOAD_MODE": "plugin",
        "CRDS_USE_PICKLED_CONTEXTS": "1",
        "CRDS_S3_ENABLED": "1",
        "CRDS_S3_RETURN_URI": "0",
        "CRDS_CLIENT_RETRY_COUNT": "4",
        "CRDS_CLIENT_RETRY_DELAY_SECONDS": "10",
    }


@pytest.mark.parametrize(
    ("file", "environ", "command_line", "value", "origin"),
    [
        ({}, {}, {}, "/grp/crds/cache", "profile onsite"),
        ({"crds_path": "/f"}, {}, {}, "/f", "file my.toml"),
        ({"crds_path": "/f"}, {"CRDS_PATH": "/e"}, {}, "/e", "environment CRDS_PATH"),
        ({"crds_path": "/f"}, {"CRDS_PATH": "/e"}, {"crds_path": "/c"}, "/c", "command line"),
        ({}, {"CRDS_PATH": ""}, {}, "/grp/crds/cache", "profile onsite"),  # an empty variable says nothing
    ],
)
def test_command_line_before_environment_before_file_before_profile(
    file: Mapping[str, Value], environ: Mapping[str, str], command_line: Mapping[str, Value], value: str, origin: str
) -> None:
    layers = (
        Layer("profile onsite", PROFILES["onsite"]),
        Layer("file my.toml", file),
        environment_layer(environ),
        Layer("command line", command_line),
    )
    resolved = resolve("onsite", layers)
    assert resolved.settings.crds_path == value
    assert resolved.origins["crds_path"] == origin
    assert resolved.origins["timeout"] == "default"


def test_every_setting_has_an_origin_and_a_meaning() -> None:
    settings = describe()
    assert set(resolve("x", ()).origins) == {setting.name for setting in settings}
    assert all(setting.doc.endswith(".") for setting in settings)


def test_no_two_settings_share_a_variable() -> None:
    variables = [setting.env for setting in describe() if setting.env]
    assert len(variables) == len(set(variables))


def test_tables_are_merged_key_by_key() -> None:
    resolved = resolve(
        "x",
        (
            Layer("profile x", {"engine_environment": {"A": "1", "B": "1"}}),
            Layer("file my.toml", {"engine_environment": {"B": "2", "C": "2"}}),
        ),
    )
    assert resolved.settings.engine_environment == {"A": "1", "B": "2", "C": "2"}


@pytest.mark.parametrize(
    ("name", "given_value", "value"),
    [
        ("previews", "false", False),
        ("previews", "Off", False),
        ("previews", "0", False),
        ("previews", 0, False),
        ("previews", "YES", True),
        ("previews", True, True),
        ("timeout", "3600", 3600.0),
        ("timeout", 1.5, 1.5),
        ("simulate_error", "23", 23),
        ("layout", "CALCLOUD", LayoutKind.CALCLOUD),
        ("home", "/scratch", "/scratch"),
        ("engine_environment", {"A": "b=c"}, {"A": "b=c"}),
    ],
)
def test_values_become_what_their_setting_is(name: str, given_value: Value, value: object) -> None:
    settings = resolve("x", (Layer("command line", {name: given_value}),)).settings
    assert getattr(settings, name) == value
    assert type(getattr(settings, name)) is type(value)


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("previews", "perhaps", "Expected true or false."),
        ("previews", 2, "Expected true or false."),
        ("previews", None, "Expected true or false."),
        ("timeout", "soon", "Expected a number of 0 or more."),
        ("timeout", -1, "Expected a number of 0 or more."),
        pytest.param("timeout", 10**400, "Expected a number of 0 or more.", id="beyond any float"),
        ("timeout", "inf", "Expected a number of 0 or more."),
        ("timeout", "nan", "Expected a number of 0 or more."),
        ("timeout", True, "Expected a number of 0 or more."),
        ("simulate_error", 2.5, "Expected a whole number."),
        ("layout", "shelf", "Expected tree or calcloud."),
        ("home", 7, "Expected a text."),
        ("engine_environment", "A=b", "Expected a table of texts."),
        ("engine_environment", {"A": 1}, "Expected a table of texts."),
    ],
)
def test_a_wrong_value_is_refused_and_its_source_named(name: str, value: Any, advice: str) -> None:
    with pytest.raises(InvalidSetting, match=f"file my.toml: {name} is ") as caught:
        resolve("x", (Layer("file my.toml", {name: value}),))
    assert caught.value.advice == advice


@pytest.mark.parametrize(
    ("name", "advice"),
    [("crds_pth", "Did you mean 'crds_path'?"), ("zzz", "The settings are input, output, layout, ")],
)
def test_an_unknown_setting_is_refused_with_the_nearest_that_exists(name: str, advice: str) -> None:
    with pytest.raises(InvalidSetting, match=f"file my.toml: there is no setting '{name}'") as caught:
        resolve("x", (Layer("file my.toml", {name: "x"}),))
    assert caught.value.advice.startswith(advice)


VALUES = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.dictionaries(st.text(), st.text())
)


@given(st.sampled_from([setting.name for setting in describe()]), VALUES)
def test_any_value_is_taken_or_refused(name: str, value: Value) -> None:
    try:
        settings = resolve("x", (Layer("file my.toml", {name: value}),)).settings
    except InvalidSetting as error:
        assert error.advice.startswith("Expected ")
    else:
        again = resolve("x", (Layer("file my.toml", {name: getattr(settings, name)}),)).settings
        assert again == settings


@pytest.mark.parametrize("setting", ["engine_environment", "crds_environment", "reference_overrides"])
@pytest.mark.parametrize("table", [{"A=B": "x"}, {"": "x"}, {"A\0B": "x"}, {"A": "x\0y"}])
def test_what_no_environment_can_hold_is_refused_with_its_source_and_key(setting: str, table: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting, match=rf"^/p/mine\.toml: {setting} is ") as caught:
        resolve("mine", (Layer("/p/mine.toml", {setting: table}),))
    [name] = table
    assert name in caught.value.advice or repr(name) in caught.value.advice


def test_a_text_holds_no_nul() -> None:
    with pytest.raises(InvalidSetting, match="command line: crds_path is"):
        resolve("mine", (Layer("command line", {"crds_path": "/a\0b"}),))


@pytest.mark.parametrize("value", ["flatcorr=omit, PCTECORR=perform", {"FLATCORR": "OMIT", "pctecorr": " Perform"}])
def test_switches_are_a_table_or_pairs(value: Value) -> None:
    settings = resolve("mine", (Layer("mine.toml", {"switches": value}),)).settings
    assert settings.switches == {"FLATCORR": Wish.OMIT, "PCTECORR": Wish.PERFORM}


@pytest.mark.parametrize("value", ["FLATCORR", "FLATCORR=OFF", "=OMIT", {"FLATCORR": "COMPLETE"}, 5])
def test_what_is_no_switch_with_a_state_is_refused(value: Value) -> None:
    with pytest.raises(InvalidSetting, match="switches is"):
        resolve("mine", (Layer("mine.toml", {"switches": value}),))


@pytest.mark.parametrize("name", ["hst_0729.pmap", "hst-operational", "hst-2024-01-31T00:00:00", ""])
def test_names_of_contexts_are_taken(name: str) -> None:
    assert from_profile("onsite", Layer("command line", {"crds_context": name})).crds_context == name


@pytest.mark.parametrize("name", ["hst_0729", "0729", "hst_0729.imap", "a b.pmap", "../x.pmap"])
def test_a_context_that_cannot_be_one_is_refused_with_its_source(name: str) -> None:
    with pytest.raises(InvalidSetting, match="command line: crds_context is") as caught:
        from_profile("onsite", Layer("command line", {"crds_context": name}))
    assert caught.value.advice == "Expected a CRDS context such as hst_0729.pmap."
