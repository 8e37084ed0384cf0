"""Renderers are guests in somebody else's process: they load late, and leave everything as they found it."""

import json
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest

from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
from caldp.domain.output.previews import single_preview
from tests.support.sky import cos_segment, starfield, write_image, write_spectrum

HEAVY = {"PIL", "astropy", "matplotlib", "numpy"}


def test_libraries_are_loaded_when_the_first_picture_is_drawn() -> None:
    script = """
import json, sys
from caldp.factories import make_renderers
make_renderers()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(json.loads(done.stdout))


def test_matplotlib_is_not_configured(tmp_path: Path) -> None:
    path = write_spectrum(tmp_path / "la8q99icq_x1d.fits", [cos_segment("FUVA", 1300, 1450)])
    script = f"""
import sys
from pathlib import Path
import matplotlib
before = matplotlib.rcParams.copy()  # to read them one by one would load pyplot
from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
from caldp.domain.output.previews import single_preview
path = Path({str(path)!r})
assert SpectrumPreviewRenderer().draw(single_preview(path), path.parent).files
assert matplotlib.rcParams.copy() == before
assert {{"matplotlib.pyplot", "matplotlib.axes", "matplotlib.figure"}}.isdisjoint(sys.modules)  # they load slowly
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_filters_of_warnings_are_left_alone(tmp_path: Path) -> None:
    image = single_preview(write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": starfield(40, 40)}))
    spectrum = single_preview(write_spectrum(tmp_path / "la8q99icq_x1d.fits", [cos_segment("FUVA", 1300, 1450)]))
    before = list(warnings.filters)
    threads = [
        threading.Thread(target=renderer.draw, args=(request, tmp_path))
        for renderer, request in ((ImagePreviewRenderer(), image), (SpectrumPreviewRenderer(), spectrum)) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


@pytest.mark.parametrize("keyword", ["GOODMIN", "GOODMAX"])
def test_odd_headers_do_no_harm(tmp_path: Path, keyword: str) -> None:
    path = write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": starfield(40, 40)}, **{keyword: "unknown"})
    assert ImagePreviewRenderer().draw(single_preview(path), tmp_path).files


def test_a_remark_of_matplotlib_is_not_written_to_standard_error() -> None:
    code = (
        "import logging, caldp.adapters.previews.sheet\n"
        "logging.getLogger('matplotlib.font_manager').warning('building the font cache')\n"
        "logging.getLogger('another').warning('heard')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "heard\n"
