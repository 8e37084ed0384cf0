"""Pictures drawn beside other work."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from caldp.app.ports.preview_renderer import Drawing
from caldp.app.process.drawings import Drawings
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from tests.fakes.preview_renderer import FakeRenderer


class Bench:
    """A product, and a renderer that waits before its first picture if it is told to."""

    def __init__(self, root: Path) -> None:
        self.product = root / "j8cb01u2q_flt.fits"
        self.product.write_text("stars")
        self.request = single_preview(self.product)
        self.renderer = FakeRenderer(self._wait)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.drawings = Drawings(dict.fromkeys(PreviewKind, self.renderer), root, workers=2)

    def _wait(self, _request: PreviewRequest) -> None:
        self.may_go_on.wait(60)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_picture_is_drawn_once_while_its_product_stays_the_same(bench: Bench) -> None:
    bench.drawings.begin([bench.request])
    bench.drawings.begin([bench.request])
    assert isinstance(bench.drawings.of(bench.request), Drawing)
    assert bench.renderer.drawn == ["j8cb01u2q_flt.jpg"]


def test_of_a_product_that_was_written_again_the_later_picture_stays(bench: Bench) -> None:
    seen: list[str] = []
    pause = threading.Event()

    def slowly_at_first(_request: PreviewRequest) -> None:
        seen.append(bench.product.read_text())
        if len(seen) == 1:
            pause.wait(0.2)

    bench.renderer.trouble = slowly_at_first
    bench.drawings.begin([bench.request])
    while not seen:
        pause.wait(0.01)
    bench.product.write_text("other stars")
    bench.drawings.of(bench.request)
    assert seen == ["stars", "other stars"]


def test_renderers_get_ready_without_drawing(bench: Bench) -> None:
    bench.drawings.prepare([PreviewKind.IMAGE])
    bench.drawings.give_up(wait=True)
    assert (bench.renderer.prepared, bench.renderer.drawn) == (1, [])


def test_after_giving_up_with_a_wait_nothing_is_written(bench: Bench, tmp_path: Path) -> None:
    bench.may_go_on.clear()
    others = [tmp_path / f"j8cb01{number:02d}q_flt.fits" for number in range(9)]
    for path in others:
        path.write_text("stars")
    bench.drawings.begin(map(single_preview, others))
    threading.Timer(0.1, bench.may_go_on.set).start()
    bench.drawings.give_up(wait=True)
    there = sorted(tmp_path.iterdir())
    assert len(bench.renderer.drawn) <= 2
    threading.Event().wait(0.1)
    assert sorted(tmp_path.iterdir()) == there
    bench.drawings.begin([bench.request])  # nothing happens
    assert "j8cb01u2q_flt.jpg" not in bench.renderer.drawn
