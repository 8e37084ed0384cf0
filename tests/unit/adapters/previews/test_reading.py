"""Images of FITS files: ordinary ones are read without astropy, and all as astropy reads them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from caldp.adapters.previews.image.plain import plain_contents
from caldp.adapters.previews.image.reading import open_contents
from caldp.adapters.support.plain_fits import Unordinary
from tests.support.sky import starfield, write_image

FLAGS = np.arange(48, dtype=np.int16).reshape(6, 8)


def read_plainly(path: Path) -> Any:
    with path.open("rb", buffering=0) as file:
        return plain_contents(file)


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"])
def test_numbers_of_all_kinds_are_those_of_astropy(tmp_path: Path, kind: str) -> None:
    numbers = (np.arange(48).reshape(6, 8) * 5 - (100 if kind[0] in "if" else 0)).clip(-128, 127).astype(kind)
    path = write_image(tmp_path / "x.fits", {"SCI": numbers})
    assert read_plainly(path)
    with open_contents(path) as contents:
        assert np.array_equal(contents.images[0].rows(2, 5), numbers[2:5])


def test_what_is_said_of_the_images_is_what_astropy_says(tmp_path: Path) -> None:
    images: dict[str, NDArray[Any]] = {"SCI": starfield(6, 8), "DQ": FLAGS}
    path = write_image(tmp_path / "x.fits", images, images, primary={"DETECTOR": "UVIS"}, CCDCHIP=(2, 1), GOODMIN=-1.5)
    with fits.open(path, mode="append") as hdus:
        hdus.append(fits.BinTableHDU.from_columns([fits.Column("A", "PE()", array=[[1.0], [2.0, 3.0]])], name="tab"))
    primary, names, plain = read_plainly(path)
    with fits.open(path) as hdus:
        assert list(names) == [hdu.name for hdu in hdus]
        assert primary["DETECTOR"] == hdus[0].header["DETECTOR"]
        found = [(image.name, image.version, image.shape, image.header.get("CCDCHIP")) for image in plain]
        assert found == [(hdu.name, hdu.ver, hdu.shape, hdu.header.get("CCDCHIP")) for hdu in hdus[1:5]]
        assert plain[0].header["GOODMIN"] == hdus[1].header["GOODMIN"]


def test_of_a_cube_the_first_plane_is_read(tmp_path: Path) -> None:
    cube = np.stack([starfield(6, 8, seed=seed) for seed in (1, 2)])
    path = write_image(tmp_path / "x.fits", {"SCI": cube})
    assert read_plainly(path)
    with open_contents(path) as contents:
        assert np.array_equal(contents.images[0].rows(0, 6), cube[0])


def _rewrite(old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new.ljust(len(old)), 1))

    return change


def _scale(path: Path) -> None:
    with fits.open(path, mode="update") as hdus:
        hdus[1].scale("int16", bscale=0.5, bzero=3)


def _compress(path: Path) -> None:
    hdu = fits.CompImageHDU(fits.getdata(path, 1), name="SCI")
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path, overwrite=True)


UNORDINARY: dict[str, Callable[[Path], object]] = {
    "scaled": _scale,
    "compressed": _compress,
    "blank": _rewrite(b"GCOUNT  =                    1", b"BLANK   =                    5"),
    "said twice": _rewrite(b"PCOUNT  =                    0", b"NAXIS1  =                    8"),
    "an odd number": _rewrite(b"BITPIX  =                  -32", b"BITPIX  =                 -32."),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-2880]),
    "with something behind": lambda path: path.write_bytes(path.read_bytes() + b" " * 80),
    "text": lambda path: path.write_bytes(b"this is no FITS file\n" * 1000),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(28800)),
    "a header without end": lambda path: path.write_bytes(path.read_bytes()[:2880].replace(b"END", b"   ")),
    "no axis": _rewrite(b"NAXIS2  =                    6", b"NAXISX  =                    6"),
    "a negative axis": _rewrite(b"NAXIS2  =                    6", b"NAXIS2  =                   -6"),
    "a huge axis": _rewrite(b"NAXIS2  =                    6", b"NAXIS2  = 99999999999999999999"),
}


@pytest.mark.parametrize("change", UNORDINARY.values(), ids=UNORDINARY)
def test_all_else_is_left_to_astropy(tmp_path: Path, change: Callable[[Path], object]) -> None:
    path = write_image(tmp_path / "x.fits", {"SCI": starfield(6, 8)})
    assert read_plainly(path)
    change(path)
    with pytest.raises(Unordinary):
        read_plainly(path)


def test_a_file_that_shrinks_while_it_is_read_is_cut_off(tmp_path: Path) -> None:
    path = write_image(tmp_path / "x.fits", {"SCI": starfield(600, 8)})
    with open_contents(path) as contents:
        path.write_bytes(path.read_bytes()[:8640])
        with pytest.raises(OSError, match=r"cut off, \d+ bytes are missing"):
            contents.images[0].rows(0, 600)


def test_an_ordinary_image_is_drawn_without_astropy(tmp_path: Path) -> None:
    path = write_image(tmp_path / "j_flt.fits", {"SCI": starfield(60, 80), "DQ": np.zeros((60, 80), np.int16)})
    script = f"""
import sys
from pathlib import Path
from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.domain.output.previews import single_preview
path = Path({str(path)!r})
assert ImagePreviewRenderer().draw(single_preview(path), path.parent).files
assert "astropy" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
