"""Choice of references by the rules of a CRDS context, for many exposures, through one worker."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from io import BufferedReader, RawIOBase
from pathlib import Path
from threading import RLock
from typing import Any, Final, cast

from caldp.adapters.references.crds_questions import answer_of
from caldp.adapters.references.crds_worker import event_of
from caldp.adapters.references.head_start import start_worker
from caldp.adapters.support.supervised import Supervised
from caldp.app.ports.listener import Listener
from caldp.domain.errors import BestrefsError, CacheIncomplete
from caldp.domain.run.events import Level, Note
from caldp.domain.run.secrets import blotted
from caldp.domain.stale.rules import ContextFacts, InstrumentFacts

_PLAIN: Final = re.compile(r"\w[\w.+-]*")
"""Names of reference files. Records and headers come from elsewhere, and a name may lead out of the cache."""
_REMEMBERED: Final = 1000
"""Assignments that are remembered: the files of one exposure have the same. The worker remembers more, by mode."""


class CrdsChoice:
    """Chooses references with the CRDS library; implements the port ReferenceChoice.

    Parameters
    ----------
    cache
        The CRDS cache; nothing is written to it.
    context
        The context.
    environment
        The worker's whole environment, CRDS variables included. Unless it says that the cache is read-only, a
        server's context and list of bad files count, as they do in a run.
    tell
        Hears warnings.
    timeout
        Seconds that a server may be silent, if one is asked.
    """

    def __init__(
        self, cache: Path, context: str, environment: Mapping[str, str], tell: Listener, timeout: float = 60.0
    ) -> None:
        self._cache = cache
        self._context = context
        self._asks_server = environment.get("CRDS_READONLY_CACHE") != "1"
        self._environment = {
            **environment,
            "CRDS_PATH": str(cache),
            "CRDS_OBSERVATORY": "hst",
            "CRDS_READONLY_CACHE": "1",
            "CRDS_CLIENT_RETRY_COUNT": "1",
            "CRDS_CLIENT_RETRY_DELAY_SECONDS": "0",
            "CRDS_CLIENT_TIMEOUT_SECONDS": str(max(1, int(timeout))),
        }
        self._tell = tell
        self._timeout = timeout
        self._lock = RLock()
        self._worker: Supervised | None = None
        self._lines: BufferedReader | None = None
        self._facts: ContextFacts | None = None
        self._instruments: dict[str, InstrumentFacts] = {}
        self._assigned: OrderedDict[tuple[tuple[str, str], ...], Mapping[str, str]] = OrderedDict()
        self._paths: dict[str, Path | None] = {}

    def context(self) -> ContextFacts:
        """Return what holds for the context as a whole."""
        with self._lock:
            if self._facts is None:
                self._check_cache()
                answer = self._ask({"ask": "context"})
                self._facts = ContextFacts(answer["name"], frozenset(answer["withdrawn"]))
            return self._facts

    def instrument(self, name: str) -> InstrumentFacts:
        """Return what holds for the rules of an instrument."""
        self.context()
        with self._lock:
            if name not in self._instruments:
                answer = self._ask({"ask": "instrument", "name": name})
                self._instruments[name] = InstrumentFacts(frozenset(answer["keys"]), tuple(answer["kinds"]))
            return self._instruments[name]

    def assign(self, selection: Mapping[str, str]) -> Mapping[str, str]:
        """Return the references of an exposure."""
        keys = self.instrument(selection["INSTRUME"].strip().lower()).keys
        wanted = tuple(sorted((key, value) for key, value in selection.items() if key in keys))
        with self._lock:
            if wanted not in self._assigned:
                self._assigned[wanted] = self._ask({"ask": "assign", "selection": dict(wanted)})["references"]
                if len(self._assigned) > _REMEMBERED:
                    self._assigned.popitem(last=False)
            return self._assigned[wanted]

    def locate(self, names: Iterable[str]) -> Mapping[str, Path | None]:
        """Find reference files in the cache by name."""
        self.context()
        names = list(dict.fromkeys(names))
        with self._lock:
            unknown = [name for name in names if name not in self._paths and _PLAIN.fullmatch(name)]
            if unknown:
                answer = self._ask({"ask": "locate", "names": unknown})["paths"]
                self._paths |= {name: None if path is None else Path(path) for name, path in answer.items()}
            return {name: self._paths.get(name) for name in names}

    def close(self) -> None:
        """End the worker if it is there."""
        with self._lock:
            worker, self._worker, lines, self._lines = self._worker, None, self._lines, None
        if lines is not None:
            lines.detach()  # the worker closes its stream
        if worker is not None:
            worker.close()

    def _check_cache(self) -> None:
        if not self._cache.is_dir():
            raise CacheIncomplete(
                f"There is no CRDS cache at {self._cache}.",
                advice="Set CRDS_PATH to a cache that has the context and the reference files.",
            )

    def _start(self) -> Supervised:
        if self._worker is None:
            self._worker = start_worker(self._environment)
            self._lines = BufferedReader(cast("RawIOBase", self._worker.stdout))
            self._worker.say({
                "environment": self._environment, "context": self._context, "instrument": "", "sync": False,
                "as_server": self._asks_server, "check": "off", "attempts": 2, "timeout": self._timeout, "minimum": 0.0,
                "window": self._timeout, "deadline": 0.0, "at_once": 1,
            })  # fmt: skip
        return self._worker

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the worker, and wait for its answer among what CRDS logs.

        Raises
        ------
        BestrefsError
            If the worker cannot answer, or is lost.
        """
        log: list[str] = []
        try:
            self._start().say(question)
            if self._lines is None:
                raise AssertionError("_start() has opened the lines")
            for data in self._lines:
                line = data.decode(errors="replace")
                answer, event = answer_of(line), event_of(line)
                if answer is not None:
                    return _sound(answer, self._cache)
                if isinstance(event, Note) and event.level is Level.WARNING:
                    self._tell(event)
                elif event is None and line.strip():
                    log.append(blotted(line.strip()))
        except (OSError, ValueError) as error:
            self.close()
            raise _lost(log) from error
        self.close()
        raise _lost(log)


def _sound(answer: dict[str, Any], cache: Path) -> dict[str, Any]:
    if "sentence" in answer:
        raise BestrefsError(answer["sentence"], advice=answer["advice"])
    if "failure" in answer:
        raise BestrefsError(
            f"CRDS failed with the cache at {cache}: {answer['failure']}",
            advice="Check CRDS_PATH, the context (CRDS_CONTEXT) and CRDS_SERVER_URL.",
        )
    return answer


def _lost(log: list[str]) -> BestrefsError:
    words = f" It said: {' '.join(log[-3:])}" if log else ""
    return BestrefsError(f"The process in which CRDS works is lost.{words}", advice="Run the command again.")
