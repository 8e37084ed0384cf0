from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from caldp.adapters.engines.console_script import own_interpreter

PIP = """#!{python}
# -*- coding: utf-8 -*-
import re
import sys
from calcos import main
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit(main())
"""
UV = """#!{python}
# -*- coding: utf-8 -*-
import sys
from calcos.calcos import main
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    sys.exit(main())
"""
OWN = Path(sys.executable)


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of console scripts, with this Python in it as in a virtual environment."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("python", "python3"):
        (place / name).symlink_to(OWN.resolve())
    monkeypatch.setattr(sysconfig, "get_path", lambda name: {"scripts": str(place)}[name])
    monkeypatch.setattr(sys, "executable", str(place / "python"))
    return place


@pytest.mark.parametrize("template", [PIP, UV])
@pytest.mark.parametrize("python", ["python", "python3"])
def test_knows_the_scripts_that_installers_make(template: str, python: str, scripts: Path) -> None:
    (scripts / "calcos").write_text(template.format(python=scripts / python))
    assert own_interpreter(scripts / "calcos", "calcos") == scripts / python


@pytest.mark.parametrize(
    "text",
    [
        PIP.replace("{python}", "{python} -I"),
        PIP.replace("{python}", "/usr/bin/env python3"),
        PIP.replace("{python}", str(OWN.resolve())),
        PIP.replace("{python}", "/no/such/python"),
        PIP.replace("import re", "import os; os.environ['OMP_NUM_THREADS'] = '1'"),
        PIP.replace("import re", "import numpy"),
        PIP.replace("import re", "print('hello')"),
        PIP.replace("from calcos", "from mycos"),
        PIP.replace("from calcos", "from .calcos"),
        PIP.replace("from calcos import main", "import calcos"),
        PIP.replace("from calcos", "from from calcos"),
        f"{PIP}\n# {'x' * 5000}",
        "#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\nimport sys\nfrom calcos import main\n",
        "#!/bin/sh\nexec python -m calcos\n",
        "\x7fELF\0",
        "",
    ],
)
def test_knows_no_other_program(text: str, scripts: Path) -> None:
    (scripts / "calcos").write_text(text.replace("{python}", str(scripts / "python")))
    assert own_interpreter(scripts / "calcos", "calcos") is None


def test_knows_no_script_of_another_place(scripts: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "calcos"
    elsewhere.write_text(PIP.format(python=scripts / "python"))
    assert own_interpreter(elsewhere, "calcos") is None
    (scripts / "calcos").symlink_to(elsewhere)
    assert own_interpreter(scripts / "calcos", "calcos") is None
    assert own_interpreter(scripts / "none", "calcos") is None
