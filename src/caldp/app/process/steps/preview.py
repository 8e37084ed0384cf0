"""Fourth step: pictures of the products."""

from __future__ import annotations

from collections.abc import Iterable

from caldp.app.ports.listener import Listener
from caldp.app.ports.preview_renderer import Drawing
from caldp.app.process.drawings import Drawings
from caldp.app.process.flow import PreviewSet, WorkDirectory
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.previews import PreviewKind, PreviewRequest, plan_previews
from caldp.domain.output.products import delivered
from caldp.domain.run.events import Note
from caldp.domain.run.record import Failure


def draw_previews(dataset: AnyDataset, work: WorkDirectory, drawings: Drawings, tell: Listener) -> PreviewSet:
    """Draw previews of what is delivered of a run, raw files included, as far as the pipeline wants them.

    Parameters
    ----------
    dataset
        Dataset that was processed.
    work
        The run's directory, after calibration.
    drawings
        Draws them; what has been drawn already is not drawn again.
    tell
        Hears what was drawn, and what could not be and why.
    """
    return draw_requests(requests_of(dataset, work, (path.name for path in work.data.iterdir())), drawings, tell)


def requests_of(dataset: AnyDataset, work: WorkDirectory, names: Iterable[str]) -> tuple[PreviewRequest, ...]:
    """List the pictures that are wanted of some files of a run."""
    return plan_previews(work.data / name for name in delivered(dataset, names))


def draw_requests(requests: Iterable[PreviewRequest], drawings: Drawings, tell: Listener) -> PreviewSet:
    """Draw all requests; one that fails does not keep the rest from being drawn.

    Colour pictures, which take most memory, are drawn one at a time after the others.
    """
    requests = tuple(requests)
    drawings.begin(request for request in requests if request.kind is not PreviewKind.COLOUR)
    results: list[Drawing | Failure] = []
    for request in sorted(requests, key=lambda request: request.kind is PreviewKind.COLOUR):
        result = drawings.of(request)
        results.append(result)
        if isinstance(result, Drawing):
            tell(Note(result.reason or f"drawn: {', '.join(path.name for path in result.files)}"))
    drawn = [result for result in results if isinstance(result, Drawing)]
    return PreviewSet(
        files=tuple(path for drawing in drawn for path in drawing.files),
        notes=tuple(drawing.reason for drawing in drawn if drawing.reason),
        failures=tuple(result for result in results if isinstance(result, Failure)),
    )
