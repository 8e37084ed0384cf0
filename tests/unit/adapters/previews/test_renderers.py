"""The renderers keep the contract, and draw what they say."""

from pathlib import Path

import numpy as np
import pytest

from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
from caldp.app.ports.preview_renderer import PreviewRenderer
from caldp.domain.errors import PreviewError
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from tests.contracts.preview_renderer import PreviewRendererContract
from tests.support.sky import cos_segment, read_picture, starfield, stis_order, write_image, write_spectrum


def cut_off(path: Path) -> Path:
    """Take away the last third of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    return path


class TestImages(PreviewRendererContract):
    @pytest.fixture
    def renderer(self) -> PreviewRenderer:
        return ImagePreviewRenderer()

    @pytest.fixture
    def drawable(self, tmp_path: Path) -> PreviewRequest:
        return single_preview(write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": starfield(60, 80)}))

    @pytest.fixture
    def undrawable(self, tmp_path: Path) -> PreviewRequest:
        blank = np.full((60, 80), np.nan, np.float32)
        return single_preview(write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": blank}))

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> PreviewRequest:
        return single_preview(cut_off(write_image(tmp_path / "j8cb01u2q_flt.fits", {"SCI": starfield(60, 80)})))

    def test_sizes_are_those_of_the_image_and_of_the_thumbnail(
        self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path
    ) -> None:
        shapes = [read_picture(path).shape for path in renderer.draw(drawable, directory).files]
        assert shapes == [(60, 80), (96, 128)]

    def test_the_picture_is_not_mirrored_and_has_the_first_row_at_the_bottom(
        self, renderer: PreviewRenderer, tmp_path: Path, directory: Path
    ) -> None:
        sky = starfield(64, 64, stars=0)
        sky[2:6, 58:62] = 50
        drawing = renderer.draw(single_preview(write_image(tmp_path / "j_drz.fits", {"SCI": sky})), directory)
        bright = np.argwhere(read_picture(drawing.files[0]) > 250)
        assert bright.mean(axis=0) == pytest.approx([63 - 3.5, 59.5], abs=0.5)

    @pytest.mark.parametrize("gzipped", [False, True])
    def test_an_image_of_text_is_an_error(
        self, renderer: PreviewRenderer, tmp_path: Path, directory: Path, gzipped: bool
    ) -> None:
        path = tmp_path / ("j8cb01u2q_flt.fits.gz" if gzipped else "j8cb01u2q_flt.fits")
        path.write_text("this is no FITS file\n" * 1000)
        with pytest.raises(PreviewError, match="j8cb01u2q_flt"):
            renderer.draw(single_preview(path), directory)

    def test_a_mosaic_wider_than_a_jpeg_says_so(
        self, renderer: PreviewRenderer, tmp_path: Path, directory: Path
    ) -> None:
        path = write_image(tmp_path / "j_drz.fits", {"SCI": np.ones((2, 65_501), np.float32)})
        assert "65501 x 2 pixels" in renderer.draw(single_preview(path), directory).reason

    @pytest.mark.parametrize("size", [1e-38, 1e40])
    def test_numbers_of_unusual_sizes_are_an_image_like_any_other(
        self, renderer: PreviewRenderer, tmp_path: Path, directory: Path, size: float
    ) -> None:
        pictures = []
        for factor in (1.0, size):
            path = write_image(tmp_path / "j.fits", {"SCI": starfield(50, 50).astype(np.float64) * factor})
            pictures.append(read_picture(renderer.draw(single_preview(path), directory).files[0]).astype(int))
        assert np.abs(pictures[0] - pictures[1]).max() <= 3

    def test_extremes_of_floating_point_are_no_trouble(
        self, renderer: PreviewRenderer, tmp_path: Path, directory: Path
    ) -> None:
        sky = starfield(50, 50).astype(np.float64)
        sky[1, 1], sky[2, 2], sky[3, 3] = 1e300, -3e38, 3e38
        assert renderer.draw(single_preview(write_image(tmp_path / "j.fits", {"SCI": sky})), directory).files


class TestColourImages(PreviewRendererContract):
    @pytest.fixture
    def renderer(self) -> PreviewRenderer:
        return ImagePreviewRenderer()

    def request(self, tmp_path: Path, shapes: tuple[tuple[int, int], ...] = ((60, 80),) * 3) -> PreviewRequest:
        sources = [
            write_image(tmp_path / f"hst_{seed}_drc.fits", {"SCI": starfield(*shape, seed=seed)})
            for seed, shape in enumerate(shapes)
        ]
        return PreviewRequest(PreviewKind.COLOUR, tuple(sources), "hst_total_drc_color")

    @pytest.fixture
    def drawable(self, tmp_path: Path) -> PreviewRequest:
        return self.request(tmp_path)

    @pytest.fixture
    def undrawable(self, tmp_path: Path) -> PreviewRequest:
        return self.request(tmp_path, ((60, 80), (60, 81)))

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> PreviewRequest:
        request = self.request(tmp_path)
        cut_off(request.sources[1])
        return request

    def test_is_in_colour(self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path) -> None:
        shapes = [read_picture(path).shape for path in renderer.draw(drawable, directory).files]
        assert shapes == [(60, 80, 3), (96, 128, 3)]


class TestCosSpectra(PreviewRendererContract):
    @pytest.fixture
    def renderer(self) -> PreviewRenderer:
        return SpectrumPreviewRenderer()

    @pytest.fixture
    def drawable(self, tmp_path: Path) -> PreviewRequest:
        rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
        return single_preview(write_spectrum(tmp_path / "la8q99icq_x1d.fits", rows))

    @pytest.fixture
    def undrawable(self, tmp_path: Path) -> PreviewRequest:
        dark = cos_segment("FUVA", 1300, 1450)
        dark |= {name: 0 * dark[name] for name in ("FLUX", "NET")}
        return single_preview(write_spectrum(tmp_path / "la8q99icq_x1d.fits", [dark]))

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> PreviewRequest:
        rows = [cos_segment("FUVA", 1300, 1450)]
        return single_preview(cut_off(write_spectrum(tmp_path / "la8q99icq_x1d.fits", rows)))

    def test_sizes_are_the_archives(self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path) -> None:
        full, thumbnail, table = renderer.draw(drawable, directory).files
        assert (read_picture(full).shape, read_picture(thumbnail).shape) == ((1024, 1024, 3), (128, 128, 3))
        assert table.name == "la8q99icq_x1d_prev.fits"

    def test_an_image_under_the_name_of_a_spectrum_says_so(
        self, renderer: PreviewRenderer, tmp_path: Path, directory: Path
    ) -> None:
        path = write_image(tmp_path / "la8q99icq_x1d.fits", {"SCI": starfield(9, 9)}, primary={"INSTRUME": "COS"})
        assert "no table" in renderer.draw(single_preview(path), directory).reason


@pytest.mark.parametrize("name", ["j8cb01u2q_flt", "la8q99icq_x1d"])
def test_a_file_that_is_cut_off_is_called_so(tmp_path: Path, name: str) -> None:
    """It once spoke of an array that cannot be reshaped."""
    path = tmp_path / f"{name}.fits"
    if name.endswith("flt"):
        write_image(path, {"SCI": starfield(60, 80)})
    else:
        write_spectrum(path, [cos_segment("FUVA", 1300, 1450)])
    renderer = ImagePreviewRenderer() if name.endswith("flt") else SpectrumPreviewRenderer()
    with pytest.raises(PreviewError, match=rf"{name}\.fits: .* it is cut off, \d+ bytes are missing"):
        renderer.draw(single_preview(cut_off(path)), tmp_path)


class TestStisSpectra(PreviewRendererContract):
    @pytest.fixture
    def renderer(self) -> PreviewRenderer:
        return SpectrumPreviewRenderer()

    @pytest.fixture
    def drawable(self, tmp_path: Path) -> PreviewRequest:
        rows = [stis_order(90 - number, 1300 + 30 * number, 1340 + 30 * number, seed=number) for number in range(4)]
        return single_preview(write_spectrum(tmp_path / "obes03010_x1d.fits", rows, rows))

    @pytest.fixture
    def undrawable(self, tmp_path: Path) -> PreviewRequest:
        dark = stis_order(1, 1300, 1450)
        dark |= {name: 0 * dark[name] for name in ("FLUX", "NET")}
        return single_preview(write_spectrum(tmp_path / "obes03010_sx1.fits", [dark]))

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> PreviewRequest:
        return single_preview(cut_off(write_spectrum(tmp_path / "obes03010_sx1.fits", [stis_order(1, 1300, 1450)])))

    def test_there_is_no_table(self, renderer: PreviewRenderer, drawable: PreviewRequest, directory: Path) -> None:
        assert len(renderer.draw(drawable, directory).files) == 2
