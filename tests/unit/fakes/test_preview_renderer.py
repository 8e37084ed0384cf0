"""The fake of PreviewRenderer keeps the contract."""

from pathlib import Path

import pytest

from caldp.app.ports.preview_renderer import PreviewRenderer
from caldp.domain.output.previews import PreviewRequest, single_preview
from tests.contracts.preview_renderer import PreviewRendererContract
from tests.fakes.preview_renderer import FakeRenderer


def product(path: Path, content: bytes) -> PreviewRequest:
    path.write_bytes(content)
    return single_preview(path)


class TestFakeRenderer(PreviewRendererContract):
    @pytest.fixture
    def renderer(self) -> PreviewRenderer:
        return FakeRenderer()

    @pytest.fixture
    def drawable(self, tmp_path: Path) -> PreviewRequest:
        return product(tmp_path / "j8cb010b1_drz.fits", b"stars")

    @pytest.fixture
    def undrawable(self, tmp_path: Path) -> PreviewRequest:
        return product(tmp_path / "j8cb010b1_drz.fits", b"nothing")

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> PreviewRequest:
        return product(tmp_path / "j8cb010b1_drz.fits", b"")
