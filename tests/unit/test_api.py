"""Parameters of the library, resolved before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import caldp
from caldp.api import make_request, plan, process
from caldp.domain.errors import CacheIncomplete, CaldpError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.layout import LayoutKind

OUTPUT = "s3://bucket/outputs/j8cb010b0"


@pytest.mark.parametrize(
    ("output", "overrides", "environment", "layout"),
    [
        (OUTPUT, {}, {}, LayoutKind.CALCLOUD),
        (OUTPUT, {}, {"CALDP_LAYOUT": "tree"}, LayoutKind.TREE),
        (OUTPUT, {"layout": "tree"}, {"CALDP_LAYOUT": "calcloud"}, LayoutKind.TREE),
        ("s3://bucket/batch-22", {}, {}, LayoutKind.TREE),
        (None, {"output": OUTPUT}, {}, LayoutKind.CALCLOUD),
    ],
)
def test_calclouds_output_implies_its_layout_and_anything_else_wins(
    output: str | None, overrides: dict[str, str], environment: dict[str, str], layout: LayoutKind
) -> None:
    request = make_request("J8CB010B0", output=output, profile="aws", overrides=overrides, environment=environment)
    assert request.settings.layout is layout


def test_a_failure_of_the_command_line_can_be_simulated() -> None:
    with pytest.raises(CaldpError, match="Injected failure with status 2") as raised:
        caldp.process("ldfd01010", environment={"CALDP_SIMULATE_ERROR": "2"})
    assert raised.value.exit_code is ExitCode.CMDLINE_ERROR


def test_paths_are_locations_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    requests = [
        make_request("ldfd01010", *places, environment={})
        for places in (
            ("in", "out"),
            ("file:in", "file:out"),
            (Path("in"), tmp_path / "out"),
            ("./in", str(tmp_path / "out")),
        )
    ]
    assert {str(request) for request in requests} == {f"ldfd01010: file:{tmp_path}/in -> file:{tmp_path}/out"}
    assert len({request.digest for request in requests}) == 1


def test_a_profiles_places_are_made_absolute_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    request = make_request("ldfd01010", environment={})
    assert str(request) == f"ldfd01010: file:{tmp_path} -> file:{tmp_path}"


@pytest.mark.parametrize("run", [process, plan])
def test_a_request_is_taken_as_it_is_and_nothing_beside_it(run: Callable[..., object], tmp_path: Path) -> None:
    request = make_request(
        "ldfd01010", tmp_path / "nothing", tmp_path / "out", environment={"CALDP_HOME": str(tmp_path)}
    )
    with pytest.raises(TypeError, match="its own source, target and settings"):
        run(request, "elsewhere")
    with pytest.raises(TypeError, match="its own source, target and settings"):
        run(request, overrides={"previews": False})


def test_a_request_is_run(tmp_path: Path) -> None:
    request = make_request(
        "ldfd01010", tmp_path / "nothing", tmp_path / "out", environment={"CALDP_HOME": str(tmp_path)}
    )
    outcome = process(request, environment={})
    assert outcome.status is ExitCode.INPUT_TAR_FILE_ERROR
    assert str(tmp_path / "nothing") in outcome.record.failures[0].message
    assert (tmp_path / "out" / "messages" / "datasets-error" / "ldfd01010").exists()


def test_a_context_that_a_cache_alone_does_not_have_is_refused_at_once(tmp_path: Path) -> None:
    mappings = tmp_path / "cache" / "mappings" / "hst"
    mappings.mkdir(parents=True)
    for number in range(7):
        (mappings / f"hst_000{number}.pmap").touch()
    environment = {"CRDS_PATH": str(tmp_path / "cache")}
    with pytest.raises(CacheIncomplete, match=r"does not have the context hst_9999\.pmap") as caught:
        make_request("j8cb010b0", overrides={"crds_context": "hst_9999.pmap"}, environment=environment)
    assert "It has hst_0006.pmap, hst_0005.pmap, " in caught.value.advice
    assert "and 2 more" in caught.value.advice
    found = make_request("j8cb010b0", overrides={"crds_context": "hst_0003.pmap"}, environment=environment)
    assert found.settings.crds_context == "hst_0003.pmap"
    offsite = environment | {"CRDS_SERVER_URL": "https://hst-crds.stsci.edu"}
    make_request("j8cb010b0", overrides={"crds_context": "hst_9999.pmap"}, environment=offsite)
    with pytest.raises(CacheIncomplete, match="There is no CRDS cache"):
        nowhere = {"CRDS_PATH": str(tmp_path / "none")}
        make_request("j8cb010b0", overrides={"crds_context": "hst_0003.pmap"}, environment=nowhere)


@pytest.mark.parametrize("name", [" J8CB010B0", "j8cb010b0\n", "\tj8cb010b0 "])
def test_blanks_around_a_name_are_forgiven(name: str) -> None:
    assert make_request(name, environment={}).dataset.name == "j8cb010b0"
