"""Discretion: the one place that keeps credentials and control characters out of events and records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
from attrs import evolve

from caldp.domain.run.events import EngineLine, Event, Note, RunEnded, RunStarted, Transfer
from caldp.domain.run.record import Failure, FileRecord, RunRecord
from caldp.domain.run.secrets import Blotter
from caldp.domain.run.settings import Settings


def blotter_for(settings: Settings, environment: Mapping[str, str]) -> Blotter:
    """Make a blotter of the credentials in the caller's environment and in settings."""
    texts = {name: value for name, value in attrs.asdict(settings).items() if isinstance(value, str)}
    return Blotter.of(environment, settings.engine_environment, settings.crds_environment, texts)


def discreet_event(event: Event, blot: Blotter) -> Event:
    """Return an event as it may be told to anybody; the same object if there is nothing to hide."""
    if isinstance(event, EngineLine | Note):
        text = blot(event.text)
        return event if text is event.text else evolve(event, text=text)
    if isinstance(event, RunStarted):
        return evolve(event, source=blot(event.source), target=blot(event.target))
    if isinstance(event, RunEnded):
        return evolve(event, location=blot(event.location))
    if isinstance(event, Transfer):
        return evolve(event, name=blot(event.name))
    return event


def discreet_failure(failure: Failure, blot: Blotter) -> Failure:
    """Return a failure as it may be told and recorded."""
    return evolve(failure, message=blot(failure.message), advice=blot(failure.advice))


def discreet_record(record: RunRecord, blot: Blotter) -> RunRecord:
    """Return a record as it may be published; names of files and references stay what they are."""
    return evolve(
        record,
        input=blot(record.input),
        output=blot(record.output),
        crds_server=blot(record.crds_server),
        selection={
            name: {keyword: blot(value) for keyword, value in values.items()}
            for name, values in record.selection.items()
        },
        inputs=_discreet_files(record.inputs, blot),
        prepared=_discreet_files(record.prepared, blot),
        products=_discreet_files(record.products, blot),
        scratch=_discreet_files(record.scratch, blot),
        references=tuple(evolve(each, override=blot(each.override)) for each in record.references),
        programs=tuple(
            evolve(each, path=blot(each.path), version=blot(each.version), build=blot(each.build))
            for each in record.programs
        ),
        engines=tuple(
            evolve(
                engine,
                argv=tuple(blot(word) for word in engine.argv),
                problems=tuple(blot(problem) for problem in engine.problems),
            )
            for engine in record.engines
        ),
        environment={name: blot(value) for name, value in record.environment.items()},
        notes=tuple(blot(note) for note in record.notes),
        failures=tuple(discreet_failure(failure, blot) for failure in record.failures),
    )


def _discreet_files(files: Iterable[FileRecord], blot: Blotter) -> tuple[FileRecord, ...]:
    """Clean what the headers of others say."""
    return tuple(
        evolve(file, wcs=tuple(evolve(each, name=blot(each.name), type=blot(each.type)) for each in file.wcs))
        for file in files
    )
