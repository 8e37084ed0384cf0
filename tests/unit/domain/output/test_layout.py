"""Keys of products, logs and messages (docs/reference/contracts/layouts.md)."""

from __future__ import annotations

import pytest

from caldp.app.layouts import LAYOUTS
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category, LayoutKind, TreeLayout
from caldp.domain.output.location import parse_output
from caldp.domain.output.messages import MessageState

COS = DatasetName.parse("ldfd01010")
ACS = DatasetName.parse("j8cb010b0")
VISIT = DatasetName.parse("wfc3_b2a_1z")
SKYCELL = DatasetName.parse("skycell-p2381x06y09")


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (TreeLayout().prefix(COS), "data/cos/ldfd01010/"),
        (TreeLayout().prefix(VISIT), "data/wfc3/wfc3_b2a_1z/"),
        (TreeLayout().prefix(SKYCELL), "data/mvm/skycell-p2381x06y09/"),
        (TreeLayout().file_key(COS, Category.PRODUCT, "x_x1d.fits"), "data/cos/ldfd01010/x_x1d.fits"),
        (TreeLayout().file_key(COS, Category.PREVIEW, "x_x1d.png"), "data/cos/ldfd01010/previews/x_x1d.png"),
        (TreeLayout().log_key(COS, "process.txt"), "data/cos/ldfd01010/logs/process.txt"),
        (
            TreeLayout().file_key(COS, Category.ENVIRONMENT, "ldfd01010_cal_env.txt"),
            "data/cos/ldfd01010/env/ldfd01010_cal_env.txt",
        ),
        (CalcloudLayout().prefix(ACS), "outputs/j8cb010b0/"),
        (CalcloudLayout().archive_key(ACS), "outputs/j8cb010b0/j8cb010b0.tar.gz"),
        (CalcloudLayout().file_key(ACS, Category.PRODUCT, "j8cb010b1.tra"), "j8cb010b0/j8cb010b1.tra"),
        (CalcloudLayout().file_key(ACS, Category.PREVIEW, "x.jpg"), "j8cb010b0/previews/x.jpg"),
        (CalcloudLayout().log_key(ACS, "preview_metrics.txt"), "outputs/j8cb010b0/preview_metrics.txt"),
    ],
)
def test_files(key: str, place: str) -> None:
    assert key == place


@pytest.mark.parametrize(
    ("state", "tree", "calcloud"),
    [
        (MessageState.PROCESSING, "messages/datasets-processing/j8cb010b0", "messages/processing-j8cb010b0"),
        (MessageState.PROCESSED, "messages/datasets-processed/j8cb010b0", "messages/processed-j8cb010b0.trigger"),
        (MessageState.ERROR, "messages/datasets-error/j8cb010b0", "messages/error-j8cb010b0"),
        (MessageState.SYNCED, "messages/dataset-synced/j8cb010b0", None),  # a downloader's, not in CALCLOUD's bucket
        (MessageState.ARCHIVED, "messages/dataset-archived/j8cb010b0", None),
    ],
)
def test_messages(state: MessageState, tree: str, calcloud: str | None) -> None:
    assert TreeLayout().message_key(ACS, state) == tree
    if calcloud is not None:
        assert CalcloudLayout().message_key(ACS, state) == calcloud


def test_each_kind_has_its_layout() -> None:
    assert {kind: LAYOUTS[kind].kind for kind in LayoutKind} == {kind: kind for kind in LayoutKind}


@pytest.mark.parametrize(
    ("output", "root"),
    [
        ("s3://bucket/outputs/j8cb010b0", "s3://bucket"),  # as CALCLOUD's Batch jobs name it
        ("s3://bucket/outputs", "s3://bucket"),
        ("s3://bucket", "s3://bucket"),
        ("s3://bucket/batch-22/outputs/j8cb010b0", "s3://bucket/batch-22"),
        ("s3://bucket/batch-22", "s3://bucket/batch-22"),
        ("s3://bucket/my-outputs", "s3://bucket/my-outputs"),
        ("s3://bucket/outputs/j8cb010c0", "s3://bucket/outputs/j8cb010c0"),
        ("file:/data/outputs/j8cb010b0/", "file:/data"),
        ("file:/outputs", "file:/"),
        ("file:outputs", "file:."),
        ("file:/", "file:/"),
        ("none", "none"),
    ],
)
def test_calclouds_output_names_a_place_below_the_root(output: str, root: str) -> None:
    assert str(CalcloudLayout().root(parse_output(output), ACS)) == root
