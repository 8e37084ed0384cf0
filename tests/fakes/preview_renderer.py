"""A renderer that draws nothing that could be seen."""

from collections.abc import Callable
from pathlib import Path

from caldp.app.ports.preview_renderer import Drawing
from caldp.domain.errors import PreviewError
from caldp.domain.output.previews import PreviewRequest


class FakeRenderer:
    """Writes a line of text for each picture; implements the port PreviewRenderer.

    A product of no bytes cannot be read; one that reads ``nothing`` holds nothing to draw. `drawn` lists the names of
    the pictures in the order in which they were begun. To make it fail otherwise, give it `trouble`: it is called with
    the request before anything is done, and may raise::

        renderer = FakeRenderer()
        renderer.draw(single_preview(tmp_path / "j8cb010b1_drz.fits"), tmp_path)
        assert renderer.drawn == ["j8cb010b1_drz.jpg"]
    """

    def __init__(self, trouble: Callable[[PreviewRequest], None] = lambda _request: None) -> None:
        self.drawn: list[str] = []
        self.prepared = 0
        self.trouble = trouble

    def prepare(self) -> None:
        self.prepared += 1

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        self.trouble(request)
        self.drawn.append(request.full_name)
        names = ", ".join(path.name for path in request.sources)
        try:
            contents = [path.read_bytes() for path in request.sources]
            if b"nothing" in contents:
                return Drawing(reason=f"{names}: there is nothing in it.")
            if b"" in contents:
                raise PreviewError(f"{names}: it is empty.", advice="Fetch it again.")
            files = tuple(directory / name for name in (request.full_name, request.thumbnail_name))
            for path in files:
                path.write_text(f"a picture of {names}")
        except OSError as error:
            raise PreviewError(f"{names}: {error.strerror}.", advice="Look for it.") from error
        return Drawing(files)
