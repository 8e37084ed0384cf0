"""Console scripts: the few lines by which pip, uv and conda make a program of a Python function."""

from __future__ import annotations

import ast
import os
import sys
import sysconfig
from pathlib import Path
from typing import Final

_LARGEST: Final = 4096
"""Bytes; scripts have a few hundred."""
_HARMLESS: Final = frozenset({"re", "sys"})
"""Modules that installers let a script import before the package."""


def own_interpreter(script: Path, package: str) -> Path | None:
    """Find the Python that a console script runs in, if that is the one that this process runs in.

    Parameters
    ----------
    script
        The program, as it was found on PATH.
    package
        Package whose function it is to call.

    Returns
    -------
    Path or None
        The Python that the first line of the script names. None for a script of another Python, for one that is no
        Python script, and for one that does anything before it imports its package.
    """
    try:
        content = script.read_bytes()
        if script.is_symlink() or not script.parent.samefile(sysconfig.get_path("scripts")):
            return None
    except OSError:
        return None
    first, _, _ = content.partition(b"\n")
    if len(content) > _LARGEST or not first.startswith(b"#!/") or not _imports_first(content, package):
        return None
    interpreter = Path(os.fsdecode(first[2:].rstrip()))
    return interpreter if _is_ours(interpreter) else None


def _is_ours(interpreter: Path) -> bool:
    """Compare directories too: the Pythons of all virtual environments are links to one file."""
    ours = Path(sys.executable)
    try:
        return interpreter.samefile(ours) and interpreter.parent.samefile(ours.parent)
    except OSError:
        return False


def _imports_first(content: bytes, package: str) -> bool:
    """Tell whether nothing comes before the import of the package but imports of modules that do nothing."""
    try:
        statements = ast.parse(content).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    for statement in statements:
        match statement:
            case ast.ImportFrom(module=str(module), level=0):
                return module.partition(".")[0] == package
            case ast.Import(names=names) if all(alias.name in _HARMLESS for alias in names):
                continue
            case _:
                return False
    return False
