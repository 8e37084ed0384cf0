"""Timeline of a run, as values that a template writes as SVG."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from caldp.domain.run.events import Step
from caldp.domain.run.record import EngineRecord, RunRecord, StepRecord
from caldp.domain.run.usage import ResourceUsage
from caldp.views.units import size_text


@frozen
class Bar:
    """A step or engine in the timeline of a run.

    Attributes
    ----------
    name, note
        Its name, and its duration and memory in words.
    left, width
        Place, in percent of the whole.
    is_engine
        True for an engine, which ran in the step above it.
    is_ok
        True if it did its job.
    """

    name: str
    note: str
    left: float
    width: float
    is_engine: bool
    is_ok: bool


def timeline(record: RunRecord) -> tuple[Bar, ...]:
    """Return the bars of a run: its steps one after the other, engines below theirs.

    When an engine began is not recorded: engines are drawn one after the other from the beginning of their step, or all
    from there if they ran beside each other.
    """
    total = sum(step.usage.wall_seconds for step in record.steps) or 1.0
    return tuple(_bars(record, 100.0 / total))


def _bars(record: RunRecord, scale: float) -> Iterator[Bar]:
    left = 0.0
    for step in record.steps:
        yield _bar(str(step.step), step.usage, left * scale, scale, is_ok=not step.status)
        if step.step is Step.CALIBRATE:
            yield from _engine_bars(record.engines, step, left, scale)
        left += step.usage.wall_seconds


def _engine_bars(engines: tuple[EngineRecord, ...], step: StepRecord, left: float, scale: float) -> Iterator[Bar]:
    are_beside = sum(engine.usage.wall_seconds for engine in engines) > step.usage.wall_seconds * 1.01
    after = 0.0
    for engine in engines:
        is_ok = not engine.problems and not engine.signal
        yield _bar(_program(engine), engine.usage, (left + after) * scale, scale, is_ok=is_ok, ended=_end(engine))
        after += 0.0 if are_beside else engine.usage.wall_seconds


def _bar(name: str, usage: ResourceUsage, left: float, scale: float, *, is_ok: bool, ended: str = "") -> Bar:
    note = f"{ended}{usage.wall_seconds:.1f} s, {size_text(usage.max_rss_bytes)}"
    width = max(usage.wall_seconds * scale, 0.4)
    return Bar(name, note, round(min(left, 99.6), 2), round(width, 2), bool(ended), is_ok)


def _program(engine: EngineRecord) -> str:
    return engine.argv[0].rpartition("/")[2] if engine.argv else ""


def _end(engine: EngineRecord) -> str:
    return f"signal {engine.signal}, " if engine.signal is not None else f"status {engine.status}, "
