"""The error tree: every failure knows its status and its advice."""

from __future__ import annotations

import pytest

from caldp.domain import errors
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode

STATUSES = {
    # command line and settings
    "UsageError": 2,
    "InvalidDatasetName": 2,
    "UnsupportedInstrument": 2,
    "InvalidLocation": 2,
    "InvalidSetting": 2,
    "InvalidManifest": 2,
    "InvalidRecord": 2,
    "InvalidLock": 2,
    "InvalidCapsule": 2,
    "ContractError": 2,
    # inputs
    "InputNotFound": 21,
    "InputMismatch": 21,
    "InputTarError": 21,
    "ArchiveError": 22,
    "DownloadError": 26,
    "InvalidInput": 23,
    # the way through
    "BestrefsError": 27,
    "CacheIncomplete": 27,
    "StageError": 23,
    "EngineNotFound": 23,
    "PreviewError": 28,
    # outputs and surroundings
    "PublishError": 1,
    "UploadError": 25,
    "KeyTaken": 1,
    "ConditionsUnknown": 1,
    "DatasetTaken": 1,
    "LaunchError": 1,
    "BatchTaken": 1,
    "WorkDirectoryError": 1,
    "CaldpError": 1,
}

TREE = {
    name: value for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, CaldpError)
}


def test_every_class_of_the_tree_has_its_status() -> None:
    assert {name: int(error.default_exit_code) for name, error in TREE.items()} == STATUSES


@pytest.mark.parametrize("error", TREE.values())
def test_an_error_says_its_sentence_and_keeps_its_advice(error: type[CaldpError]) -> None:
    raised = error("The cache is gone.", advice="Set CRDS_PATH.")
    assert str(raised) == raised.message == "The cache is gone."
    assert raised.advice == "Set CRDS_PATH."
    assert raised.exit_code is error.default_exit_code
    assert error("x", exit_code=ExitCode.SVM_ERROR).exit_code is ExitCode.SVM_ERROR


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        ("InvalidDatasetName", ValueError),
        ("InvalidLocation", ValueError),
        ("InvalidSetting", ValueError),
        ("InvalidInput", ValueError),
        ("InputNotFound", FileNotFoundError),
        ("EngineNotFound", FileNotFoundError),
    ],
)
def test_an_error_is_also_the_builtin_that_a_caller_expects(error: str, builtin: type[Exception]) -> None:
    assert issubclass(TREE[error], builtin)
