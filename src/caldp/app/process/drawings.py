"""Pictures of files, drawn in threads beside other work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from caldp.app.calibration.signature import Signature, signature_of
from caldp.app.ports.preview_renderer import Drawing, PreviewRenderer
from caldp.app.process.guard import owning
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.previews import PreviewKind, PreviewRequest
from caldp.domain.run.events import Step
from caldp.domain.run.record import Failure

MOST_AT_ONCE: Final = 3
"""Greatest number of pictures drawn at once, whatever the cores: each may take up to 400 MB."""


class Drawings:
    """Drawings by request and signatures of the files: if one was written again, its picture is drawn again.

    Parameters
    ----------
    renderers
        Renderer of each kind of picture.
    directory
        Directory for the pictures.
    workers
        Greatest number of pictures drawn at once: the number of cores.
    """

    def __init__(self, renderers: Mapping[PreviewKind, PreviewRenderer], directory: Path, workers: int) -> None:
        self._renderers = renderers
        self._directory = directory
        self._pool = ThreadPoolExecutor(max(min(workers, MOST_AT_ONCE), 1), "caldp-preview")
        self._begun: dict[PreviewRequest, tuple[tuple[Signature, ...], Future[Drawing | Failure]]] = {}

    def prepare(self, kinds: Iterable[PreviewKind]) -> None:
        """Let renderers import what they need, as soon as a thread is free."""
        for kind in kinds:
            with suppress(RuntimeError):  # the system has no thread left: there is no hurry
                self._pool.submit(self._renderers[kind].prepare)

    def begin(self, requests: Iterable[PreviewRequest]) -> None:
        """Draw as soon as a thread is free; the same once."""
        with suppress(RuntimeError):  # the system has no thread left: that is met again if they are asked for
            for request in requests:
                self._future(request)

    def of(self, request: PreviewRequest) -> Drawing | Failure:
        """Return what came of a request, waiting for it.

        Raises
        ------
        RuntimeError
            If the system has no thread left.
        """
        return self._future(request).result()

    def give_up(self, *, wait: bool = False) -> None:
        """Begin nothing any more.

        Parameters
        ----------
        wait
            True to wait for what is being drawn: afterwards nothing is written.
        """
        self._pool.shutdown(wait=wait, cancel_futures=True)

    def _future(self, request: PreviewRequest) -> Future[Drawing | Failure]:
        now = tuple(map(signature_of, request.sources))
        signatures, future = self._begun.get(request, ((), None))
        if future is None or signatures != now:
            future = self._pool.submit(self._draw, request, future)
            self._begun[request] = now, future
        return future

    def _draw(self, request: PreviewRequest, before: Future[Drawing | Failure] | None) -> Drawing | Failure:
        if before is not None:
            before.result()  # of two pictures of one name, the later one stays
        try:
            with owning(ExitCode.CREATE_PREVIEWS_ERROR):
                return self._renderers[request.kind].draw(request, self._directory)
        except CaldpError as error:
            return Failure(error.exit_code, error.message, error.advice, Step.PREVIEW)
