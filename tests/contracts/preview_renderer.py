"""Contract of the port PreviewRenderer."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caldp.app.ports.preview_renderer import PreviewRenderer
from caldp.domain.errors import PreviewError
from caldp.domain.output.previews import PreviewRequest


class PreviewRendererContract:
    """Override the fixtures `renderer`, `drawable`, `undrawable` and `damaged`; the rest is the contract."""

    @pytest.fixture
    def renderer(self) -> PreviewRenderer:
        raise NotImplementedError

    @pytest.fixture
    def drawable(self, tmp_path: Path) -> PreviewRequest:
        """Something that can be drawn, in `tmp_path`."""
        raise NotImplementedError

    @pytest.fixture
    def undrawable(self, tmp_path: Path) -> PreviewRequest:
        """A whole file of the right kind that holds nothing to draw, in `tmp_path`."""
        raise NotImplementedError

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> PreviewRequest:
        """A file that cannot be read to its end, in `tmp_path`."""
        raise NotImplementedError

    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        path = tmp_path / "pre views"
        path.mkdir()
        return path

    def test_draws_full_size_and_thumbnail(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        drawing = renderer.draw(drawable, directory)
        assert [path.name for path in drawing.files[:2]] == [drawable.full_name, drawable.thumbnail_name]
        assert set(drawing.files) == set(directory.iterdir())
        assert all(path.stat().st_size > 0 for path in drawing.files)
        assert not drawing.reason

    def test_leaves_the_product_as_it_is(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in drawable.sources]
        renderer.draw(drawable, directory)
        assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in drawable.sources] == before

    def test_replaces_an_earlier_picture(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        first = {path.name: path.read_bytes() for path in renderer.draw(drawable, directory).files}
        (directory / drawable.full_name).write_bytes(b"old")
        again = {path.name: path.read_bytes() for path in renderer.draw(drawable, directory).files}
        assert again == first

    def test_several_threads_draw_at_once(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        directories = [directory / str(number) for number in range(4)]
        for each in directories:
            each.mkdir()
        with ThreadPoolExecutor(4) as pool:
            drawings = list(pool.map(lambda each: renderer.draw(drawable, each), directories))
        pictures = {drawing.files[0].read_bytes() for drawing in drawings if drawing.files[0].suffix == ".jpg"}
        assert len(pictures) <= 1
        assert all(len(drawing.files) >= 2 for drawing in drawings)

    def test_says_why_there_is_nothing_to_draw(
        self, renderer: PreviewRenderer, undrawable: PreviewRequest, directory: Path
    ) -> None:
        drawing = renderer.draw(undrawable, directory)
        assert drawing.files == ()
        assert undrawable.sources[0].name in drawing.reason
        assert drawing.reason.endswith(".")
        assert list(directory.iterdir()) == []

    def test_a_damaged_product_is_an_error(
        self, renderer: PreviewRenderer, damaged: PreviewRequest, directory: Path
    ) -> None:
        with pytest.raises(PreviewError, match=damaged.sources[0].name) as caught:
            renderer.draw(damaged, directory)
        assert caught.value.advice
        assert list(directory.iterdir()) == []

    def test_a_missing_product_is_an_error(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        drawable.sources[0].unlink()
        with pytest.raises(PreviewError, match=drawable.sources[0].name):
            renderer.draw(drawable, directory)

    def test_a_directory_that_cannot_be_written_is_an_error(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        with pytest.raises(PreviewError, match=drawable.sources[0].name):
            renderer.draw(drawable, directory / "missing")
