"""Old names of modules.

Those that the documentation of earlier versions named go on working, with a deprecation. Those that the scripts of the
public program ran (``python -m caldp.process``) answer with the command of today.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader, MetaPathFinder
    from types import CodeType, ModuleType
else:  # to load the module of these classes takes longer than all the rest of ``import caldp``
    Loader = MetaPathFinder = object

MOVED: Final = {
    "caldp.adapters.simulation": "caldp.simulation",
    "caldp.app.clean_up": "caldp.domain.run.leftovers",
    "caldp.app.flow": "caldp.domain.run.outcome",
    "caldp.app.outcome": "caldp.domain.run.outcome",
    "caldp.app.plan_run": "caldp.domain.run.plan",
    "caldp.domain.calcloud": "caldp.calcloud",
    "caldp.domain.dataset": "caldp.domain.hst.dataset",
    "caldp.domain.diagnosis": "caldp.domain.calibration.diagnosis",
    "caldp.domain.engine_variables": "caldp.domain.run.engine_variables",
    "caldp.domain.events": "caldp.domain.run.events",
    "caldp.domain.expected": "caldp.domain.calibration.expected",
    "caldp.domain.instrument": "caldp.domain.hst.instrument",
    "caldp.domain.judgement": "caldp.domain.calibration.judgement",
    "caldp.domain.layout": "caldp.domain.output.layout",
    "caldp.domain.leftovers": "caldp.domain.run.leftovers",
    "caldp.domain.location": "caldp.domain.output.location",
    "caldp.domain.messages": "caldp.domain.output.messages",
    "caldp.domain.record": "caldp.domain.run.record",
    "caldp.domain.selection": "caldp.domain.hst.selection",
    "caldp.domain.settings": "caldp.domain.run.settings",
    "caldp.domain.usage": "caldp.domain.run.usage",
    "caldp.domain.verdict": "caldp.domain.run.verdict",
    "caldp.toolbox": "caldp.api",
}
"""New name by old name; of a package with all that it holds."""


_PREVIEWS: Final = "caldp process draws the previews; of products that are there:  caldp preview FILE_OR_DIR"
RAN: Final = {
    "caldp.process": "it is a command today:  caldp process {dataset} {input} {output}",
    "caldp.create_preview": _PREVIEWS,
    "caldp.create_previews": _PREVIEWS,
}
"""Answer by the module that a script of the public program ran, with the parameters INPUT OUTPUT DATASET."""


def new_name(old: str) -> str | None:
    """Return the new name of a module, or None if it is none of the old names."""
    package, _, name = old.rpartition(".")
    if old in MOVED or not package:
        return MOVED.get(old)
    moved = new_name(package)
    return moved and f"{moved}.{name}"


class _OldName(Loader):
    """Loads the module of a new name under an old one."""

    def __init__(self, new: str) -> None:
        self._new = new

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave it to the import system to make a module, which `exec_module` replaces."""

    def exec_module(self, module: ModuleType) -> None:
        import warnings

        old, new = module.__name__, self._new
        # The import system's own frames do not count: the warning points at the import.
        warnings.warn(f"{old} is now {new}; the old name will go away.", DeprecationWarning, stacklevel=2)
        sys.modules[old] = import_module(new)


class _Ran(Loader):
    """Answers ``python -m`` with the command of today. There is no module to import."""

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        """Refuse an import, which would hide the function ``caldp.process``."""
        raise ImportError(f"There is no module {spec.name}; in Python: from caldp import process, plan", name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: no module is ever made."""

    def get_code(self, name: str) -> CodeType:
        """Return what ``python -m`` runs."""
        return compile(f"from caldp._moved import answer\nanswer({name!r})", f"<{name}>", "exec")


def answer(name: str) -> NoReturn:
    """Name the command that does what a module did, with the parameters that it was given, and exit with status 2."""
    import shlex

    given = dict(zip(("input", "output", "dataset"), map(shlex.quote, sys.argv[1:]), strict=False))
    words = {"input": "INPUT", "output": "OUTPUT", "dataset": "DATASET", **given}
    print(f"caldp: python -m {name}: {RAN[name].format(**words)}", file=sys.stderr)  # noqa: T201  it is a script's answer
    sys.exit(2)


class _OldNames(MetaPathFinder):
    """Finds modules by their old names."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in RAN:
            return ModuleSpec(fullname, _Ran())
        if (new := new_name(fullname)) is None:
            return None
        from importlib.util import find_spec

        return ModuleSpec(fullname, _OldName(new)) if find_spec(new) else None


def keep_old_names() -> None:
    """Let old names be imported.

    The finder goes to the front: below a package under its old name, the usual one would load modules a second time.
    """
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OldNames())
