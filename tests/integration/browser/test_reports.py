"""Reports in a real browser: they ask for nothing, tell the files' own values, and keep nobody out."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from attrs import evolve
from PIL import Image

from caldp.cli.loopback import LoopbackServer
from caldp.cli.main import main
from caldp.cli.watch import Pages
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.record import Failure
from tests.conftest import BROWSER
from tests.support.browsing import Visit, visiting
from tests.support.sky import cos_segment, starfield, write_chips, write_image, write_spectrum
from tests.unit.cli.test_show import RECORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
IMAGE, CHIPS, SPECTRUM, FAILED = "j8cb010b0", "j8cb02010", "ldfd01010", "ldfd02010"
LOG = "\n".join(["calibrating", "2026-11-26T10:00:00Z WARN  look out", "done"])


def put(root: Path, name: str, **record: Any) -> Path:
    """Put a dataset into an output: its message, log and record; return its directory."""
    dataset = DatasetName.parse(name)
    home = root / "data" / ("acs" if name.startswith("j") else "cos") / name
    for directory in ("logs", "previews"):
        (home / directory).mkdir(parents=True)
    found = evolve(RECORD, dataset=dataset, **record)
    (home / "logs" / "record.json").write_text(found.to_json())
    (home / "logs" / "process.txt").write_text(LOG)
    message = root / "messages" / f"datasets-{'error' if found.status else 'processed'}" / name
    message.parent.mkdir(parents=True, exist_ok=True)
    message.touch()
    return home


def preview(home: Path, name: str, kind: str) -> None:
    for suffix, side in ((name, 300), (name.replace(".", "_thumb."), 64)):
        buffer = BytesIO()
        Image.fromarray((255 * starfield(side, side)).clip(0, 255).astype("u1")).save(buffer, kind)
        (home / "previews" / suffix).write_bytes(buffer.getvalue())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output with an image, two chips, a spectrum and a failure, and its pages in ``report``."""
    place = tmp_path_factory.mktemp("report")
    out = place / "out"
    home = put(out, IMAGE)
    scale = 1.1e-5
    keywords = {
        "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 0.001, "CRVAL2": -72.1, "CRPIX1": 300.0, "CRPIX2": 200.0,
        "CD1_1": -scale, "CD1_2": 0.3 * scale, "CD2_1": 0.3 * scale, "CD2_2": scale, "BUNIT": "ELECTRONS/S",
    }  # fmt: skip
    header = {"INSTRUME": "ACS", "DETECTOR": "WFC", "TARGNAME": HOSTILE, "EXPTIME": 100.0}
    write_image(home / f"{IMAGE}_drc.fits", {"SCI": starfield(500, 700)}, primary=header, **keywords)
    preview(home, f"{IMAGE}_drc.jpg", "JPEG")
    home = put(out, CHIPS)
    write_chips(home / f"{CHIPS}_flt.fits")
    preview(home, f"{CHIPS}_flt.jpg", "JPEG")
    home = put(out, SPECTRUM)
    rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
    write_spectrum(home / f"{SPECTRUM}_x1dsum.fits", rows, OPT_ELEM="G130M", CENWAVE=1291)
    preview(home, f"{SPECTRUM}_x1dsum.png", "PNG")
    failure = Failure(ExitCode.STAGE1_ERROR, HOSTILE, "Read the log.")
    put(out, FAILED, status=ExitCode.STAGE1_ERROR, failures=(failure,), products=(), references=())
    assert main(["report", str(out), "--pages", "-o", str(place / "report")]) == 0
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=BROWSER, args=options)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    with visiting(browser, viewport={"width": 1100, "height": 900}) as visit:
        yield visit
        assert visit.complaints == []


def said(page: Page, chart: Locator, x: float, y: float) -> str:
    """Point at a place of a chart, in parts of its width and height; return what is told."""
    drawing = chart.locator("svg[tabindex]")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    return chart.locator(".said").inner_text()


@pytest.mark.parametrize("name", ["index", IMAGE, CHIPS, SPECTRUM, FAILED])
def test_a_page_asks_for_nothing_fits_a_telephone_and_keeps_nobody_out(name: str, place: Path, visit: Visit) -> None:
    path = place / "report" / f"{name}.html"
    page = visit.open(path)
    assert visit.barriers() == []
    visit.keep(name)
    page.emulate_media(color_scheme="dark")
    assert visit.barriers() == []
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    visit.keep(f"{name}-dark-400")
    assert visit.asked == [path.as_uri()]


