"""Pictures look as they looked when somebody last looked at them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from caldp.domain.output.previews import PreviewRequest
from tests.support import golden_pictures as golden


def similarity(one: Path, other: Path) -> float:
    """Compare two pictures by structure: 1 if they are the same."""
    pixels = []
    for path in (one, other):
        with Image.open(path) as picture:
            pixels.append(np.asarray(picture.convert("RGB")))
    compare: Any = structural_similarity
    return float(compare(*pixels, channel_axis=2))


@pytest.mark.parametrize("subject", golden.SUBJECTS, ids=lambda subject: subject.__name__)
def test_pictures_have_not_changed(subject: Callable[[Path], PreviewRequest], tmp_path: Path) -> None:
    if os.environ.get("CALDP_DRAW_GOLDEN"):
        golden.draw(subject, golden.DIRECTORY)
    for path in golden.draw(subject, tmp_path):
        assert similarity(path, golden.DIRECTORY / path.name) > 0.95, f"{path.name} looks different"


def test_every_golden_picture_has_a_subject(tmp_path: Path) -> None:
    drawn = {path.name for subject in golden.SUBJECTS for path in golden.draw(subject, tmp_path)}
    assert drawn == {path.name for path in golden.DIRECTORY.glob("*.[jp][pn]g")}
