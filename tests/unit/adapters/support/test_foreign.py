"""Errors that a library raises over a foreign file become ours; others pass."""

import errno
import struct
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.io.fits.verify import VerifyError

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.domain.errors import CaldpError, InvalidInput, PreviewError
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.output.previews import single_preview
from caldp.factories import make_renderers
from tests.support.sky import starfield, write_image


def ours(error: Exception) -> InvalidInput:
    return InvalidInput(f"x.fits cannot be read: {in_words(error)}.")


@pytest.mark.parametrize(
    "error", [VerifyError("odd"), ValueError(), struct.error("x"), RecursionError(), AttributeError("x"), OSError("x")]
)
def test_what_libraries_raise_becomes_ours(error: Exception) -> None:
    with pytest.raises(InvalidInput, match=r"^x\.fits cannot be read: \w") as caught, reading_foreign(ours):
        raise error
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        ImportError("No module named 'astropy'"),
        PreviewError("ours already"),
        KeyboardInterrupt(),
    ],
)
def test_what_the_file_has_no_part_in_passes(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, reading_foreign(ours):
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EACCES, "Permission denied"), "permission denied"),
        (KeyError("NAXIS1"), "it lacks NAXIS1"),
        (VerifyError("\nVerification reported errors:\nHDU 0:\n    Card 4 is bad.\n  Note"), "Card 4 is bad"),
        (ValueError(), "ValueError"),
    ],
)
def test_words(error: Exception, words: str) -> None:
    assert in_words(error).endswith(words)


def damage_card(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def test_a_card_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = write_image(tmp_path / "j8cb01u2q_raw.fits", {"SCI": starfield(20, 20)})
    fits.setval(path, "EXPTIME", value=7.25)
    damage_card(path, b"EXPTIME =                 7.25", b"EXPTIME =                 7.2u")
    facts = AstropyFits().facts(path)
    assert isinstance(facts, UnreadableFits)
    assert facts.reason == "its header card EXPTIME cannot be read"
    with pytest.raises(InvalidInput, match="EXPTIME"):
        AstropyFits().set_keywords(path, {"CSYS_VER": "x"})


def test_a_table_that_claims_more_than_memory_holds_is_damaged_and_no_lack_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "o3zx02070_x1d.fits"
    columns = [fits.Column(name, "1024D", array=np.ones((2, 1024))) for name in ("WAVELENGTH", "FLUX", "NET", "ERROR")]
    columns.append(fits.Column("NELEM", "I", array=np.array([1024, 1024], dtype=np.int16)))
    primary = fits.PrimaryHDU()
    primary.header["INSTRUME"] = "STIS"
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns)]).writeto(path)
    damage_card(path, b"NAXIS2  =                    2", b"NAXIS2  =             20000000")
    request = single_preview(path)
    with pytest.raises(CaldpError, match="cut off") as caught:
        make_renderers()[request.kind].draw(request, tmp_path)
    assert isinstance(caught.value, PreviewError)
