"""Environment variables that only look as if caldp read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.settings import setting_variables
from caldp.domain.run.variables import OTHERS, warnings_of

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("CALDP_TRANSFER", " Did you mean CALDP_TRANSFERS?"),
        ("CALDP_HOMES", " Did you mean CALDP_HOME?"),
        ("CALDP_ZZZ", ""),
    ],
)
def test_a_slip_is_named_with_the_likely_variable(name: str, guess: str) -> None:
    assert list(warnings_of([name, "HOME", "CALDP_HOME", "CRDS_PATH"])) == [
        f"The environment variable {name} is not one that caldp reads: it has no effect.{guess}"
    ]


def test_no_variable_that_is_read_is_warned_of() -> None:
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").iterdir(), ROOT / "Dockerfile"]
    texts = [path.read_text(encoding="utf-8") for path in sources if path.is_file()]
    found = {name for text in texts for name in re.findall(r"\bCALDP_[A-Z0-9_]*[A-Z0-9]\b", text)}
    assert len(found) > 20
    assert list(warnings_of(found - ExitCode.__members__.keys())) == []
    assert OTHERS - found == set(), "a name that nothing reads any more"
    assert list(warnings_of(setting_variables())) == []
