"""CALCLOUD's layout, implied by an output; any explicit layout wins over it."""

import pytest

from caldp.calcloud.implied_layout import implied_settings
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.location import parse_output
from caldp.domain.run.settings import PROFILES, Layer, environment_layer, resolve


def layout(output: str, *others: Layer, dataset: str = "j8cb010b0") -> LayoutKind:
    implied = implied_settings(parse_output(output), DatasetName.parse(dataset))
    return resolve("aws", (implied, Layer("profile aws", PROFILES["aws"]), *others)).settings.layout


@pytest.mark.parametrize(
    "output",
    [
        "s3://bucket/outputs/j8cb010b0",
        "s3://bucket/outputs/j8cb010b0/",
        "s3://bucket/some/where/outputs/j8cb010b0",
    ],
)
def test_the_output_of_calclouds_jobs(output: str) -> None:
    assert layout(output) is LayoutKind.CALCLOUD


@pytest.mark.parametrize("dataset", ["acs_8ph_01", "skycell-p2381x06y09", "O8CB01010"])
def test_it_holds_for_every_kind(dataset: str) -> None:
    assert layout(f"s3://bucket/outputs/{dataset.lower()}", dataset=dataset) is LayoutKind.CALCLOUD


@pytest.mark.parametrize(
    "output",
    [
        "s3://bucket",
        "s3://bucket/batch-22",
        "s3://bucket/outputs",
        "s3://bucket/outputs/j8cb010c0",
        "s3://bucket/my-outputs/j8cb010b0",
        "s3://bucket/outputs/j8cb010b0/tree",
        "file:outputs/j8cb010b0",
        "none",
    ],
)
def test_any_other_output_is_a_tree(output: str) -> None:
    assert layout(output) is LayoutKind.TREE


@pytest.mark.parametrize(
    "other",
    [
        Layer("profile mine.toml", {"layout": "tree"}),
        environment_layer({"CALDP_LAYOUT": "tree"}),
        Layer("command line", {"layout": "tree"}),
    ],
)
def test_whoever_says_otherwise_wins(other: Layer) -> None:
    assert layout("s3://bucket/outputs/j8cb010b0", other) is LayoutKind.TREE


def test_the_record_of_settings_says_where_it_came_from() -> None:
    output = parse_output("s3://bucket/outputs/j8cb010b0")
    resolved = resolve("aws", (implied_settings(output, DatasetName.parse("j8cb010b0")),))
    assert resolved.origins["layout"] == "output s3://bucket/outputs/j8cb010b0"
