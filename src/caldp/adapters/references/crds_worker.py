"""The process in which the CRDS library works; started by `caldp.adapters.references.head_start`.

CRDS is configured by environment variables, keeps global caches, logs to standard error and takes a second to
import. In a process of its own it has an environment of its own, may start before there is anything to assign, and
leaves the caller as it was.

It reads two lines of JSON from standard input, a preparation and a request, as soon as the caller knows them, and
writes one JSON object to a file. What it tells meanwhile are lines on standard output, as `event_line` makes them,
among the lines that CRDS logs. In the place of the request there may be any number of questions, which
`caldp.adapters.references.crds_questions` answers.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from attrs import frozen

from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event, Level, Note, Transfer
from caldp.domain.run.secrets import blotted

if TYPE_CHECKING:
    from crds.core.rmap import PipelineContext

    from caldp.adapters.references.catalogue import Catalogue
    from caldp.adapters.references.mappings import Mappings
    from caldp.adapters.references.pickles import Pickles
    from caldp.adapters.references.verified_references import CachedReferences

LIBRARIES: Final = (
    "astropy.io.fits", "astropy.table", "astropy.time", "asdf_astropy", "filelock", "packaging.requirements", "parsley",
    "requests", "yaml",
)  # fmt: skip
"""Libraries that CRDS imports and that take long. None reads a variable that a preparation may change."""
AHEAD: Final = "caldp.adapters.references.rules_ahead"
"""Module in which a server has loaded rules, if it has."""
AHEAD_VARIABLE: Final = "CALDP_RULES_AHEAD"
"""Variable in which that module finds a preparation and the instruments whose rules are wanted, as JSON."""
_NONE: Final = "N/A"
_MARK: Final = "\x1dcaldp "
_STEP: Final = 1 << 22  # bytes between two lines about one transfer


@frozen
class Rules:
    """The rules of a context.

    Attributes
    ----------
    context
        The context.
    catalogue
        Configuration that CRDS works by.
    references
        The cache's reference files.
    mappings
        The cache's mappings; None where CRDS has the context from elsewhere.
    pickles
        Loads contexts that lie as pickles.
    """

    context: str
    catalogue: Catalogue
    references: CachedReferences
    mappings: Mappings | None
    pickles: Pickles

    def load(self, instruments: Iterable[str]) -> None:
        """See to it that the rules for some instruments are there and whole, and let CRDS read them.

        Raises
        ------
        BestrefsError
            If a mapping cannot be had.
        """
        instruments = frozenset(instruments)
        if self.mappings is not None:
            self.mappings.complete(self.context, instruments)
        for instrument in instruments:
            _bad_rules(self.context, instrument)

    def pipeline(self) -> PipelineContext:
        """Return the context as CRDS has it: where pickles are wanted from its pickle, else from its mappings.

        Raises
        ------
        BestrefsError
            If it is to be had from neither.
        """
        from crds.core import heavy_client

        try:
            return heavy_client.get_pickled_mapping(self.context)
        except (Exception, SystemExit):  # CRDS says no more than that there is no file called none
            sentence = f"The context {self.context} is neither in the cache nor where CRDS downloads from."
            raise BestrefsError(
                " ".join(filter(None, (sentence, self.pickles.trouble))),
                advice="Check the context (CRDS_CONTEXT), CRDS_PATH and CRDS_SERVER_URL.",
            ) from None


def prepare(preparation: Mapping[str, Any]) -> Rules:
    """Load the rules of a context.

    Parameters
    ----------
    preparation
        ``context``: a context, or empty for the default one; ``instrument``: name in lower case, or empty if it is not
        known yet; ``sync``: whether the cache may be written; ``as_server``: whether a server's context counts where it
        may not, by default not; ``check``: a `ReferenceCheck`; ``attempts``, ``timeout``
        (seconds), ``minimum`` (bytes a second), ``window`` and ``deadline`` (seconds), ``at_once``: of downloads.

    Raises
    ------
    BestrefsError
        If what is needed cannot be had.
    """
    import crds.bestrefs.bestrefs  # noqa: F401  the import is what takes time
    from crds.core import config, heavy_client

    from caldp.adapters.references.catalogue import read_catalogue
    from caldp.adapters.references.fetching import CacheFiller
    from caldp.adapters.references.mappings import Mappings
    from caldp.adapters.references.pickles import Pickles
    from caldp.adapters.references.verified_references import CachedReferences
    from caldp.adapters.support.pace import TransferLimits
    from caldp.adapters.support.verified import VerifiedFiles

    cache, given = Path(os.environ["CRDS_PATH"]), preparation
    catalogue = read_catalogue(
        cache, sync=given["sync"], attempts=given["attempts"], tell=_tell, as_server=given.get("as_server", False)
    )
    memory = VerifiedFiles.of_cache(cache)
    limits = TransferLimits(given["minimum"], given["window"], given["deadline"])
    filler = CacheFiller(
        catalogue, memory, given["attempts"], given["timeout"], limits, given["at_once"], _Teller().tell
    )
    context = heavy_client.get_context_name("hst", given["context"] or None)
    mappings = None
    if not (config.USE_PICKLED_CONTEXTS or config.S3_ENABLED.get()):
        mappings = Mappings(cache / "mappings" / "hst", catalogue, filler if catalogue.can_fetch else None, memory)
    check = ReferenceCheck(given["check"])
    references = CachedReferences(cache / "references" / "hst", catalogue, check, filler, memory)
    pickles = Pickles(given["attempts"], _tell)
    pickles.install()
    rules = Rules(context, catalogue, references, mappings, pickles)
    if given["instrument"]:
        with suppress(Exception):  # whatever it is, it is met again when there is something to assign
            rules.load([given["instrument"]])
    return rules


def assign(rules: Rules, request: Mapping[str, Any]) -> dict[str, Any]:
    """Assign best references, and provide them.

    Parameters
    ----------
    rules
        Rules to assign by.
    request
        ``files``: names in the working directory; ``inspect``: whether references are downloaded and compared, or only
        named.

    Returns
    -------
    dict
        ``context``: the context used; ``errors``: how many CRDS counted; ``references``: for each file its
        keywords with the names of their references; ``not_applicable``: for each file the keywords of types that it has
        none of; ``paths``: where each reference lies, or should lie, in the cache;
        ``sizes``: bytes of those that do not lie there, as far as the catalogue knows them;
        ``server``: the CRDS server; ``selection``: for each file the header values that CRDS matched, by keyword.

    Raises
    ------
    BestrefsError
        If what is needed cannot be had, or has been withdrawn.
    """
    from crds.client import api
    from crds.core import config

    names, context = request["files"], rules.context
    instruments = _instruments(names)
    if rules.mappings is not None:
        rules.mappings.complete(context, instruments)
    # As CRDS reads them, and before _assign_best() sets them.
    allowed = bool(config.ALLOW_BAD_REFERENCES), bool(config.ALLOW_BAD_RULES)
    mapping = rules.pipeline()
    errors = _assign_best(names, context)
    assigned = {name: _assigned(name, mapping) for name in names}
    references = {name: {kind: one for kind, one in kinds.items() if one != _NONE} for name, kinds in assigned.items()}
    used = {reference for keywords in references.values() for reference in keywords.values()}
    withdrawn = {name for name in used if name.lower() in rules.catalogue.withdrawn}
    _refuse_or_warn(withdrawn, "assigned reference files", "CRDS_ALLOW_BAD_REFERENCES", context, allowed=allowed[0])
    bad = {rule for instrument in instruments for rule in _bad_rules(context, instrument)}
    _refuse_or_warn(bad, "rules", "CRDS_ALLOW_BAD_RULES", context, allowed=allowed[1])
    paths = rules.references.provide(used, inspect=request["inspect"] and not errors)
    missing = (name for name, path in paths.items() if not path.is_file())
    sizes = {name: known.size for name in missing if (known := rules.catalogue.identity(name)) is not None}
    return {
        "context": context, "errors": int(errors), "references": references, "sizes": sizes,
        "not_applicable": {name: [kind for kind in kinds if kinds[kind] == _NONE] for name, kinds in assigned.items()},
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


def _assigned(name: str, mapping: PipelineContext) -> dict[str, str]:
    """Read back which references a header names, of the types that CRDS knows for its instrument; N/A for none."""
    from astropy.io import fits

    header = fits.getheader(name)
    kinds = mapping.get_imap(str(header["INSTRUME"]).lower()).get_filekinds()
    values = {kind.upper(): str(header.get(kind.upper(), "")) for kind in kinds}
    return {kind: value.rpartition("$")[2].strip() for kind, value in values.items() if "$" in value or value == _NONE}


def _matched(name: str, mapping: PipelineContext) -> dict[str, str]:
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
            f"{text}.", advice=f"Use a newer context (CRDS_CONTEXT), or set {variable}=1 to use them nevertheless."
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
    """Import what CRDS needs, and then do as the two lines say."""
    # Nothing here lives long, and CRDS collects garbage after each of its steps: of what they have to look through,
    # most was imported.
    gc.disable()
    for library in LIBRARIES:
        with suppress(ImportError):
            import_module(library)
    gc.freeze()
    preparation = _read()
    if preparation is None:
        return 0  # the caller went away before it had anything to assign
    prepared: Rules | BaseException | None = _ahead(preparation)
    os.environ.clear()
    os.environ.update(preparation["environment"])
    if prepared is None and preparation["context"] is not None:
        prepared = _attempt(preparation)
    gc.freeze()
    request = _read()
    if request is None:
        return 0
    if "ask" in request:
        return _converse(prepared, request)
    os.chdir(request["directory"])
    if prepared is None:
        prepared = _attempt({**preparation, "context": request["context"]})
    answer: Mapping[str, Any]
    try:
        if isinstance(prepared, BaseException):
            raise prepared
        answer = assign(prepared, request)
    except (Exception, SystemExit) as error:  # whatever CRDS raises is the caller's to explain; it exits, too
        answer = _failure(error)
    Path(request["answer"]).write_text(json.dumps(answer))
    return 0


def _converse(prepared: Rules | BaseException | None, question: dict[str, Any] | None) -> int:
    """Answer questions until there are no more."""
    from caldp.adapters.references.crds_questions import Answers, answer_line

    gc.enable()  # there may be thousands
    answers = Answers(prepared) if isinstance(prepared, Rules) else None
    while question is not None:
        answer: Mapping[str, Any]
        try:
            if isinstance(prepared, BaseException):
                raise prepared
            if answers is None:
                raise ValueError("a question came before a context")
            answer = answers(question)
        except (Exception, SystemExit) as error:
            answer = _failure(error)
        os.write(1, answer_line(answer).encode())
        question = _read()
    return 0


def _read() -> dict[str, Any] | None:
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def _ahead(preparation: Mapping[str, Any]) -> Rules | None:
    """Return the rules that the server of this process has loaded for a preparation; None if it has loaded none."""
    module = sys.modules.get(AHEAD)
    if module is None:
        return None
    if module.READY is None or not module.READY.serves(preparation):
        _begin_anew(preparation)
    rules: Rules = module.READY.rules
    return rules


def _begin_anew(preparation: Mapping[str, Any]) -> NoReturn:
    """Become a worker that has loaded nothing, to which all that was read is said again."""
    from tempfile import TemporaryFile

    lines = [line for line in (preparation, _read()) if line is not None]
    with TemporaryFile() as said:
        said.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())
        said.seek(0)
        os.dup2(said.fileno(), 0)
    words = [sys.executable, "-P", "-m", "caldp.adapters.references.crds_worker"]
    os.execve(sys.executable, words, dict(os.environ))  # noqa: S606  without a shell, as it should be


def _attempt(preparation: Mapping[str, Any]) -> Rules | BaseException:
    """Prepare; an error is kept until somebody asks for something."""
    try:
        return prepare(preparation)
    except (Exception, SystemExit) as error:
        return error


if __name__ == "__main__":
    raise SystemExit(main())
