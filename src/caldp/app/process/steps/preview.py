"""Fourth step: pictures of the products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from caldp.app.pool import working
from caldp.app.ports.listener import Listener
from caldp.app.ports.preview_renderer import Drawing, PreviewRenderer
from caldp.app.process.flow import PreviewSet, WorkDirectory
from caldp.app.process.guard import owning
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.previews import PreviewKind, PreviewRequest, plan_previews
from caldp.domain.output.products import delivered
from caldp.domain.run.events import Note, Step
from caldp.domain.run.record import Failure

MOST_AT_ONCE: Final = 3
"""Greatest number of pictures drawn at once, whatever the cores: each may take up to 400 MB."""


def draw_previews(
    dataset: AnyDataset,
    work: WorkDirectory,
    renderers: Mapping[PreviewKind, PreviewRenderer],
    workers: int,
    tell: Listener,
) -> PreviewSet:
    """Draw previews of what is delivered of a run, raw files included, as far as the pipeline wants them.

    Parameters
    ----------
    dataset
        Dataset that was processed.
    work
        The run's directory, after calibration.
    renderers
        Renderer of each kind of picture.
    workers
        Greatest number of pictures drawn at once: the number of cores.
    tell
        Hears what was drawn, and what could not be and why.
    """
    names = delivered(dataset, (path.name for path in work.data.iterdir()))
    requests = plan_previews(work.data / name for name in names)
    return draw_requests(requests, renderers, work.previews, workers, tell)


def draw_requests(
    requests: Iterable[PreviewRequest],
    renderers: Mapping[PreviewKind, PreviewRenderer],
    directory: Path,
    workers: int,
    tell: Listener,
) -> PreviewSet:
    """Draw all requests; one that fails does not keep the rest from being drawn.

    Colour pictures, which take most memory, are drawn one at a time after the others.
    """
    draw = partial(_draw, renderers=renderers, directory=directory, tell=tell)
    requests = tuple(requests)
    colour = [request for request in requests if request.kind is PreviewKind.COLOUR]
    single = [request for request in requests if request.kind is not PreviewKind.COLOUR]
    with working(max(min(workers, MOST_AT_ONCE), 1), "caldp-preview") as pool:
        results = [*pool.map(draw, single), *map(draw, colour)]
    drawings = [result for result in results if isinstance(result, Drawing)]
    return PreviewSet(
        files=tuple(path for drawing in drawings for path in drawing.files),
        notes=tuple(drawing.reason for drawing in drawings if drawing.reason),
        failures=tuple(result for result in results if isinstance(result, Failure)),
    )


def _draw(
    request: PreviewRequest, renderers: Mapping[PreviewKind, PreviewRenderer], directory: Path, tell: Listener
) -> Drawing | Failure:
    """Draw one picture and tell what came of it."""
    try:
        with owning(ExitCode.CREATE_PREVIEWS_ERROR):
            drawing = renderers[request.kind].draw(request, directory)
    except CaldpError as error:
        return Failure(error.exit_code, error.message, error.advice, Step.PREVIEW)
    tell(Note(drawing.reason or f"drawn: {', '.join(path.name for path in drawing.files)}"))
    return drawing
