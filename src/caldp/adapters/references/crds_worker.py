"""The process in which the CRDS library works; started by `caldp.adapters.references.crds`.

CRDS is configured by environment variables, keeps global caches, logs to standard error and takes a second to
import. In a process of its own it has an environment of its own, may start before there is anything to assign, and
leaves the caller as it was.

It reads one JSON object from standard input and writes one to a file. What it tells meanwhile are lines on standard
output, as `event_line` makes them, among the lines that CRDS logs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event, Level, Note, Transfer
from caldp.domain.run.secrets import blotted

_MARK: Final = "\x1dcaldp "
_STEP: Final = 1 << 22  # bytes between two lines about one transfer


def assign(request: dict[str, Any]) -> dict[str, Any]:
    """Assign best references, and provide them.

    Parameters
    ----------
    request
        ``files``: names in the working directory; ``context``: a context, or empty for the default one; ``sync``:
        whether the cache may be written; ``inspect``: whether references are downloaded and compared, or only named;
        ``check``: a `ReferenceCheck`; ``attempts``, ``timeout`` (seconds), ``minimum`` (bytes a
        second), ``window`` and ``deadline`` (seconds), ``at_once``: of downloads.

    Returns
    -------
    dict
        ``context``: the context used; ``errors``: how many CRDS counted; ``references``: for each file its
        keywords with the names of their references; ``paths``: where each reference lies, or should lie, in the cache;
        ``server``: the CRDS server; ``selection``: for each file the header values that CRDS matched, by keyword.

    Raises
    ------
    BestrefsError
        If what is needed cannot be had, or has been withdrawn.
    """
    from crds.client import api
    from crds.core import config, heavy_client

    from caldp.adapters.references.catalogue import read_catalogue
    from caldp.adapters.references.fetching import CacheFiller
    from caldp.adapters.references.mappings import Mappings
    from caldp.adapters.references.verified_references import CachedReferences
    from caldp.adapters.support.pace import TransferLimits
    from caldp.adapters.support.verified import VerifiedFiles

    cache, names = Path(os.environ["CRDS_PATH"]), request["files"]
    catalogue = read_catalogue(cache, sync=request["sync"], attempts=request["attempts"], tell=_tell)
    memory = VerifiedFiles.of_cache(cache)
    limits = TransferLimits(request["minimum"], request["window"], request["deadline"])
    filler = CacheFiller(
        catalogue, memory, request["attempts"], request["timeout"], limits, request["at_once"], _Teller().tell
    )
    context = heavy_client.get_context_name("hst", request["context"] or None)
    if not (config.USE_PICKLED_CONTEXTS or config.S3_ENABLED.get()):
        mappings = Mappings(cache / "mappings" / "hst", catalogue, filler if catalogue.can_fetch else None, memory)
        mappings.complete(context, _instruments(names))
    # As CRDS reads them, and before _assign_best() sets them.
    allowed = bool(config.ALLOW_BAD_REFERENCES), bool(config.ALLOW_BAD_RULES)
    errors = _assign_best(names, context)
    try:
        mapping = heavy_client.get_pickled_mapping(context)  # as bestrefs has it: in the cloud from a pickle
    except Exception:  # CRDS says no more than that there is no file called none
        raise BestrefsError(
            f"The context {context} is neither in the cache nor where CRDS downloads from.",
            advice="Check CRDS_CONTEXT (or --context), CRDS_PATH and CRDS_SERVER_URL.",
        ) from None
    references = {name: _assigned(name, mapping) for name in names}
    used = {reference for keywords in references.values() for reference in keywords.values()}
    withdrawn = {name for name in used if name.lower() in catalogue.withdrawn}
    _refuse_or_warn(withdrawn, "assigned reference files", "CRDS_ALLOW_BAD_REFERENCES", context, allowed=allowed[0])
    rules = {rule for name in _instruments(names) for rule in _bad_rules(context, name)}
    _refuse_or_warn(rules, "rules", "CRDS_ALLOW_BAD_RULES", context, allowed=allowed[1])
    cached = CachedReferences(cache / "references" / "hst", catalogue, ReferenceCheck(request["check"]), filler, memory)
    paths = cached.provide(used, inspect=request["inspect"] and not errors)
    return {
        "context": context, "errors": int(errors), "references": references,
        "paths": {name: str(path) for name, path in paths.items()}, "server": blotted(api.get_crds_server()),
        "selection": {name: _matched(name, mapping) for name in names},
    }  # fmt: skip


def _assign_best(names: Iterable[str], context: str) -> int:
    """Let CRDS assign, as its `assign_bestrefs` does; it warns of withdrawn files, which are our caller's to judge."""
    from crds.bestrefs.bestrefs import BestrefsScript
    from crds.core import log

    log.set_verbose(-1)
    command = f"crds.bestrefs --update-bestrefs --new-context {context} --allow-bad-rules --allow-bad-references"
    return int(BestrefsScript(f"{command} --files {' '.join(names)}")())


