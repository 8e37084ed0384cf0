"""Configurations of Parsl: what is missing, and which executor gets a job."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from caldp.adapters.launchers import parsl_config
from caldp.adapters.launchers.parsl_config import check_parsl, local_config, settle
from caldp.domain.errors import UsageError
from tests.conftest import REPOSITORY


def test_without_parsl_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsl_config, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="not installed") as raised:
        check_parsl("")
    assert '"caldp[cluster]"' in raised.value.advice
    assert raised.value.exit_code == 2


@pytest.mark.cluster
def test_jobs_go_to_the_smallest_workers_that_hold_them() -> None:
    from parsl.config import Config
    from parsl.executors import HighThroughputExecutor

    from caldp.adapters.launchers.parsl import ParslPlan

    sizes = {"large": 16, "small": 2, "also-small": 2, "unknown": None}
    executors = [
        HighThroughputExecutor(label=label, address="127.0.0.1", mem_per_worker=gib) for label, gib in sizes.items()
    ]
    plan = ParslPlan(Config(executors=executors))
    assert plan.sizes == (2048, 16384)
    assert plan.labels(1792) == ["small", "also-small"]
    assert plan.labels(7168) == ["large"]
    assert plan.labels(57344) == ["large"]
    assert ParslPlan(local_config(2)).labels(57344) == ["local"]


@pytest.mark.cluster
def test_what_a_configuration_leaves_open_is_filled_in(tmp_path: Path) -> None:
    directory = tmp_path / "parsl"
    config = settle(local_config(2), directory)
    assert config.run_dir == str(directory)
    assert settle(config, tmp_path / "other").run_dir == str(directory)


@pytest.mark.cluster
def test_a_directory_that_a_shell_would_take_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="hands paths to a shell"):
        settle(local_config(2), tmp_path / "a; touch b")


@pytest.mark.cluster
def test_parameters_in_the_documentation_are_those_that_parsl_has() -> None:
    import parsl.providers
    from parsl.executors import HighThroughputExecutor

    page = (REPOSITORY / "docs/how-to/parsl.md").read_text(encoding="utf-8")
    seen: dict[str, set[str]] = {}
    for text in re.findall(r"```text\n(from parsl.*?)```", page, re.DOTALL):
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                seen.setdefault(call.func.id, set()).update(each.arg or "" for each in call.keywords)
    providers = {"CondorProvider", "PBSProProvider", "LSFProvider", "KubernetesProvider"}
    assert providers <= seen.keys()
    for name in providers:
        assert seen[name] <= inspect.signature(getattr(parsl.providers, name)).parameters.keys(), name
    assert seen["HighThroughputExecutor"] <= inspect.signature(HighThroughputExecutor).parameters.keys()
