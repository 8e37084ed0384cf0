"""Previews of any files and directories."""

from pathlib import Path

import pytest

from caldp.app.preview.preview_files import preview_files
from caldp.app.process.flow import PreviewSet
from caldp.domain.errors import CaldpError, UsageError
from caldp.domain.output.previews import PreviewKind
from tests.fakes.preview_renderer import FakeRenderer


class _Bench:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.renderer = FakeRenderer()

    def add(self, *names: str) -> list[Path]:
        paths = [self.root / name for name in names]
        for path in paths:
            path.parent.mkdir(exist_ok=True)
            path.write_text("stars")
        return paths

    def draw(self, *paths: Path, output: str = "pictures") -> PreviewSet:
        renderers = dict.fromkeys(PreviewKind, self.renderer)
        return preview_files(paths, self.root / output, renderers, 1, lambda _event: None)


@pytest.fixture
def bench(tmp_path: Path) -> _Bench:
    return _Bench(tmp_path)


def test_of_a_directory_the_products_are_drawn_that_the_pipeline_would_draw(bench: _Bench) -> None:
    bench.add("run/j8cb010b1_drz.fits", "run/j8cb010b0_asn.fits", "run/notes.txt")
    (bench.root / "run" / "older").mkdir()
    bench.draw(bench.root / "run")
    assert bench.renderer.drawn == ["j8cb010b1_drz.jpg"]


def test_a_file_is_drawn_whatever_its_name(bench: _Bench) -> None:
    bench.draw(*bench.add("my_star.fits", "obes03010_flt.fits"))
    assert bench.renderer.drawn == ["my_star.jpg", "obes03010_flt.jpg"]


def test_files_of_one_visit_get_a_colour_picture_too(bench: _Bench) -> None:
    names = (f"hst_10265_01_acs_wfc_{name}_j92c01_drc.fits" for name in ("f435w", "f814w"))
    bench.draw(*bench.add(*names))
    assert bench.renderer.drawn[-1] == "hst_10265_01_acs_wfc_total_j92c01_drc_color.jpg"


def test_a_file_that_is_named_twice_is_drawn_once(bench: _Bench) -> None:
    (path,) = bench.add("run/j8cb010b1_drz.fits")
    bench.draw(path, path.parent, path.parent / ".." / "run")
    assert bench.renderer.drawn == ["j8cb010b1_drz.jpg"]


def test_two_links_to_one_file_are_two_products(bench: _Bench) -> None:
    (path,) = bench.add("run/j8cb010b1_drz.fits")
    link = path.with_name("mine.fits")
    link.symlink_to(path.name)
    bench.draw(path, link)
    assert bench.renderer.drawn == ["j8cb010b1_drz.jpg", "mine.jpg"]


def test_the_output_directory_is_made(bench: _Bench) -> None:
    previews = bench.draw(*bench.add("j8cb010b1_drz.fits"), output="a/b")
    assert {path.parent for path in previews.files} == {bench.root / "a" / "b"}


def test_an_output_that_is_a_file_is_an_error_of_ours(bench: _Bench) -> None:
    (path,) = bench.add("j8cb010b1_drz.fits")
    with pytest.raises(CaldpError, match="File exists"):
        bench.draw(path, output=path.name)


def test_a_path_that_is_not_there_is_a_usage_error(bench: _Bench) -> None:
    with pytest.raises(UsageError, match="nowhere' does not exist"):
        bench.draw(bench.root / "nowhere")


def test_a_directory_without_products_is_a_usage_error(bench: _Bench) -> None:
    bench.add("run/notes.txt")
    with pytest.raises(UsageError, match="no product that gets a preview") as caught:
        bench.draw(bench.root / "run")
    assert "x1dsum" in caught.value.advice


def test_two_products_of_one_name_are_refused_before_anything_is_drawn(bench: _Bench) -> None:
    bench.add("old/j8cb010b1_drz.fits", "new/j8cb010b1_drz.fits")
    with pytest.raises(UsageError, match=r"j8cb010b1_drz\.jpg"):
        bench.draw(bench.root / "old", bench.root / "new")
    assert bench.renderer.drawn == []
