"""``import caldp`` must stay light: CALCLOUD imports the domain inside 128 MB lambdas."""

import json
import subprocess
import sys

import pytest

_SCRIPT = """
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""


@pytest.mark.parametrize("module", ["caldp", "caldp.domain", "caldp.domain.run.record", "caldp.domain.run.settings"])
def test_loads_only_the_standard_library_and_attrs(module: str) -> None:
    script = _SCRIPT.format(module=module)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "caldp" in loaded
    assert loaded - set(sys.stdlib_module_names) <= {"caldp", "attr", "attrs"}
