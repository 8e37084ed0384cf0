"""Configurations of Parsl: the user's, and one for this machine."""

from __future__ import annotations

import re
import runpy
import shlex
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from caldp.domain.errors import UsageError
from caldp.domain.run.secrets import visible

if TYPE_CHECKING:
    from parsl.config import Config
    from parsl.executors.base import ParslExecutor

_INSTALL: Final = 'Install it: pip install --constraint "$(caldp constraints --path)" "caldp[cluster]".'
_NAME: Final = "config"
_RUN_DIR: Final = "runinfo"
"""Directory of Parsl's own files where a configuration names none."""
_INTERCHANGE: Final = [sys.executable, "-P", "-m", "caldp.adapters.launchers.parsl_interchange"]
_POOL: Final = "process_worker_pool.py"
_HEARTBEAT, _SILENCE = 4, 20
"""Seconds between two signs of life on one machine, and after which a silent side is given up."""
_PLAIN: Final = re.compile(r"[\w/.,:+@%=-]+")


def check_parsl(path: str) -> None:
    """Check that Parsl is installed, and a file of a configuration is there.

    Parameters
    ----------
    path
        Path of the file; empty for none.

    Raises
    ------
    UsageError
        If not.
    """
    if find_spec("parsl") is None:
        raise UsageError("The engine parsl needs Parsl, which is not installed.", advice=_INSTALL)
    if path and not (path.endswith(".py") and Path(path).expanduser().is_file()):
        raise UsageError(
            f"There is no configuration of Parsl at {path[:200]!r}.",
            advice=f"Expected a Python file (.py) that sets {_NAME}, such as the submit option config=site.py.",
        )


def read_config(path: str) -> Config:
    """Run a file of the user's that makes a configuration.

    Parameters
    ----------
    path
        Path of a Python file, which sets ``config`` to a ``parsl.config.Config`` or to a function that returns one.

    Raises
    ------
    UsageError
        If it cannot be run, or makes no configuration.
    """
    check_parsl(path)
    from parsl.config import Config

    file = Path(path).expanduser().absolute()
    try:
        config = runpy.run_path(str(file), run_name="caldp_parsl_config").get(_NAME)
        if callable(config):
            config = config()
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"The configuration of Parsl {str(file)!r} fails{_line(error, file)}: {_words(error)}.",
            advice="Mend the file. Parsl's documentation describes its classes.",
        ) from error
    if not isinstance(config, Config):
        raise UsageError(
            f"The file {str(file)!r} makes no configuration of Parsl.",
            advice=f"Expected that it sets {_NAME} to a parsl.config.Config, or to a function that returns one.",
        )
    return config


def local_config(workers: int) -> Config:
    """Return the configuration for this machine: Parsl's provider of local processes.

    Parameters
    ----------
    workers
        Greatest number of jobs at the same time.
    """
    check_parsl("")
    from parsl.config import Config
    from parsl.executors import HighThroughputExecutor
    from parsl.executors.high_throughput.executor import DEFAULT_LAUNCH_CMD
    from parsl.jobs.error_handlers import windowed_error_handler
    from parsl.providers import LocalProvider

    python = shlex.quote(sys.executable).replace("{", "{{").replace("}", "}}")
    executor = HighThroughputExecutor(
        label="local",
        provider=LocalProvider(init_blocks=1, min_blocks=1, max_blocks=1),  # type: ignore[no-untyped-call]
        # By its module: commands of packages need not be on PATH.
        launch_cmd=DEFAULT_LAUNCH_CMD.replace(_POOL, f"{python} -P -m parsl.executors.high_throughput.{_POOL[:-3]}"),
        address="127.0.0.1",
        max_workers_per_node=workers,
        cores_per_worker=1 / workers,
        heartbeat_period=_HEARTBEAT,
        heartbeat_threshold=_SILENCE,
        block_error_handler=windowed_error_handler,
        encrypted=True,
    )
    return Config(executors=[executor], strategy_period=1, initialize_logging=False)


def settle(config: Config, directory: Path) -> Config:
    """Complete a configuration: the place of Parsl's files, and interchanges that end with this process.

    Parameters
    ----------
    config
        The configuration, which is changed.
    directory
        Directory for Parsl's files, unless the configuration names one.

    Raises
    ------
    UsageError
        If Parsl cannot work in the directory.
    """
    from parsl.executors.high_throughput.executor import DEFAULT_INTERCHANGE_LAUNCH_CMD, HighThroughputExecutor

    if config.run_dir == _RUN_DIR:
        config.run_dir = str(directory)
        if not _PLAIN.fullmatch(config.run_dir):
            raise UsageError(
                f"Parsl cannot work in the directory {config.run_dir!r}: it hands paths to a shell as they are.",
                advice="Set CALDP_HOME to a directory without blanks or quotes in its path.",
            )
    for executor in config.executors:
        if isinstance(executor, HighThroughputExecutor) and (
            executor.interchange_launch_cmd == DEFAULT_INTERCHANGE_LAUNCH_CMD
        ):
            executor.interchange_launch_cmd = _INTERCHANGE
    return config


def memory_of(executor: ParslExecutor) -> int:
    """Return the memory of each of an executor's workers, MiB; 0 if its configuration does not tell."""
    return int(1024 * (getattr(executor, "mem_per_worker", None) or 0))


def _line(error: BaseException, file: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f" in line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f" in line {lines[-1]}" if lines else ""


def _words(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return visible(f"{type(error).__name__}: {text}".strip(": "))[:400].rstrip(".")
