"""The preview step: all that is wanted is drawn, and what fails fails alone."""

import errno
import signal
import threading
from pathlib import Path

import pytest

from caldp.app.process.drawings import MOST_AT_ONCE, Drawings
from caldp.app.process.flow import PreviewSet, WorkDirectory
from caldp.app.process.steps.preview import draw_previews
from caldp.domain.errors import Stopped
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.previews import PreviewKind, PreviewRequest
from caldp.domain.run.events import Event, Note, Step
from caldp.domain.run.record import Failure
from tests.fakes.preview_renderer import FakeRenderer


class _Bench:
    """A work directory, a renderer for every kind, and what was told."""

    def __init__(self, root: Path) -> None:
        self.work = WorkDirectory(root)
        self.work.data.mkdir()
        self.work.previews.mkdir()
        self.renderer = FakeRenderer()
        self.told: list[Event] = []

    def add(self, *names: str, content: bytes = b"stars") -> None:
        for name in names:
            (self.work.data / name).write_bytes(content)

    def draw(self, dataset: str = "j8cb010b0", workers: int = 2) -> PreviewSet:
        renderers = dict.fromkeys(PreviewKind, self.renderer)
        drawings = Drawings(renderers, self.work.previews, workers)
        try:
            return draw_previews(DatasetName.parse(dataset), self.work, drawings, self.told.append)
        finally:
            drawings.give_up()


@pytest.fixture
def bench(tmp_path: Path) -> _Bench:
    return _Bench(tmp_path)


def test_every_wanted_product_is_drawn(bench: _Bench) -> None:
    bench.add("j8cb010b1_drz.fits", "j8cb01u2q_flt.fits", "j8cb010b0_asn.fits", "j8cb010b1.tra")
    previews = bench.draw()
    assert [path.name for path in previews.files] == [
        "j8cb010b1_drz.jpg",
        "j8cb010b1_drz_thumb.jpg",
        "j8cb01u2q_flt.jpg",
        "j8cb01u2q_flt_thumb.jpg",
    ]
    assert set(previews.files) == set(bench.work.previews.iterdir())
    assert (previews.notes, previews.failures) == ((), ())
    assert Note("drawn: j8cb01u2q_flt.jpg, j8cb01u2q_flt_thumb.jpg") in bench.told


def test_no_products_no_previews(bench: _Bench) -> None:
    assert bench.draw().files == ()


def test_a_file_without_data_is_named_and_is_no_error(bench: _Bench) -> None:
    bench.add("j8cb010b1_drz.fits", content=b"nothing")
    previews = bench.draw()
    assert previews == PreviewSet(notes=("j8cb010b1_drz.fits: there is nothing in it.",))
    assert bench.told == [Note("j8cb010b1_drz.fits: there is nothing in it.")]


def test_one_failure_does_not_cost_the_others(bench: _Bench) -> None:
    bench.add("j8cb010b1_drz.fits", "j8cb01u3q_flt.fits")
    bench.add("j8cb01u2q_flt.fits", content=b"")
    previews = bench.draw()
    assert len(previews.files) == 4
    assert previews.failures == (
        Failure(ExitCode.CREATE_PREVIEWS_ERROR, "j8cb01u2q_flt.fits: it is empty.", "Fetch it again.", Step.PREVIEW),
    )


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (MemoryError(), ExitCode.CALDP_MEMORY_ERROR),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), ExitCode.OS_MEMORY_ERROR),
        (RuntimeError("a bug"), ExitCode.CREATE_PREVIEWS_ERROR),
    ],
)
def test_a_failure_has_its_own_status(bench: _Bench, trouble: Exception, status: ExitCode) -> None:
    def fail(request: PreviewRequest) -> None:
        if "flt" in request.stem:
            raise trouble

    bench.renderer.trouble = fail
    bench.add("j8cb010b1_drz.fits", "j8cb01u2q_flt.fits")
    previews = bench.draw()
    assert len(previews.files) == 2
    assert [failure.status for failure in previews.failures] == [status]


def test_an_interrupt_ends_it(bench: _Bench) -> None:
    def interrupt(request: PreviewRequest) -> None:
        raise Stopped(signal.SIGINT)

    bench.renderer.trouble = interrupt
    bench.add("j8cb010b1_drz.fits")
    with pytest.raises(Stopped):
        bench.draw()


def test_pictures_are_drawn_at_the_same_time(bench: _Bench) -> None:
    meeting = threading.Barrier(2, timeout=20)

    def meet(request: PreviewRequest) -> None:
        meeting.wait()

    bench.renderer.trouble = meet
    bench.add("j8cb010b1_drz.fits", "j8cb01u2q_flt.fits")
    assert len(bench.draw(workers=2).files) == 4


def test_never_more_at_once_than_memory_allows(bench: _Bench) -> None:
    counting = threading.Lock()
    busy: set[str] = set()
    most = 0

    def count(request: PreviewRequest) -> None:
        nonlocal most
        with counting:
            busy.add(request.stem)
            most = max(most, len(busy))
        threading.Event().wait(0.02)
        with counting:
            busy.remove(request.stem)

    bench.renderer.trouble = count
    bench.add(*(f"j8cb01{number:02d}q_flt.fits" for number in range(20)))
    bench.draw(workers=64)
    assert 1 < most <= MOST_AT_ONCE


def test_colour_pictures_come_last(bench: _Bench) -> None:
    bench.add(*(f"hst_10265_01_acs_wfc_{name}_j92c01_drc.fits" for name in ("f435w", "f606w", "f814w")))
    bench.draw("acs_92c_01", workers=1)
    assert bench.renderer.drawn[-1] == "hst_10265_01_acs_wfc_total_j92c01_drc_color.jpg"
    assert len(bench.renderer.drawn) == 4


def test_exposures_that_a_visit_starts_from_are_not_drawn(bench: _Bench) -> None:
    bench.add("hst_10265_01_acs_wfc_f435w_j92c01_drc.fits", "j92c01b7q_flc.fits")
    bench.draw("acs_92c_01")
    assert bench.renderer.drawn == ["hst_10265_01_acs_wfc_f435w_j92c01_drc.jpg"]
