"""The use case of drawing previews of any products, without a dataset or a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from caldp.app.ports.listener import Listener
from caldp.app.ports.preview_renderer import PreviewRenderer
from caldp.app.process.drawings import Drawings
from caldp.app.process.flow import PreviewSet
from caldp.app.process.guard import owning
from caldp.app.process.steps.preview import draw_requests
from caldp.domain.errors import UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.previews import PreviewKind, PreviewRequest, plan_previews, single_preview
from caldp.domain.run.quoting import quoted


def preview_files(
    paths: Sequence[Path],
    output: Path,
    renderers: Mapping[PreviewKind, PreviewRenderer],
    workers: int,
    tell: Listener,
) -> PreviewSet:
    """Draw previews of files, and of the products in directories.

    Parameters
    ----------
    paths
        Files, which are drawn whatever their names; and directories, of which those files are drawn that the pipeline
        would draw.
    output
        Directory for the pictures; made if it is not there.
    renderers
        Renderer of each kind of picture.
    workers
        Greatest number of pictures drawn at once.
    tell
        Hears what was drawn, and what could not be and why.

    Raises
    ------
    UsageError
        If a path does not exist, no product is found, or pictures of two products would have one name.
    CaldpError
        If the output directory cannot be made.
    """
    requests = _requests(paths)
    with owning(ExitCode.CREATE_PREVIEWS_ERROR):
        output.mkdir(parents=True, exist_ok=True)
    drawings = Drawings(renderers, output, workers)
    try:
        return draw_requests(requests, drawings, tell)
    finally:
        drawings.give_up()


def _requests(paths: Sequence[Path]) -> tuple[PreviewRequest, ...]:
    for path in paths:
        if not path.exists():
            raise UsageError(
                f"{quoted(path)} does not exist.", advice="Name FITS files, or directories that hold them."
            )
    files = {_place(path): path for path in paths if path.is_file()}
    found = {_place(path): path for directory in paths if directory.is_dir() for path in directory.iterdir()}
    wanted = plan_previews({**found, **files}.values())
    planned = {source for request in wanted for source in request.sources}
    requests = (*wanted, *(single_preview(path) for path in files.values() if path not in planned))
    if not requests:
        raise UsageError(
            f"There is no product that gets a preview in {', '.join(map(quoted, paths))}.",
            advice="Images get one that are raw, flt, flc, ima, crj, drz or drc, and spectra that are x1d, sx1 or "
            "x1dsum. To have another file drawn, name it.",
        )
    _check_names(requests)
    return requests


def _place(path: Path) -> Path:
    """Return the one path of a file, however it was written; two links to it are two products, by their names."""
    return path.parent.resolve() / path.name


def _check_names(requests: Sequence[PreviewRequest]) -> None:
    """Refuse pictures of one name, of which the last would replace the others."""
    seen: dict[str, PreviewRequest] = {}
    for request in requests:
        other = seen.setdefault(request.stem, request)
        if other is not request:
            raise UsageError(
                f"Pictures of {other.sources[0]} and {request.sources[0]} would have one name, {request.full_name}.",
                advice="Draw them one after the other, into two directories.",
            )
