"""Best reference files through the CRDS library, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from io import BufferedReader, RawIOBase
from pathlib import Path
from threading import Thread
from typing import IO, Any, cast

from caldp.adapters.references.contexts import require_context
from caldp.adapters.references.crds_worker import event_of
from caldp.adapters.references.head_start import start_worker
from caldp.adapters.support.pace import TransferLimits
from caldp.adapters.support.supervised import Supervised
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.scratch.ownership import owned_temporary
from caldp.app.scratch.work_directory import EXCHANGE_PREFIX
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.errors import BestrefsError, CacheIncomplete
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.run.crds_variables import reads_a_bucket
from caldp.domain.run.events import Level, Note
from caldp.domain.run.secrets import blotted
from caldp.domain.run.settings import NO_SERVER

_MOST_REPORTED = 5
_SERVER = "CRDS_SERVER_URL"
_LAST_WORDS = 5.0  # seconds that are left for the log of a worker that has ended


class CrdsReferences:
    """Assigns references by the rules of a CRDS context; implements the port ReferenceFileService.

    Parameters
    ----------
    cache
        The CRDS cache; its layout may be flat, by instrument, or legacy.
    context
        The context to assign from, or what tells it when it is needed; empty for the cache's or server's operational
        one.
    readonly
        Never download: every assigned reference must be in the cache.
    environment
        The worker's whole environment, CRDS variables included.
    fits
        Checks that references are whole before an engine meets them.
    only_plan
        Only find out which references are assigned: they need not be in the cache.
    check
        Strictness of comparing references in the cache with CRDS's catalogue.
    attempts
        Number of requests to a server while its trouble may pass.
    timeout
        Seconds that it may be silent.
    limits
        Slowest pace, and longest time for a file.
    at_once
        Downloads at the same time.
    """

    def __init__(
        self,
        cache: Path,
        context: str | Callable[[], str],
        *,
        readonly: bool,
        environment: Mapping[str, str],
        fits: FitsFiles,
        only_plan: bool = False,
        check: ReferenceCheck = ReferenceCheck.AUTO,
        attempts: int = 6,
        timeout: float = 60.0,
        limits: TransferLimits = TransferLimits(),  # noqa: B008  it is frozen
        at_once: int = 4,
    ) -> None:
        self._cache = cache
        self._context = context
        self._readonly = readonly
        self._environment = {
            **environment,
            "CRDS_PATH": str(cache),
            "CRDS_OBSERVATORY": "hst",
            "CRDS_READONLY_CACHE": "1" if readonly else "0",
            # We ask again, and know what may pass; CRDS would do so after every error, within each of our tries.
            "CRDS_CLIENT_RETRY_COUNT": "1",
            "CRDS_CLIENT_RETRY_DELAY_SECONDS": "0",
            "CRDS_CLIENT_TIMEOUT_SECONDS": str(max(1, int(timeout))),
        }
        self._fits = fits
        self._only_plan = only_plan
        self._preparation = {
            "sync": not readonly,
            "check": check.value,
            "attempts": max(1, attempts),
            "timeout": timeout,
            "minimum": limits.minimum,
            "window": limits.window,
            "deadline": limits.deadline,
            "at_once": max(1, at_once),
        }
        self._worker: Supervised | None = None

    def prepare(self, dataset: AnyDataset | None = None) -> None:
        """Start the worker, which loads CRDS and its rules while the caller fetches inputs."""
        if self._worker is None:
            self._worker = worker = start_worker(self._environment)
            preparation = {
                **self._preparation,
                "environment": self._environment,
                "context": self._context if isinstance(self._context, str) else None,
                "instrument": "" if dataset is None or dataset.is_mosaic else dataset.instrument.value,
            }
            _say(worker, preparation)

    def ahead(self, instruments: Iterable[str]) -> Mapping[str, Any] | None:
        """Return the preparation of workers for datasets of some instruments, for a server that loads rules for all.

        None where what a worker loads may change from one to the next: a cache that is written, rules or catalogues
        from a server or bucket, a context that is asked for.

        Parameters
        ----------
        instruments
            Names of instruments in lower case.
        """
        names = sorted(instruments)
        is_lasting = self._readonly and isinstance(self._context, str) and self._environment.get(_SERVER) == NO_SERVER
        if not names or not is_lasting or reads_a_bucket(self._environment):
            return None
        preparation = {**self._preparation, "environment": self._environment, "context": self._context}
        return {**preparation, "instrument": "", "instruments": names}

    def close(self) -> None:
        """End the worker if it is still there, with all that it has started."""
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.close()

    def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
        """Write the best reference files into the headers of raw exposures."""
        context = self._context if isinstance(self._context, str) else self._context()
        self._check_cache(context)
        answer, log = self._ask(raws, context, tell)
        errors = tuple(line for line in log if "ERROR" in line)
        if "sentence" in answer:
            raise self._insufficient(answer["sentence"], advice=answer["advice"])
        if "failure" in answer:
            raise self._failure(answer["failure"], errors)
        if answer["errors"]:
            raise BestrefsError(
                f"CRDS could not assign references: {'; '.join(errors[:_MOST_REPORTED]) or 'it does not say why'}.",
                advice="Check the headers of the raw files, and whether the context knows their instrument mode.",
            )
        references = self._locate(answer, tell)
        none = {name: tuple(sorted(keywords)) for name, keywords in answer["not_applicable"].items()}
        return Assignment(answer["context"], references, answer["server"], answer["selection"], none)

    def _check_cache(self, context: str) -> None:
        if self._readonly:
            require_context(self._cache, context)

    def _ask(self, raws: Sequence[Path], context: str, tell: Listener) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Give the worker its request and collect its log and answer."""
        self.prepare()
        with owned_temporary(EXCHANGE_PREFIX) as directory:
            answer = directory / "answer.json"
            # CRDS puts file names into a command line that it splits at blanks, so they must be bare names.
            request = {
                "directory": str(raws[0].parent), "files": [raw.name for raw in raws], "context": context,
                "inspect": not self._only_plan, "answer": str(answer),
            }  # fmt: skip
            status, log = self._converse(request, tell)
            if not answer.exists():
                return {"failure": f"CRDS ended with status {status}: {' '.join(log[-3:])}"}, log
            return json.loads(answer.read_text()), log

    def _converse(self, request: Mapping[str, Any], tell: Listener) -> tuple[int, tuple[str, ...]]:
        """Send the worker its request and listen until it ends; whatever interrupts this ends the worker."""
        worker, self._worker = self._worker, None
        if worker is None:
            raise AssertionError("prepare() has started the worker")
        log: list[str] = []
        reader = Thread(target=_relay, args=(worker.stdout, log, tell), daemon=True)
        try:
            reader.start()
            _say(worker, request)
            ended = worker.wait()
        except ChildProcessError as error:
            raise BestrefsError(
                f"The process in which CRDS works is lost: {error.strerror}.", advice="Run the dataset again."
            ) from error
        finally:
            # First the end of the worker, which ends the reader; only then its streams.
            worker.kill()
            with suppress(ChildProcessError):
                worker.wait(_LAST_WORDS)
            if reader.ident is not None:
                reader.join(_LAST_WORDS)
            worker.close()
        return (-1 if ended is None else ended.code), tuple(log)

    def _locate(self, answer: Mapping[str, Any], tell: Listener) -> tuple[ReferenceFile, ...]:
        users: dict[tuple[str, str], list[str]] = {}
        sizes: Mapping[str, int] = answer.get("sizes", {})
        for exposure, keywords in answer["references"].items():
            for keyword, name in keywords.items():
                users.setdefault((keyword, name), []).append(exposure)
        references = tuple(
            ReferenceFile(keyword, name, Path(answer["paths"][name]), tuple(sorted(exposures)), size=sizes.get(name))
            for (keyword, name), exposures in sorted(users.items())
        )
        if not self._only_plan:
            self._check_references(references)
        tell(Note(f"{answer['context']} assigns {len(references)} reference files", Level.INFO))
        return references

    def _check_references(self, references: Sequence[ReferenceFile]) -> None:
        missing = [reference for reference in references if not reference.path.is_file()]
        if missing:
            listed = ", ".join(f"{reference.name} ({reference.keyword})" for reference in missing[:_MOST_REPORTED])
            more = f" and {len(missing) - _MOST_REPORTED} more" if len(missing) > _MOST_REPORTED else ""
            raise BestrefsError(
                f"Reference files are missing from the CRDS cache at {self._cache}: {listed}{more}.",
                advice="Sync the cache (crds sync), or use a profile that may download references (offsite).",
            )
        for path in sorted({reference.path for reference in references if reference.path.suffix == ".fits"}):
            facts = self._fits.facts(path)
            if isinstance(facts, UnreadableFits):
                raise BestrefsError(
                    f"The reference file {path} is damaged: {facts.reason}.",
                    advice="Delete it from the CRDS cache and sync the cache again.",
                )

    @property
    def _insufficient(self) -> type[BestrefsError]:
        """Class of a failed assignment. For a plan, undownloaded files may be its only cause."""
        return CacheIncomplete if self._only_plan else BestrefsError

    def _failure(self, failure: str, errors: Sequence[str]) -> BestrefsError:
        detail = "; ".join(dict.fromkeys((failure, *errors[:_MOST_REPORTED])))
        return self._insufficient(
            f"CRDS failed with the cache at {self._cache}: {detail}",
            advice="Check CRDS_PATH, CRDS_CONTEXT and CRDS_SERVER_URL, and that the server is reachable or not needed.",
        )


def _say(worker: Supervised, words: Mapping[str, Any]) -> None:
    """Write the worker a line; if it has died, its log says why."""
    with suppress(BrokenPipeError):
        worker.say(words)


def _relay(stream: IO[bytes], log: list[str], tell: Listener) -> None:
    """Pass on what the worker tells and CRDS logs, until the worker or its caller closes the stream."""
    warned, lines = set[str](), BufferedReader(cast("RawIOBase", stream))
    with suppress(ValueError, OSError):  # the stream was closed meanwhile
        for data in lines:
            line = data.decode(errors="replace")
            event, text = event_of(line), blotted(line.rstrip())
            if event is not None:
                tell(event)
            elif text:
                log.append(text)
                level = Level.WARNING if "WARNING" in text or "ERROR" in text else Level.DETAIL
                tell(Note(text, Level.DETAIL if text in warned else level))
                warned.add(text)
        lines.detach()  # whoever owns the stream closes it
