"""The fourth step: pictures of the products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from caldp.app.flow import PreviewSet
from caldp.app.guard import owning
from caldp.app.ports import Drawing, Listener, PreviewRenderer
from caldp.domain.errors import CaldpError, Interrupted
from caldp.domain.events import Level, Note
from caldp.domain.exit_codes import ExitCode
from caldp.domain.previews import PreviewKind, PreviewRequest, plan_previews

MOST_AT_ONCE: Final = 4
"""So many pictures are drawn at once at most, however many cores there are: each may take up to 350 MB."""


def draw_previews(
    products: Iterable[Path],
    renderers: Mapping[PreviewKind, PreviewRenderer],
    directory: Path,
    workers: int,
    tell: Listener,
) -> PreviewSet:
    """Draw the previews that the pipeline wants of these products.

    Parameters
    ----------
    products
        All products of a run; what gets no preview is passed over.
    renderers
        Who draws what.
    directory
        An existing directory for the pictures.
    workers
        How many pictures may be drawn at once: the number of cores.
    tell
        Hears what was drawn, what could not be, and why.
    """
    return draw_requests(plan_previews(products), renderers, directory, workers, tell)


def draw_requests(
    requests: Iterable[PreviewRequest],
    renderers: Mapping[PreviewKind, PreviewRenderer],
    directory: Path,
    workers: int,
    tell: Listener,
) -> PreviewSet:
    """Draw all that is asked for; what fails does not keep the rest from being drawn.

    Colour pictures, which take most memory, are drawn one at a time after the others.
    """
    draw = partial(_draw, renderers=renderers, directory=directory, tell=tell)
    requests = tuple(requests)
    colour = [request for request in requests if request.kind is PreviewKind.COLOUR]
    single = [request for request in requests if request.kind is not PreviewKind.COLOUR]
    with ThreadPoolExecutor(max(min(workers, MOST_AT_ONCE), 1), thread_name_prefix="preview") as pool:
        results = [*pool.map(draw, single), *map(draw, colour)]
    failures = [result for result in results if isinstance(result, CaldpError)]
    drawings = [result for result in results if isinstance(result, Drawing)]
    return PreviewSet(
        files=tuple(path for drawing in drawings for path in drawing.files),
        notes=tuple(drawing.reason for drawing in drawings if drawing.reason),
        failures=tuple(failure.message for failure in failures),
        status=max((failure.exit_code for failure in failures), default=ExitCode.SUCCESS),
    )


def _draw(
    request: PreviewRequest, renderers: Mapping[PreviewKind, PreviewRenderer], directory: Path, tell: Listener
) -> Drawing | CaldpError:
    """Draw one picture and tell what came of it."""
    try:
        with owning(ExitCode.CREATE_PREVIEWS_ERROR):
            drawing = renderers[request.kind].draw(request, directory)
    except Interrupted:
        raise
    except CaldpError as error:
        tell(Note(error.message, Level.ERROR))
        return error
    tell(Note(drawing.reason or f"drawn: {', '.join(path.name for path in drawing.files)}"))
    return drawing
