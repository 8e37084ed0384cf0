"""Description of this machine."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from caldp.adapters.health.this_machine import describe_machine
from caldp.domain.run.engine_variables import BY_NAME
from caldp.domain.run.identity import THREAD_VARIABLES, thread_settings
from tests.fakes.memory_watch import FakeMemory


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor\t: 0\nmodel name\t: Intel(R) Xeon(R) CPU @ 2.20GHz\n", "Intel(R) Xeon(R) CPU @ 2.20GHz"),
        ("Processor\t: ARMv7 Processor rev 4 (v7l)\nprocessor\t: 0\n", "ARMv7 Processor rev 4 (v7l)"),
        ("processor\t: 0\nBogoMIPS\t: 48.00\n", platform.processor() or platform.machine()),
        ("", platform.processor() or platform.machine()),
    ],
)
def test_the_processor_is_named(text: str, model: str, tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(text)
    assert describe_machine(FakeMemory(bound=None), cpuinfo).processor == model


def test_a_system_without_cpuinfo_names_its_architecture(tmp_path: Path) -> None:
    found = describe_machine(FakeMemory(bound=None), tmp_path / "none")
    assert found.processor == (platform.processor() or platform.machine())


def test_this_machine() -> None:
    found = describe_machine(FakeMemory(bound=4 << 30))
    assert found.platform == platform.platform()
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert (found.memory_limit, found.threads) == (4 << 30, {})


def test_thread_settings_are_variables_that_engines_get() -> None:
    assert set(THREAD_VARIABLES) <= BY_NAME.keys()
    assert thread_settings({"OMP_NUM_THREADS": "2", "PATH": "/bin"}) == {"OMP_NUM_THREADS": "2"}
