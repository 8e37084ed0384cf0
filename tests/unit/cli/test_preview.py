"""The command ``caldp preview``."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from caldp.cli.main import main
from caldp.domain.exit_codes import ExitCode
from tests.support.sky import read_picture, starfield, write_image


@pytest.fixture
def product(tmp_path: Path) -> Path:
    return write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": starfield(40, 50)})


def test_draws_into_the_output_directory(product: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", str(product), "--output", str(tmp_path / "pictures")]) == ExitCode.SUCCESS
    assert read_picture(tmp_path / "pictures" / "j8cb010b1_drz.jpg").shape == (40, 50)
    assert f"2 pictures in {tmp_path / 'pictures'}" in capsys.readouterr().err


def test_draws_into_the_current_directory_by_default(
    product: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["preview", str(product.parent)]) == ExitCode.SUCCESS
    assert sorted(path.name for path in Path().iterdir()) == ["j8cb010b1_drz.jpg", "j8cb010b1_drz_thumb.jpg"]


def test_a_file_without_data_is_named_and_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blank = write_image(tmp_path / "j8cb010b1_drz.fits", {"SCI": np.full((9, 9), np.nan, np.float32)})
    assert main(["preview", str(blank), "-o", str(tmp_path)]) == ExitCode.SUCCESS
    assert "j8cb010b1_drz.fits: no pixel has data." in capsys.readouterr().err


def test_a_damaged_file_is_status_28_and_the_others_are_drawn(
    product: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "j8cb01u2q_flt.fits").write_text("not FITS")
    assert main(["preview", str(tmp_path), "-o", str(tmp_path)]) == ExitCode.CREATE_PREVIEWS_ERROR
    assert (tmp_path / "j8cb010b1_drz.jpg").exists()
    shown = capsys.readouterr().err
    assert "j8cb01u2q_flt.fits: the preview could not be drawn: it is no FITS file." in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda packed: packed[: len(packed) // 2], "it is cut off"),
        (lambda packed: packed[:-4], "it is cut off"),
        (lambda packed: packed[:-8] + bytes(8), "CRC check failed"),
        (lambda packed: packed[:40] + bytes(40) + packed[80:], "it cannot be unpacked"),
    ],
    ids=["half", "no size", "wrong checksum", "zeros"],
)
def test_a_damaged_gzipped_file_is_status_28(
    spoil: Callable[[bytes], bytes], reason: str, product: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "j8cb010b1_drz.fits.gz"
    packed.write_bytes(spoil(gzip.compress(product.read_bytes())))
    assert main(["preview", str(packed), "-o", str(tmp_path)]) == ExitCode.CREATE_PREVIEWS_ERROR
    assert f"drz.fits.gz: the preview could not be drawn: {reason}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["--size", "5", "x.fits"]])
def test_a_wrong_command_line_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", *arguments]) == ExitCode.CMDLINE_ERROR
    assert capsys.readouterr().err.startswith("caldp: ")
