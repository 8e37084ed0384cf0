"""Events of a run. The listener decides how to show them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final

from attrs import frozen

from caldp.domain.exit_codes import ExitCode


class Step(Enum):
    """A part of a run, in the order in which they come."""

    ANNOUNCE = "announce"
    FETCH = "fetch"
    REFERENCES = "references"
    CALIBRATE = "calibrate"
    PREVIEW = "preview"
    RECORD = "record"
    PUBLISH = "publish"

    def __str__(self) -> str:
        return self.value


class Level(Enum):
    """Importance of a note."""

    DETAIL = "detail"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@frozen
class RunStarted:
    """A run begins.

    Attributes
    ----------
    dataset
        The dataset's name.
    run
        The run's id.
    source, target
        Locations of its inputs and products.
    """

    dataset: str
    run: str
    source: str
    target: str


@frozen
class InputsRead:
    """The inputs are there, and their headers have been read.

    Attributes
    ----------
    exposures
        Rootnames of the raw exposures (for visits and sky cells, of the calibrated ones).
    files
        Number of files.
    size
        Bytes of all files.
    """

    exposures: tuple[str, ...]
    files: int
    size: int


@frozen
class RunEnded:
    """A run is over, and its last message has been put: the last event.

    Attributes
    ----------
    dataset
        The dataset's name.
    run
        The run's id.
    status
        Status of the run.
    seconds
        Duration; seconds.
    location
        Address of the products; empty if nothing was published.
    """

    dataset: str
    run: str
    status: ExitCode
    seconds: float
    location: str = ""


@frozen
class StepStarted:
    """A step begins.

    Attributes
    ----------
    step
        The step.
    """

    step: Step


@frozen
class StepEnded:
    """A step is over, for better or worse.

    Attributes
    ----------
    step
        The step.
    seconds
        Duration; seconds.
    ok
        True if it did its job.
    """

    step: Step
    seconds: float
    ok: bool


@frozen
class Note:
    """Remark on the work of a run, or on its findings.

    Attributes
    ----------
    text
        A sentence.
    level
        Importance of the note.
    """

    text: str
    level: Level = Level.INFO


@frozen
class EngineLine:
    """A line that an engine wrote.

    Attributes
    ----------
    program
        The engine's name.
    text
        The line, without its end.
    exposure
        Rootname of the exposure that it is about, where several are calibrated side by side; empty otherwise.
    """

    program: str
    text: str
    exposure: str = ""


@frozen
class Transfer:
    """Progress of a download or upload.

    Attributes
    ----------
    name
        File name or key of the transfer.
    done, total
        Bytes; total is None while unknown.
    """

    name: str
    done: int
    total: int | None = None


Event = RunStarted | InputsRead | StepStarted | StepEnded | Note | EngineLine | Transfer | RunEnded


_LABELS: Final = {Level.DETAIL: "DEBUG", Level.INFO: "INFO ", Level.WARNING: "WARN ", Level.ERROR: "ERROR"}


def log_line(event: Event, now: datetime) -> str | None:
    """Write an event as a line of a log; None for an event that is not logged.

    Parameters
    ----------
    event
        The event.
    now
        Time of the event, UTC; lines of engines stand without it.
    """
    if isinstance(event, EngineLine):  # there may be hundreds of thousands
        return f"[{event.exposure}] {event.text}" if event.exposure else event.text
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    match event:
        case Note(text=text, level=level):
            return f"{time} {_LABELS[level]} {text}"
        case StepStarted(step=step):
            return f"{time} ----- {step}"
        case StepEnded(step=step, seconds=seconds, ok=ok):
            return f"{time} ----- {step} {'done' if ok else 'FAILED'} after {seconds:.1f} s"
        case _:
            return None
