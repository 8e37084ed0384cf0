"""Events of a run. The listener decides how to show them."""

from __future__ import annotations

from enum import Enum

from attrs import frozen


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
    """

    program: str
    text: str


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


Event = StepStarted | StepEnded | Note | EngineLine | Transfer
