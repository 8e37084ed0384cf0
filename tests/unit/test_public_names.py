"""Names of the library: listed, importable, and all that there are."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import caldp


def test_dir_lists_the_public_names_and_no_others() -> None:
    assert dir(caldp) == sorted(caldp.__all__)
    assert len(set(caldp.__all__)) == len(caldp.__all__)


@pytest.mark.parametrize("name", caldp.__all__)
def test_each_name_has_a_value(name: str) -> None:
    assert getattr(caldp, name) is not None


def test_the_version_is_the_distributions() -> None:
    assert caldp.__version__ == version("caldp")


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'caldp' has no attribute 'proces'"):
        caldp.proces  # noqa: B018


def test_to_list_the_names_loads_none_of_them() -> None:
    code = "import caldp, sys; dir(caldp); print(*(name for name in sys.modules if name.startswith('caldp')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"caldp", "caldp._moved"}
