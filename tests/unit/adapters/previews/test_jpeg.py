"""JPEG files that are written strip by strip."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from caldp.adapters.previews.image.jpeg import STRIP_MULTIPLE, write_jpeg
from tests.support.sky import read_picture


def picture(height: int, width: int, depth: int) -> NDArray[np.uint8]:
    """Noise on a ramp: of what compression loses, nothing shows by chance."""
    noise = np.random.default_rng(1).integers(0, 60, (height, width, depth))
    return (noise + np.linspace(0, 190, width)[:, np.newaxis]).astype(np.uint8).squeeze()


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize("heights", [(256, 128, 384, 37), (128, 128), (1024, 1)])
def test_strips_show_what_the_whole_would(tmp_path: Path, depth: int, heights: tuple[int, ...]) -> None:
    assert all(height % STRIP_MULTIPLE == 0 for height in heights[:-1])
    whole = picture(sum(heights), 75, depth)
    write_jpeg(np.split(whole, np.cumsum(heights)[:-1]), len(whole), 75, tmp_path / "strips.jpg")
    at_once = BytesIO()
    Image.fromarray(whole[..., :3] if depth > 1 else whole).save(at_once, "JPEG", quality=75)
    assert np.array_equal(read_picture(tmp_path / "strips.jpg"), np.asarray(Image.open(at_once)))


def test_one_strip_is_pillows_own_file(tmp_path: Path) -> None:
    whole = picture(300, 75, 1)
    write_jpeg([whole[::-1]], 300, 75, tmp_path / "strip.jpg")
    at_once = BytesIO()
    Image.fromarray(whole[::-1]).save(at_once, "JPEG", quality=75)
    assert (tmp_path / "strip.jpg").read_bytes() == at_once.getvalue()


def test_a_picture_whose_strips_fail_does_not_appear(tmp_path: Path) -> None:
    def strips() -> Iterator[NDArray[np.uint8]]:
        yield picture(128, 75, 1)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write_jpeg(strips(), 256, 75, tmp_path / "half.jpg")
    assert list(tmp_path.iterdir()) == []
