"""Configuration scripts, as the founding readme has them: a shell sources one for the variables that it exports."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from caldp.adapters.support.our_programs import with_our_programs
from caldp.domain.errors import InvalidSetting
from caldp.domain.run.exports import PROFILE_VARIABLE

_SECONDS: Final = 10
_MOST_BLOCKS: Final = 2048  # of 512 or 1024 bytes, as the shell counts; all that a script prints or writes
_GIVEN: Final = frozenset({"HOME", "USER", "LOGNAME", "PATH", "LANG", "LC_ALL", "TMPDIR"})
_GIVEN_BEGINNINGS: Final = ("CALDP_", "CRDS")
_OF_THE_SHELL: Final = frozenset({"PWD", "OLDPWD", "SHLVL", "_"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELL_LINE: Final = re.compile(r"^(?:#!.*\b(?:ba|da|k|z)?sh\b|[ \t]*(?:export|source|\.)[ \t]+\S)", re.MULTILINE)


def is_script(text: str) -> bool:
    """Tell whether a file's text is one that a shell sources: it names a shell, exports or sources something."""
    return "\0" not in text and _SHELL_LINE.search(text) is not None


def read_exports(script: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Let a clean shell source a script, and return the variables that it exports.

    The shell has HOME, PATH with our programs, the language, and the caller's CALDP_* and CRDS* variables;
    no other variable, no terminal, no start-up file, and ten seconds. What the script starts is ended with it.

    Parameters
    ----------
    script
        A file that the user has named: it can run any program.
    environ
        The caller's environment.

    Returns
    -------
    dict
        Variables that the shell did not have before, or has changed.

    Raises
    ------
    InvalidSetting
        If the script fails, does not end, or prints without end.
    """
    given = {name: value for name, value in {**os.environ, **environ}.items() if name in _GIVEN}
    given |= {name: value for name, value in environ.items() if name.startswith(_GIVEN_BEGINNINGS)}
    given = {**with_our_programs(given), PROFILE_VARIABLE: ""}
    found = script.stat()
    stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    return dict(_read(script, stamp, frozenset(given.items()), Path.cwd()))


@lru_cache(maxsize=8)
def _read(
    script: Path, _stamp: tuple[int, ...], given: frozenset[tuple[str, str]], _here: Path
) -> tuple[tuple[str, str], ...]:
    """Run the shell once for a state of the script: settings and environment of a run both ask for its exports."""
    before = dict(given)
    shell = shutil.which("bash", path=before["PATH"]) or "/bin/sh"
    env = shlex.quote(shutil.which("env", path=os.defpath) or "env")
    # A shell goes on after a file that it cannot parse: -n finds that first.
    text = f'ulimit -f {_MOST_BLOCKS}; ulimit -t {_SECONDS}; "$0" -n "$1" || exit; . "$1" >&2; exec {env} -0'
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [shell, "-c", text, shell, str(script)],
            env=before, stdin=subprocess.DEVNULL, stdout=output, stderr=said, start_new_session=True,
        )  # fmt: skip
        try:
            status = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            status = -signal.SIGXCPU
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status:
            raise InvalidSetting(f"{script} cannot be used: {_reason(status)}.", advice=_last_line(said))
        pairs = (pair.partition("=") for pair in _text(output).split("\0"))
    after = {name: value for name, _, value in pairs if _NAME.fullmatch(name) and name not in _OF_THE_SHELL}
    return tuple((name, value) for name, value in sorted(after.items()) if before.get(name) != value)


def _reason(status: int) -> str:
    if status == -signal.SIGXCPU:
        return f"it has not ended within {_SECONDS} s"
    if status == -signal.SIGXFSZ:
        return "it prints or writes too much"
    return f"the shell that sources it ends with status {status}"


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="surrogateescape")


def _last_line(said: IO[bytes]) -> str:
    lines = _text(said).strip().splitlines()
    return f"It says: {lines[-1][:200]}" if lines else "Source it in a shell to see why."
