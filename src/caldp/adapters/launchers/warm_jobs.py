"""Jobs that are forked from a process which has imported what jobs import, and that share servers of engines and CRDS.

Each job is a process of its own, in a session of its own, under a supervisor, with the environment, directory, streams,
limits and signals that a start would give it. Its standard input is a line to the servers.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from caldp.adapters.engines.warm import engine_recipe
from caldp.adapters.references.head_start import WORKER, worker_recipe
from caldp.adapters.support.our_programs import find_program
from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm_line import answer_line
from caldp.adapters.support.warm_pool import Recipe, WarmPool

WARM: Final = "--warm"
"""Word by which a job knows that its standard input is a line."""
_LOOK: Final = 0.05  # seconds between looks at imports that others wait for
_PATIENCE: Final = 1.0
"""Seconds for imports that have not ended; who starts a job asks before whether there are such."""
_THREADS: Final = "OPENBLAS_NUM_THREADS"
"""Variable that jobs set for themselves before they import numpy (`caldp.cli.blas`), so that the server does."""
_MODULES: Final = (
    "caldp.cli.main", "caldp.cli.batch.job", "caldp.cli.blas", "caldp.cli.interrupts", "caldp.batches.jobs",
    "caldp.container", "caldp.adapters.archive.file", "caldp.adapters.settings.script", "caldp.adapters.settings.toml",
    "caldp.adapters.previews.image.renderer", "caldp.adapters.previews.image.jpeg",
    "caldp.adapters.previews.image.picture", "caldp.adapters.previews.spectrum.renderer",
    "caldp.adapters.previews.spectrum.plot", "caldp.adapters.previews.spectrum.table", "caldp.cli.start",
    "caldp.domain.batch.reports", "caldp.domain.hst.data_quality", "numpy", "numpy.rec", "astropy.io.fits",
    "matplotlib.figure", "matplotlib.backends.backend_agg", "PIL.Image", "PIL.JpegImagePlugin", "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin", "PIL.PpmImagePlugin", "importlib_metadata._adapters", "zipp", "email.message", "email.policy",
    "platformdirs", "pydantic.fields", "pydantic.type_adapter", "pydantic.functional_validators",
    "pydantic.plugin._loader",
)  # fmt: skip
_LIBRARIES_OF_S3: Final = ("boto3", "botocore.session", "caldp.adapters.store.s3", "caldp.adapters.archive.s3")


class WarmJobs:
    """Starts jobs from a warm server; implements no port, and is asked before a job is started as usual.

    Parameters
    ----------
    script
        The program ``caldp``, as a script of this Python.
    environment
        Environment of the jobs.
    directory
        Their working directory.
    uses_s3
        True if inputs or products lie in S3.
    platform
        As ``sys.platform`` has it: without Linux every job is started as usual.
    """

    def __init__(
        self,
        script: Path,
        environment: Mapping[str, str],
        directory: Path,
        *,
        uses_s3: bool,
        platform: str = sys.platform,
    ) -> None:
        self._script, self._environment, self._directory = script, environment, directory
        modules = (*_MODULES, *(_LIBRARIES_OF_S3 if uses_s3 else ()))
        own = Recipe(Path(sys.executable), modules, may_differ=frozenset({_THREADS}), flags=("-P",))

        def recipe_of(wanted: Path) -> Recipe | None:
            return {script: own, WORKER: worker_recipe(self._rules)}.get(wanted) or engine_recipe(wanted)

        self._rules: Mapping[str, Any] | None = None
        self._is_possible = platform == "linux"
        self._is_closed = Event()
        self._pool = WarmPool(recipe_of, platform)
        self._prepare()

    def _prepare(self) -> None:
        self._pool.prepare(self._script, {_THREADS: "1", **self._environment})

    def prepare_rules(self, rules: Mapping[str, Any]) -> None:
        """Let a server load the rules by which CRDS selects references; returns at once.

        Parameters
        ----------
        rules
            Preparation of CRDS's workers that all jobs have in common.
        """
        self._rules = rules
        self._pool.prepare(WORKER, self._environment)

    def prepare_engines(self, programs: Iterable[str], environment: Mapping[str, str]) -> None:
        """Let servers import the libraries of engines that jobs are going to need; returns at once.

        They do so in turn, behind what the jobs themselves import: all at once they would take the cores from the first
        jobs, and each when it is first needed would let the jobs wait for it together.

        Parameters
        ----------
        programs
            The engines, in the order in which they are needed.
        environment
            Their environment, apart from variables that differ from job to job.
        """
        found = (find_program(program, environment) for program in programs)
        scripts = [path for path in found if path is not None and engine_recipe(path) is not None]
        if not (self._is_possible and scripts):
            return

        def prepare() -> None:
            self._wait_for(self._script)
            for script in scripts:
                self._pool.prepare(script, environment)
                self._wait_for(script)

        with suppress(RuntimeError):  # the system has no thread left: each is imported when it is needed
            Thread(target=prepare, name="caldp-engines", daemon=True).start()

    def _wait_for(self, script: Path) -> None:
        while self._pool.is_importing(script) and not self._is_closed.wait(_LOOK):
            pass

    def is_importing(self) -> bool:
        """Tell whether a start would have to wait for libraries that are being imported."""
        return self._is_possible and self._pool.is_importing(self._script)

    def start(self, words: Sequence[str]) -> Supervised | None:
        """Start a job; None if it has to be started as usual.

        Parameters
        ----------
        words
            Its arguments.

        Raises
        ------
        ChildProcessError
            If the job was lost while it started.
        """
        if not self._is_possible:
            return None  # macOS has no sockets of this type either
        self._prepare()  # another server, should the last one have been killed
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                argv = ("caldp", *words, WARM)
                job = self._pool.start(
                    self._script, self._script, argv, self._directory, self._environment, _PATIENCE,
                    source=theirs.fileno(),
                )  # fmt: skip
        except BaseException:
            ours.close()
            raise
        if job is None:
            ours.close()
            return None
        try:
            Thread(target=answer_line, args=(ours, self._pool), name="caldp-line", daemon=True).start()
        except RuntimeError:  # the system has no thread left
            ours.close()  # nobody answers, and the job starts its programs as usual
        return job

    def close(self) -> None:
        """End the servers, and what still runs from them."""
        self._is_closed.set()
        self._pool.close()
