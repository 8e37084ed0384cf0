"""The examples in docstrings say the truth."""

import doctest
from importlib import import_module

import pytest

MODULES = [
    "caldp.calcloud.bucket",
    "caldp.calcloud.datasets",
    "caldp.calcloud.message_names",
    "caldp.domain.exit_codes",
    "caldp.sysexit",
]


@pytest.mark.parametrize("module", MODULES)
def test_examples(module: str) -> None:
    result = doctest.testmod(import_module(module))
    assert result.attempted > 0
    assert result.failed == 0