def test_a_target_called_script_is_text(place: Path, visit: Visit) -> None:
    page = visit.open(place / "report" / f"{IMAGE}.html")
    assert page.locator("dt:text-is('target') + dd").inner_text() == HOSTILE
    page = visit.open(place / "report" / f"{FAILED}.html")
    assert HOSTILE in page.locator("header").inner_text()
    assert "Next: Read the log." in page.locator("header").inner_text()


def test_the_pointer_tells_wavelength_and_flux_of_the_file(place: Path, visit: Visit) -> None:
    page = visit.open(place / "report" / f"{SPECTRUM}.html")
    with fits.open(place / f"out/data/cos/{SPECTRUM}/{SPECTRUM}_x1dsum.fits") as hdus:
        known = {
            f"{wavelength:.3f} Å, {flux:.4e}"
            for row in hdus[1].data
            for wavelength, flux in zip(row["WAVELENGTH"], row["FLUX"], strict=True)
        }
    charts = page.locator("[data-plot]")
    assert charts.count() == 2
    told = [said(page, charts.nth(number), x, 0.5) for number in (0, 1) for x in (0.1, 0.33, 0.6, 0.9)]
    assert len(set(told)) == 8
    for text in told:
        wavelength, flux, *unit = text.split(" ", 3)[0], *text.split(", ")[1].split(" ", 1)
        mantissa, exponent = flux.split("e")
        assert f"{wavelength} Å, {mantissa}e{int(exponent):+03d}" in known
        assert unit == ["erg s⁻¹ cm⁻² Å⁻¹"]


def test_a_spectrum_zooms_by_wheel_buttons_and_keys(place: Path, visit: Visit) -> None:
    page = visit.open(place / "report" / f"{SPECTRUM}.html")
    chart = page.locator("[data-plot]").first
    drawing, axis = chart.locator("svg"), chart.locator(".axis")
    whole = axis.inner_text()
    said(page, chart, 0.5, 0.5)
    page.mouse.wheel(0, -300)
    assert axis.inner_text() == whole, "a wheel scrolls the page"
    drawing.focus()
    said(page, chart, 0.3, 0.5)  # the middle is flagged: there the cursor would stay at the edge
    page.mouse.wheel(0, -300)
    page.wait_for_function("(text) => document.querySelector('.axis').innerText !== text", arg=whole)
    chart.get_by_role("button", name="Show all").click()
    assert axis.inner_text() == whole
    chart.get_by_role("button", name="Zoom in").click()
    half = [float(text.rstrip(" Å")) for text in chart.locator(".axis span").all_inner_texts()]
    ends = [float(text) for text in re.findall(r"[\d.]+", whole)]
    assert half[2] - half[0] == pytest.approx((ends[2] - ends[0]) / 2, abs=0.02)
    drawing.focus()
    before = chart.locator(".said").inner_text()
    drawing.press("ArrowRight")
    assert chart.locator(".said").inner_text() != before
    drawing.press("0")
    assert axis.inner_text() == whole


