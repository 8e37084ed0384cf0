"""Products of the archive as one side of a comparison: listed, and downloaded only if they are compared."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import caldp
from caldp.domain.comparison.agreement import Agreement
from caldp.domain.errors import ArchiveError, InputNotFound, UsageError
from tests.support.mast_server import Observation, mast_server


def product(value: float) -> bytes:
    written = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.full((3, 3), value), name="SCI")]).writeto(written)
    return written.getvalue()


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """Make a directory with two products."""
    (tmp_path / "ours").mkdir()
    for name, value in (("j8cb01u2q_flt.fits", 1.0), ("j8cb01u2q_drz.fits", 2.0)):
        (tmp_path / "ours" / name).write_bytes(product(value))
    return tmp_path / "ours"


def test_the_archives_products_are_compared_with_ours(ours: Path) -> None:
    files = {
        "j8cb01u2q_flt.fits": product(1.0), "j8cb01u2q_drz.fits": product(2.5), "j8cb01u2q_spt.fits": product(0),
        "j8cb01u2q_jit.jpg": b"picture",
    }  # fmt: skip
    with mast_server([Observation("j8cb01u2q", files)]) as server:
        found = caldp.diff("astroquery:", ours, "j8cb01u2q", environment={"CALDP_MAST_SERVER": server.url})
    (dataset,) = found.datasets
    assert {one.name: one.agreement for one in dataset.products} == {
        "j8cb01u2q_drz.fits": Agreement.DIFFERENT, "j8cb01u2q_flt.fits": Agreement.EXACT,
    }  # fmt: skip
    assert (dataset.others, found.only_a, found.only_b) == ((), (), ())


def test_a_product_that_the_archive_lacks_is_named(ours: Path) -> None:
    with mast_server([Observation("j8cb01u2q", {"j8cb01u2q_flt.fits": product(1.0)})]) as server:
        found = caldp.diff(ours, "astroquery:", "j8cb01u2q", environment={"CALDP_MAST_SERVER": server.url})
    assert [(one.name, one.reason) for one in found.datasets[0].products if one.reason] == [
        ("j8cb01u2q_drz.fits", "in A only")
    ]


def test_what_the_archive_does_not_have_is_said(ours: Path) -> None:
    with mast_server([]) as server, pytest.raises(InputNotFound, match="MAST has no product of j8cb01u2q"):
        caldp.diff(ours, "astroquery:", "j8cb01u2q", environment={"CALDP_MAST_SERVER": server.url})
    with pytest.raises(UsageError, match="holds very many datasets"):
        caldp.diff(ours, "astroquery:")


def test_an_archive_that_cannot_be_reached_is_no_traceback(ours: Path) -> None:
    with pytest.raises(ArchiveError):
        caldp.diff(
            ours,
            "astroquery:",
            "j8cb01u2q",
            environment={"CALDP_MAST_SERVER": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"},
        )
