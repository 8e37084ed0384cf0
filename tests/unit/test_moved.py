"""Old names of modules."""

from __future__ import annotations

import subprocess
import sys
import warnings
from importlib import import_module

import pytest

from caldp._moved import MOVED, RAN, new_name

OLD = (*MOVED, "caldp.adapters.simulation.simulate", "caldp.domain.calcloud.targets", "caldp.domain.expected.cos")


@pytest.mark.parametrize("old", OLD)
def test_an_old_name_gives_the_module_of_the_new_one(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if new_name(name):
            monkeypatch.delitem(sys.modules, name)
    new = new_name(old)
    assert new
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module = import_module(old)
    assert module is import_module(new)
    assert [(item.category, str(item.message)) for item in caught][-1] == (
        DeprecationWarning,
        f"{old} is now {new}; the old name will go away.",
    )


def test_the_line_that_uses_an_old_name_is_named() -> None:
    code = "from caldp.domain.dataset import DatasetName\nfrom caldp.domain.events import Note\n"
    run = subprocess.run([sys.executable, "-W", "always", "-c", code], capture_output=True, text=True, check=True)
    assert "<string>:1: DeprecationWarning: caldp.domain.dataset is now caldp.domain.hst.dataset" in run.stderr
    assert "<string>:2: DeprecationWarning: caldp.domain.events is now caldp.domain.run.events" in run.stderr


def test_what_there_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"caldp\.domain\.nonsense"):
        import_module("caldp.domain.nonsense")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["caldp.process", "file:.", "file:out", "j8cb010b0"], "caldp process j8cb010b0 file:. file:out"),
        (["caldp.process", "file:my inputs"], "caldp process DATASET 'file:my inputs' OUTPUT"),
        (["caldp.create_previews", "file:.", "file:out", "j8cb010b0"], "caldp preview FILE_OR_DIR"),
        (["caldp.create_preview"], "caldp preview FILE_OR_DIR"),
    ],
)
def test_a_module_that_scripts_ran_answers_with_the_command(words: list[str], answer: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"caldp: python -m {words[0]}: ")
    assert line.endswith(f":  {answer}")


@pytest.mark.parametrize("name", RAN)
def test_such_a_module_cannot_be_imported_and_hides_no_function(name: str) -> None:
    import caldp

    with pytest.raises(ImportError, match="from caldp import process"):
        import_module(name)
    assert callable(caldp.process)