@pytest.mark.parametrize(
    ("name", "file"), [(IMAGE, "acs/j8cb010b0/j8cb010b0_drc.fits"), (CHIPS, "acs/j8cb02010/j8cb02010_flt.fits")]
)
def test_the_pointer_tells_value_and_place_in_the_sky_of_a_pixel(
    name: str, file: str, place: Path, visit: Visit
) -> None:
    page = visit.open(place / "report" / f"{name}.html")
    chart = page.locator("#pixels")
    told = [said(page, chart, x, y) for x, y in [(0.08, 0.02), (0.5, 0.45), (0.3, 0.8), (0.9, 0.4), (0.6, 0.97)]]
    chart.get_by_role("button", name="Zoom in").click()
    told += [said(page, chart, x, y) for x, y in [(0.1, 0.1), (0.51, 0.59), (0.3, 0.7), (0.88, 0.6), (0.7, 0.97)]]
    assert len(set(told)) == len(told)
    pattern = re.compile(
        r"(?:SCI,(?P<chip>\d) )?x (?P<x>\d+), y (?P<y>\d+): (?P<value>\S+) ELECTRONS(?:/S)?; "
        r"RA (?P<ra>\S+) Dec (?P<dec>\S+) \((?P<hours>\S+) (?P<degrees>\S+)\)"
    )
    with fits.open(place / "out" / "data" / file) as hdus:
        for text in told:
            match = pattern.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
            assert match, text
            chip = ("SCI", int(match["chip"] or 1))
            x, y = int(match["x"]), int(match["y"])
            assert float(match["value"]) == float(f"{hdus[chip].data[y - 1, x - 1]:.6g}")
            ra, dec = WCS(hdus[chip].header, hdus).all_pix2world([[x, y]], 1)[0]
            assert abs(float(match["ra"]) - ra % 360) < 0.6e-5 / np.cos(np.radians(dec))
            assert abs(float(match["dec"]) - dec) < 0.6e-5
            hours, minutes, seconds = map(float, match["hours"].split(":"))
            assert 15 * (hours + minutes / 60 + seconds / 3600) == pytest.approx(float(match["ra"]), abs=1.2e-5)
            degrees, minutes, seconds = map(float, match["degrees"].lstrip("+-").split(":"))
            assert degrees + minutes / 60 + seconds / 3600 == pytest.approx(abs(float(match["dec"])), abs=1e-5)


def test_a_list_is_sorted_and_filtered_and_keeps_that_when_it_is_renewed(place: Path, visit: Visit) -> None:
    page = visit.open(place / "report" / "index.html")
    rows = page.locator("#datasets tbody tr")

    def names() -> list[str]:
        return [row.locator("td").nth(1).inner_text() for row in rows.all() if row.is_visible()]

    assert names() == [IMAGE, CHIPS, SPECTRUM, FAILED]
    page.get_by_role("button", name="Size").click()
    assert names() == [FAILED, SPECTRUM, CHIPS, IMAGE]
    page.get_by_role("button", name="Size").click()
    assert names() == [IMAGE, CHIPS, SPECTRUM, FAILED]
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Size")
    page.get_by_label("State").select_option("error")
    assert names() == [FAILED]
    assert page.locator("#shown").inner_text() == "1 of 4 shown"
    page.get_by_label("State").select_option("any")
    page.get_by_label("Find").fill("J8CB")
    assert names() == [IMAGE, CHIPS]
    page.reload()
    assert names() == [IMAGE, CHIPS]
    assert page.get_by_label("Find").input_value() == "J8CB"
    page.get_by_role("link", name=IMAGE).click()
    page.wait_for_url(f"**/{IMAGE}.html")
    assert page.title() == f"{IMAGE}: processed"


def test_pages_are_whole_without_javascript(place: Path, browser: Browser) -> None:
    with visiting(browser, java_script_enabled=False, viewport={"width": 1100, "height": 900}) as visit:
        page = visit.open(place / "report" / "index.html")
        assert page.locator("#datasets tbody tr").count() == 4
        assert not page.get_by_label("Find").is_visible(), "no tool that does nothing"
        assert page.locator("th button").count() == 0
        page = visit.open(place / "report" / f"{SPECTRUM}.html")
        assert page.locator("polyline").first.is_visible()
        assert page.locator(".axis").first.inner_text().startswith("1157.")
        assert page.locator("button").count() == 0
        visit.keep("no-script")
        page = visit.open(place / "report" / f"{IMAGE}.html")
        assert page.locator("#pixels image").is_visible()


def test_a_live_list_keeps_the_choice_and_lets_nothing_out(
    place: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    with LoopbackServer(Pages("out", "", 1, "")) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        page = visit.page
        page.goto(server.address)
        page.get_by_label("Find").fill("ldfd")
        page.get_by_label("Find").blur()  # a page is not renewed under somebody who types
        for _ in range(2):  # renewed twice
            page.wait_for_event("load")
        page.wait_for_function("document.getElementById('shown').textContent === '2 of 4 shown'")
        assert page.get_by_label("Find").input_value() == "ldfd"
        page.get_by_role("link", name=SPECTRUM).click()
        page.wait_for_url(f"{server.address}{SPECTRUM}.html")
        asked = {address.partition("#")[0] for address in visit.asked}
        assert asked == {server.address, f"{server.address}{SPECTRUM}.html"}
        server.shutdown()
        thread.join()