def _instruments(names: Iterable[str]) -> frozenset[str]:
    from astropy.io import fits

    return frozenset(str(fits.getheader(name).get("INSTRUME", "")).strip().lower() for name in names)


def _assigned(name: str, mapping: Any) -> dict[str, str]:
    """Read back which references a header names, of the types that CRDS knows for its instrument."""
    from astropy.io import fits

    header = fits.getheader(name)
    kinds = mapping.get_imap(str(header["INSTRUME"]).lower()).get_filekinds()
    values = {kind.upper(): str(header.get(kind.upper(), "")) for kind in kinds}
    return {kind: value.partition("$")[2].strip() for kind, value in values.items() if "$" in value}


def _matched(name: str, mapping: Any) -> dict[str, str]:
    """Ask CRDS for the header values that the rules for its instrument look at; UNDEFINED for what is missing."""
    return {keyword.upper(): str(value) for keyword, value in sorted(mapping.get_minimum_header(name).items())}


def _bad_rules(context: str, instrument: str) -> list[str]:
    """Name the withdrawn mappings that a context uses for an instrument."""
    from crds.core import heavy_client

    return list(heavy_client.get_bad_mappings_in_context("hst", context, instrument))


def _refuse_or_warn(names: Iterable[str], what: str, variable: str, context: str, *, allowed: bool) -> None:
    """Refuse what the CRDS team has withdrawn, or warn of it, as CRDS's own variable says."""
    listed = ", ".join(sorted(names))
    if not listed:
        return
    text = f"CRDS has withdrawn {what} of {context} as scientifically invalid: {listed}"
    if not allowed:
        raise BestrefsError(
            f"{text}.", advice=f"Use a newer context (--context), or set {variable}=1 to use them nevertheless."
        )
    _tell(Note(text, Level.WARNING))


class _Teller:
    """Tells of transfers, though not of each piece."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def tell(self, event: Event) -> None:
        """Write an event, unless it is much like the one before."""
        if isinstance(event, Transfer):
            told = self._told.get(event.name)
            if told is not None and told <= event.done < told + _STEP and event.done != event.total:
                return
            self._told[event.name] = event.done
        _tell(event)


def event_line(event: Event) -> str:
    """Write an event as a line."""
    match event:
        case Transfer(name, done, total):
            values: list[Any] = ["transfer", name, done, total]
        case Note(text, level):
            values = ["note", text, level.value]
        case _:
            raise TypeError(f"{event} is not told by the worker")
    return f"{_MARK}{json.dumps(values)}\n"


def event_of(line: str) -> Event | None:
    """Read an event from such a line; None if the line is something else."""
    if not line.startswith(_MARK):
        return None
    try:
        kind, *values = json.loads(line.removeprefix(_MARK))
        return Transfer(*values) if kind == "transfer" else Note(values[0], Level(values[1]))
    except (ValueError, TypeError, IndexError):
        return None


def _tell(event: Event) -> None:
    os.write(1, event_line(event).encode())  # one piece, so that lines of several threads do not mix


def _failure(error: BaseException) -> Mapping[str, str]:
    if isinstance(error, BestrefsError):
        return {"sentence": error.message, "advice": error.advice}
    return {"failure": blotted(f"{type(error).__name__}: {error}")}


def main() -> int:
    """Import CRDS, wait for the request, answer it."""
    import crds.bestrefs.bestrefs  # noqa: F401  the import is what takes time

    line = sys.stdin.readline()
    if not line:
        return 0  # the caller went away before it had anything to assign
    request = json.loads(line)
    os.chdir(request["directory"])
    answer: Mapping[str, Any]
    try:
        answer = assign(request)
    except (Exception, SystemExit) as error:  # whatever CRDS raises is the caller's to explain; it exits, too
        answer = _failure(error)
    Path(request["answer"]).write_text(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
