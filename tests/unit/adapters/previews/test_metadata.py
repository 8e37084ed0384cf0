"""Words of pictures: comments as fitscut writes them, XMP, alternative text."""

import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from astropy.wcs import WCS
from PIL import Image

from caldp.adapters.previews.image import ImagePreviewRenderer
from caldp.adapters.previews.image.sky_map import SkyMap
from caldp.adapters.previews.metadata import Caption, xmp
from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
from caldp.domain.output.previews import PreviewKind, PreviewRequest, single_preview
from tests.support.sky import cos_segment, read_picture, starfield, write_image, write_spectrum

TURN, SCALE = math.radians(30), 1.4e-5
MATRIX = {
    "CD1_1": -SCALE * math.cos(TURN), "CD1_2": SCALE * math.sin(TURN),
    "CD2_1": SCALE * math.sin(TURN), "CD2_2": SCALE * math.cos(TURN),
}  # fmt: skip
PLACE: dict[str, Any] = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRPIX1": 30.5, "CRPIX2": 20.0, "CRVAL1": 150.1, "CRVAL2": 2.25,
    "RADESYS": "ICRS", **MATRIX,
}  # fmt: skip
WHOSE = {"TARGNAME": "A & <B>", "INSTRUME": "ACS", "DETECTOR": "WFC", "FILTER1": "CLEAR1L", "FILTER2": "F814W"}
NAMES = {"avm": "http://www.communicatingastronomy.org/avm/1.0/", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, ...]:
    path = write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": starfield(256, 384)}, primary=WHOSE, **PLACE)
    return ImagePreviewRenderer().draw(single_preview(path), tmp_path).files


def comment_of(picture: Path) -> list[str]:
    with Image.open(picture) as image:
        return bytes(image.info["comment"]).decode("ascii").splitlines()


def xmp_of(picture: Path) -> ET.Element:
    with Image.open(picture) as image:
        packet = image.info["xmp"] if picture.suffix == ".jpg" else image.info["XML:com.adobe.xmp"].encode()
    return ET.fromstring(re.sub(rb"<\?.*?\?>", b"", packet, flags=re.DOTALL))


def tag_of(packet: ET.Element, name: str) -> Any:
    element = packet.find(f".//avm:{name}", NAMES)
    assert element is not None, name
    return [item.text for item in element.iterfind(".//rdf:li", NAMES)] or element.text


def test_the_comment_begins_as_fitscuts_does(pictures: tuple[Path, ...]) -> None:
    """spacetelescope/fitscut, output_graphic.c: jpg_add_header_info."""
    lines = comment_of(pictures[0])
    assert lines[:4] == ["CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", "CRPIX1  = 30.5", "CRPIX2  = 20"]
    assert [line.partition(" ")[0] for line in lines[4:10]] == ["CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2"]
    assert float(lines[6].partition("=")[2]) == pytest.approx(MATRIX["CD1_1"], rel=1e-14)
    assert lines[10].startswith("COMMENT Created by caldp ")


def test_the_comment_says_what_is_shown_and_how(pictures: tuple[Path, ...]) -> None:
    text = "\n".join(comment_of(pictures[0]))
    for wanted in ("Source: j8cb010b1_drz.fits", "Target: A & <B>", "Filter: F814W", "Limits: ", "Picture in grey"):
        assert wanted in text
    assert "North is 330 degrees" in text


def test_the_place_of_a_thumbnail_is_that_of_its_pixels(pictures: tuple[Path, ...]) -> None:
    skies = [WCS({name: read(value) for name, value in cards(picture)}) for picture in pictures]
    sizes = [read_picture(picture).shape[::-1] for picture in pictures]
    for corner in ((0.5, 0.5), (1.0, 1.0)):
        places = [sky.wcs_pix2world([[part * side + 0.5 for part, side in zip(corner, size, strict=True)]], 1)
                  for sky, size in zip(skies, sizes, strict=True)]  # fmt: skip
        assert places[0] == pytest.approx(places[1], abs=2 * SCALE)  # its last row stands for one pixel and not three


def cards(picture: Path) -> list[tuple[str, str]]:
    return [(line[:8].strip(), line[10:]) for line in comment_of(picture)[:10]]


def read(value: str) -> str | float:
    return value.strip("'") if value.startswith("'") else float(value)


def test_tags_of_avm_give_the_same_place(pictures: tuple[Path, ...]) -> None:
    packet = xmp_of(pictures[0])
    scale, turn = [float(value) for value in tag_of(packet, "Spatial.Scale")], float(tag_of(packet, "Spatial.Rotation"))
    assert scale == pytest.approx([-SCALE, SCALE])
    turned = math.radians(turn)
    told = [
        [math.cos(turned) * scale[0], -math.sin(turned) * scale[1]],
        [math.sin(turned) * scale[0], math.cos(turned) * scale[1]],
    ]
    assert np.ravel(told) == pytest.approx([MATRIX[name] for name in ("CD1_1", "CD1_2", "CD2_1", "CD2_2")])
    assert tag_of(packet, "Spatial.ReferenceDimension") == ["384", "256"]
    assert tag_of(packet, "Spatial.CoordsystemProjection") == "TAN"
    assert tag_of(packet, "Subject.Name") == "A & <B>"
    assert len(tag_of(packet, "FL.WhiteLevel")) == 1


def test_north_and_east_are_where_they_are() -> None:
    sky_map = SkyMap.of(PLACE)
    assert sky_map is not None
    assert (sky_map.north % 360, sky_map.east % 360) == pytest.approx((330, 60))


@pytest.mark.parametrize(
    "change",
    [
        {"CRPIX1": None},
        {"CTYPE1": 5},
        {"CTYPE1": "WAVE", "CTYPE2": "ANGLE", "CRVAL1": 4300.0},  # an image of a spectrum, of STIS
        {"CD1_1": 0.0, "CD1_2": 0.0},
        {"CRVAL1": math.nan},
    ],
)
def test_a_header_without_a_place_has_none(change: dict[str, Any]) -> None:
    assert SkyMap.of({**PLACE, **change}) is None


def test_pictures_without_a_place_have_words_all_the_same(tmp_path: Path) -> None:
    sources = tuple(write_image(tmp_path / f"{seed}_drz.fits", {"SCI": starfield(40, 50, seed)}) for seed in (1, 2))
    files = ImagePreviewRenderer().draw(PreviewRequest(PreviewKind.COLOUR, sources, "both"), tmp_path).files
    assert comment_of(files[0])[0].startswith("Created by caldp")
    assert tag_of(xmp_of(files[0]), "Spectral.ColorAssignment") == ["Blue", "Red"]


def test_a_plot_has_an_alternative_text(tmp_path: Path) -> None:
    path = write_spectrum(tmp_path / "l_x1d.fits", [cos_segment("FUVA", 1300, 1450)], TARGNAME="A & <B>")
    for picture in SpectrumPreviewRenderer().draw(single_preview(path), tmp_path).files[:2]:
        with Image.open(picture) as image:
            assert image.info["Description"].startswith("Plot of the flux from 1308 to 1442 Angstrom of A & <B>")
            assert image.info["Source"] == "l_x1d.fits"
        assert "alt" not in tag_of(xmp_of(picture), "Title")


def test_control_characters_of_headers_do_not_spoil_the_words() -> None:
    caption = Caption("t", "d\x00\x1b[31m\n" + "x" * 9999, {"Target": "\x07é"}, {"Subject.Name": "\x00"})
    ET.fromstring(xmp(caption).replace("\ufeff", ""))
    assert all(line.isprintable() and line.isascii() and len(line) < 500 for line in caption.lines())
